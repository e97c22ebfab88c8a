"""Event trigger, action definition and indication of the report service (O-RAN E2SM-RC 9.2.1).

Of the many formats, those that public E2 nodes send: event trigger format 2 (call process
breakpoints) without its conditions, action definition format 1 (the parameters to report),
indication header format 1, and indication message formats 1 and 2.
"""

from dataclasses import dataclass
from typing import Final

from oran.e2.common.function import FORMAT, MAX_PARAMETERS
from oran.e2.common.ueid import UEID, UeId
from oran.e2.per.choice import Alternative, Choice, UnknownAlternative, Unsupported
from oran.e2.per.field import optional, required
from oran.e2.per.list import SequenceOf
from oran.e2.per.scalar import Bounded
from oran.e2.per.sequence import Sequence, Single
from oran.e2.per.type import Payload
from oran.e2.rc.parameter import PARAMETER, PARAMETER_ID, Parameter

_NUMBER: Final = Bounded(1, 65535, extensible=True)


@dataclass(frozen=True, slots=True)
class CallProcessTrigger:
    """Format 2: a call process reaches a breakpoint.

    Attributes:
        call_process_type: its number, from 1 on.
        breakpoint: its number, from 1 on.
        node_conditions, ue_conditions: always None; a trigger that has them is refused.
    """

    call_process_type: int
    breakpoint: int
    node_conditions: None = None
    ue_conditions: None = None


@dataclass(frozen=True, slots=True)
class ReportAction:
    """Format 1: report these parameters, by their ids, one or more; and the report style."""

    style: int
    parameters: tuple[int, ...] | UnknownAlternative


@dataclass(frozen=True, slots=True)
class ReportHeader:
    """Format 1: which condition of the event trigger was met, from 1 on."""

    condition: int | None = None


@dataclass(frozen=True, slots=True)
class ParameterReport:
    """Format 1: values of parameters, one or more."""

    parameters: tuple[Parameter, ...]


@dataclass(frozen=True, slots=True)
class UeParameters:
    """Values of a UE's parameters, one or more."""

    ue: UeId
    parameters: tuple[Parameter, ...]


@dataclass(frozen=True, slots=True)
class UeParameterReport:
    """Format 2: values of the parameters of UEs, one or more."""

    ues: tuple[UeParameters, ...]


def _unsupported(prefix: str, *numbers: int) -> tuple[Alternative, ...]:
    names = [f"{prefix}-Format{n}" for n in numbers]
    return tuple(Alternative(name, name, Unsupported(name)) for name in names)


_NODE: Final = Unsupported("a condition on the node")
_UES: Final = Unsupported("a condition on UEs")
_TRIGGERS: Final[Choice[CallProcessTrigger | UnknownAlternative]] = Choice(
    *_unsupported("eventTrigger", 1),
    Alternative(
        "eventTrigger-Format2",
        CallProcessTrigger,
        Sequence(
            CallProcessTrigger,
            required("ric-callProcessType-ID", "call_process_type", _NUMBER),
            required("ric-callProcessBreakpoint-ID", "breakpoint", _NUMBER),
            optional("associatedE2NodeInfo", "node_conditions", _NODE),
            optional("associatedUEInfo", "ue_conditions", _UES),
        ),
    ),
    *_unsupported("eventTrigger", 3, 4, 5),
)
_ACTIONS: Final[Choice[tuple[int, ...] | UnknownAlternative]] = Choice(
    Alternative(
        "actionDefinition-Format1",
        tuple,
        Single(
            "ranP-ToBeReported-List",
            SequenceOf(Single("ranParameter-ID", PARAMETER_ID), 1, MAX_PARAMETERS),
        ),
    ),
    *_unsupported("actionDefinition", 2, 3, 4),
)
_HEADERS: Final[Choice[ReportHeader | UnknownAlternative]] = Choice(
    Alternative(
        "indicationHeader-Format1",
        ReportHeader,
        Sequence(ReportHeader, optional("ric-eventTriggerCondition-ID", "condition", _NUMBER)),
    ),
    *_unsupported("indicationHeader", 2),
)
_PARAMETERS: Final = required("ranP-List", "parameters", SequenceOf(PARAMETER, 1, MAX_PARAMETERS))
_UE: Final = Sequence(UeParameters, required("ueID", "ue", UEID), _PARAMETERS)
_MESSAGES: Final[Choice[ParameterReport | UeParameterReport | UnknownAlternative]] = Choice(
    Alternative(
        "indicationMessage-Format1",
        ParameterReport,
        Sequence(
            ParameterReport,
            required("ranP-Reported-List", "parameters", SequenceOf(PARAMETER, 1, MAX_PARAMETERS)),
        ),
    ),
    Alternative(
        "indicationMessage-Format2",
        UeParameterReport,
        Sequence(
            UeParameterReport,
            required("ueParameter-List", "ues", SequenceOf(_UE, 1, MAX_PARAMETERS)),
        ),
    ),
    *_unsupported("indicationMessage", 3, 4, 5),
)

EVENT_TRIGGER: Final = Payload(
    "E2SM-RC-EventTrigger", Single("ric-eventTrigger-formats", _TRIGGERS)
)
ACTION_DEFINITION: Final = Payload(
    "E2SM-RC-ActionDefinition",
    Sequence(
        ReportAction,
        required("ric-Style-Type", "style", FORMAT),
        required("ric-actionDefinition-formats", "parameters", _ACTIONS),
    ),
)
INDICATION_HEADER: Final = Payload(
    "E2SM-RC-IndicationHeader", Single("ric-indicationHeader-formats", _HEADERS)
)
INDICATION_MESSAGE: Final = Payload(
    "E2SM-RC-IndicationMessage", Single("ric-indicationMessage-formats", _MESSAGES)
)
