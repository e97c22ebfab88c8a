"""Control header, message and outcome, format 1 each (O-RAN E2SM-RC 9.2.1.6 to 9.2.1.8)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from oran.e2.common.function import FORMAT
from oran.e2.common.ueid import UEID, UeId
from oran.e2.per.choice import Alternative, Choice, UnknownAlternative
from oran.e2.per.field import optional, required
from oran.e2.per.list import SequenceOf
from oran.e2.per.scalar import Bounded, Enumerated
from oran.e2.per.sequence import Sequence, Single
from oran.e2.per.type import Payload
from oran.e2.rc.fast import FAST_PARAMETERS
from oran.e2.rc.parameter import PARAMETER_ID, VALUE, Parameter, Value

MAX_OUTCOMES: Final = 255
"""maxnoofRANOutcomeParameters."""

ACTION_ID: Final = Bounded(1, 65535, extensible=True)


class Decision(StrEnum):
    """Answer to an insert."""

    ACCEPT = "accept"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class ControlHeader:
    """Format 1: which action.

    Attributes:
        ue: the UE; for an action on slices, a gNB UEID of zeros, as the field is mandatory.
        style: control style of the RAN function; 2 is radio resource allocation.
        action: its action, from 1 on; style 2 action 6 is the PRB quota of slices.
        decision: answer to an insert.
    """

    ue: UeId
    style: int
    action: int
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class ControlMessage:
    """Format 1: the action's parameters, none or more."""

    parameters: tuple[Parameter, ...]


@dataclass(frozen=True, slots=True)
class OutcomeParameter:
    """A value that the action gives back, and its parameter id."""

    id: int
    value: Value


@dataclass(frozen=True, slots=True)
class ControlOutcome:
    """Format 1: what the action gives back, 0..255 values."""

    parameters: tuple[OutcomeParameter, ...]


HEADER_FORMAT1: Final = Sequence(
    ControlHeader,
    required("ueID", "ue", UEID),
    required("ric-Style-Type", "style", FORMAT),
    required("ric-ControlAction-ID", "action", ACTION_ID),
    optional("ric-ControlDecision", "decision", Enumerated(Decision)),
)
_HEADERS: Final[Choice[ControlHeader | UnknownAlternative]] = Choice(
    Alternative("controlHeader-Format1", ControlHeader, HEADER_FORMAT1)
)
_MESSAGES: Final[Choice[ControlMessage | UnknownAlternative]] = Choice(
    Alternative(
        "controlMessage-Format1",
        ControlMessage,
        Sequence(ControlMessage, required("ranP-List", "parameters", FAST_PARAMETERS)),
    )
)
_OUTCOMES: Final[Choice[ControlOutcome | UnknownAlternative]] = Choice(
    Alternative(
        "controlOutcome-Format1",
        ControlOutcome,
        Sequence(
            ControlOutcome,
            required(
                "ranP-List",
                "parameters",
                SequenceOf(
                    Sequence(
                        OutcomeParameter,
                        required("ranParameter-ID", "id", PARAMETER_ID),
                        required("ranParameter-value", "value", VALUE),
                    ),
                    0,
                    MAX_OUTCOMES,
                ),
            ),
        ),
    )
)
CONTROL_HEADER: Final = Payload(
    "E2SM-RC-ControlHeader", Single("ric-controlHeader-formats", _HEADERS)
)
CONTROL_MESSAGE: Final = Payload(
    "E2SM-RC-ControlMessage", Single("ric-controlMessage-formats", _MESSAGES)
)
CONTROL_OUTCOME: Final = Payload(
    "E2SM-RC-ControlOutcome", Single("ric-controlOutcome-formats", _OUTCOMES)
)
