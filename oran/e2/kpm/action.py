"""What a subscription asks for: event trigger and action (O-RAN E2SM-KPM 8.2.1.1, 8.2.1.2)."""

from dataclasses import dataclass
from typing import Final, TypeAlias

from oran.e2.common.cell import CGI, Cgi
from oran.e2.common.function import FORMAT
from oran.e2.common.ueid import UEID, UeId
from oran.e2.kpm.condition import (
    CONDITIONAL_MEASUREMENTS,
    MAX_UES,
    UE_CONDITIONS,
    ConditionalMeasurement,
    UeCondition,
)
from oran.e2.kpm.measurement import (
    DISTRIBUTIONS,
    GRANULARITY,
    MEASUREMENTS,
    Distribution,
    Measurement,
)
from oran.e2.per.choice import Alternative, Choice, UnknownAlternative
from oran.e2.per.field import optional, required
from oran.e2.per.list import SequenceOf
from oran.e2.per.scalar import Bounded
from oran.e2.per.sequence import Sequence, Single
from oran.e2.per.type import Payload


@dataclass(frozen=True, slots=True)
class EventTrigger:
    """Format 1: a report every so many milliseconds, 1..2^32-1."""

    reporting_period_ms: int


@dataclass(frozen=True, slots=True)
class ActionFormat1:
    """Measurements of the node or a cell.

    Attributes:
        measurements: what to measure, one or more.
        granularity_ms: over which period, 1..2^32-1.
        cell: in which cell; without it, in the node.
        distributions: bins of the measurements that are distributions (v3.00).
    """

    measurements: tuple[Measurement, ...]
    granularity_ms: int
    cell: Cgi | None = None
    distributions: tuple[Distribution, ...] | None = None


@dataclass(frozen=True, slots=True)
class ActionFormat2:
    """Measurements of one UE."""

    ue: UeId
    measurements: ActionFormat1


@dataclass(frozen=True, slots=True)
class ActionFormat3:
    """Measurements over the UEs that match conditions; attributes as in `ActionFormat1`."""

    measurements: tuple[ConditionalMeasurement, ...]
    granularity_ms: int
    cell: Cgi | None = None


@dataclass(frozen=True, slots=True)
class ActionFormat4:
    """Measurements of each UE that matches conditions, one or more."""

    conditions: tuple[UeCondition, ...]
    measurements: ActionFormat1


@dataclass(frozen=True, slots=True)
class ActionFormat5:
    """Measurements of each UE of a list, two or more."""

    ues: tuple[UeId, ...]
    measurements: ActionFormat1


ActionFormat: TypeAlias = (
    ActionFormat1
    | ActionFormat2
    | ActionFormat3
    | ActionFormat4
    | ActionFormat5
    | UnknownAlternative
)


@dataclass(frozen=True, slots=True)
class ActionDefinition:
    """What to report: a report style of the RAN function, and its parameters."""

    style: int
    format: ActionFormat


_FORMAT1: Final = Sequence(
    ActionFormat1,
    required("measInfoList", "measurements", MEASUREMENTS),
    required("granulPeriod", "granularity_ms", GRANULARITY),
    optional("cellGlobalID", "cell", CGI),
    additions=(optional("distMeasBinRangeInfo", "distributions", DISTRIBUTIONS),),
)
_FORMAT2: Final = Sequence(
    ActionFormat2,
    required("ueID", "ue", UEID),
    required("subscriptInfo", "measurements", _FORMAT1),
)
_FORMAT3: Final = Sequence(
    ActionFormat3,
    required("measCondList", "measurements", CONDITIONAL_MEASUREMENTS),
    required("granulPeriod", "granularity_ms", GRANULARITY),
    optional("cellGlobalID", "cell", CGI),
)
_SUBSCRIPTION: Final = required("subscriptionInfo", "measurements", _FORMAT1)
_FORMAT4: Final = Sequence(
    ActionFormat4, required("matchingUeCondList", "conditions", UE_CONDITIONS), _SUBSCRIPTION
)
_FORMAT5: Final = Sequence(
    ActionFormat5,
    required("matchingUEidList", "ues", SequenceOf(Single("ueID", UEID), 2, MAX_UES)),
    _SUBSCRIPTION,
)
_FORMATS: Final[Choice[ActionFormat]] = Choice(
    Alternative("actionDefinition-Format1", ActionFormat1, _FORMAT1),
    Alternative("actionDefinition-Format2", ActionFormat2, _FORMAT2),
    Alternative("actionDefinition-Format3", ActionFormat3, _FORMAT3),
    additions=(
        Alternative("actionDefinition-Format4", ActionFormat4, _FORMAT4),
        Alternative("actionDefinition-Format5", ActionFormat5, _FORMAT5),
    ),
)
ACTION_DEFINITION: Final = Payload(
    "E2SM-KPM-ActionDefinition",
    Sequence(
        ActionDefinition,
        required("ric-Style-Type", "style", FORMAT),
        required("actionDefinition-formats", "format", _FORMATS),
    ),
)

_TRIGGERS: Final[Choice[EventTrigger | UnknownAlternative]] = Choice(
    Alternative(
        "eventDefinition-Format1",
        EventTrigger,
        Sequence(
            EventTrigger, required("reportingPeriod", "reporting_period_ms", Bounded(1, 2**32 - 1))
        ),
    )
)
EVENT_TRIGGER: Final = Payload(
    "E2SM-KPM-EventTriggerDefinition", Single("eventDefinition-formats", _TRIGGERS)
)
