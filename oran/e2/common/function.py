"""What the descriptions of all RAN functions begin with (O-RAN E2SM 6.2.2.1)."""

from dataclasses import dataclass
from typing import Final

from oran.e2.per.field import optional, required
from oran.e2.per.scalar import Integer
from oran.e2.per.sequence import Sequence
from oran.e2.per.string import PrintableString

MAX_STYLES: Final = 63
"""maxnoofRICStyles: most styles of a RAN function."""

MAX_PARAMETERS: Final = 65_535
"""Most entries of the long lists of E2SM-KPM and E2SM-RC."""

NAME: Final = PrintableString(1, 150)
"""Name of a style, an action or a parameter."""

FORMAT: Final = Integer()
"""RIC-Style-Type and RIC-Format-Type: the number of a style or format, without bounds."""


@dataclass(frozen=True, slots=True)
class RanFunctionName:
    """Which service model a RAN function follows.

    Attributes:
        short_name: 1..150 characters; peers match on it exactly.
        oid: object identifier of the service model, dotted decimal.
        description: for people, 1..150 characters.
        instance: number, where a node has several of the same service model.
    """

    short_name: str
    oid: str
    description: str
    instance: int | None = None


RAN_FUNCTION_NAME: Final = Sequence(
    RanFunctionName,
    required("ranFunction-ShortName", "short_name", NAME),
    required("ranFunction-E2SM-OID", "oid", PrintableString(1, 1000)),
    required("ranFunction-Description", "description", NAME),
    optional("ranFunction-Instance", "instance", Integer()),
)


@dataclass(frozen=True, slots=True)
class EventTriggerStyle:
    """A style of event triggers: its number, its name, and the format it uses."""

    type: int
    name: str
    format: int


EVENT_TRIGGER_STYLE: Final = Sequence(
    EventTriggerStyle,
    required("ric-EventTriggerStyle-Type", "type", FORMAT),
    required("ric-EventTriggerStyle-Name", "name", NAME),
    required("ric-EventTriggerFormat-Type", "format", FORMAT),
)
