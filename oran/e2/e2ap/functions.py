"""RAN functions as they are offered, accepted and refused (O-RAN E2AP 9.2.23 to 9.2.25)."""

from dataclasses import dataclass
from typing import Final

from oran.e2.e2ap.cause import CAUSE, Cause, Criticality
from oran.e2.e2ap.container import Container
from oran.e2.per.field import required
from oran.e2.per.list import SequenceOf
from oran.e2.per.scalar import Bounded
from oran.e2.per.sequence import Sequence
from oran.e2.per.string import OctetString, PrintableString

MAX_RAN_FUNCTIONS: Final = 256
"""maxofRANfunctionID: most RAN functions of one message."""

RAN_FUNCTION_ID: Final = Bounded(0, 4095)
RAN_FUNCTION_REVISION: Final = Bounded(0, 4095)


@dataclass(frozen=True, slots=True)
class RanFunction:
    """A RAN function that a node offers.

    Attributes:
        id: 0..4095.
        definition: what the function can do, encoded by its service model.
        revision: 0..4095.
        oid: object identifier of its service model, dotted decimal.
    """

    id: int
    definition: bytes
    revision: int
    oid: str


@dataclass(frozen=True, slots=True)
class RanFunctionRevision:
    """A RAN function by its id and revision, both 0..4095."""

    id: int
    revision: int


@dataclass(frozen=True, slots=True)
class RanFunctionRejected:
    """A RAN function by its id, 0..4095, and why it was refused."""

    id: int
    cause: Cause


# FlexRIC aborts unless this item is `reject`, where the specification says `ignore`.
RAN_FUNCTIONS: Final = SequenceOf(
    Container(
        8,
        Sequence(
            RanFunction,
            required("ranFunctionID", "id", RAN_FUNCTION_ID),
            required("ranFunctionDefinition", "definition", OctetString()),
            required("ranFunctionRevision", "revision", RAN_FUNCTION_REVISION),
            required("ranFunctionOID", "oid", PrintableString(1, 1000)),
        ),
        Criticality.REJECT,
    ),
    1,
    MAX_RAN_FUNCTIONS,
)
RAN_FUNCTION_IDS: Final = SequenceOf(
    Container(
        6,
        Sequence(
            RanFunctionRevision,
            required("ranFunctionID", "id", RAN_FUNCTION_ID),
            required("ranFunctionRevision", "revision", RAN_FUNCTION_REVISION),
        ),
    ),
    1,
    MAX_RAN_FUNCTIONS,
)
RAN_FUNCTIONS_REJECTED: Final = SequenceOf(
    Container(
        7,
        Sequence(
            RanFunctionRejected,
            required("ranFunctionID", "id", RAN_FUNCTION_ID),
            required("cause", "cause", CAUSE),
        ),
    ),
    1,
    MAX_RAN_FUNCTIONS,
)
