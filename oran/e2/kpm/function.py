"""RAN function description: what a node can measure (O-RAN E2SM-KPM 8.2.2.1)."""

from dataclasses import dataclass
from typing import Final

from oran.e2.common.function import (
    EVENT_TRIGGER_STYLE,
    FORMAT,
    MAX_STYLES,
    NAME,
    RAN_FUNCTION_NAME,
    EventTriggerStyle,
    RanFunctionName,
)
from oran.e2.kpm.measurement import (
    BIN_RANGES,
    MAX_MEASUREMENTS,
    MEASUREMENT_ID,
    MEASUREMENT_NAME,
    BinRanges,
)
from oran.e2.per.field import optional, required
from oran.e2.per.list import SequenceOf
from oran.e2.per.sequence import Sequence
from oran.e2.per.type import Payload

SHORT_NAME: Final = "ORAN-E2SM-KPM"
"""Peers match on it exactly."""

OID_V3: Final = "1.3.6.1.4.1.53148.1.3.2.2"
OID_V2: Final = "1.3.6.1.4.1.53148.1.2.2.2"


@dataclass(frozen=True, slots=True)
class OfferedMeasurement:
    """A measurement by its name of 1..150 characters.

    Attributes:
        name: as in TS 28.552.
        id: its number in reports, from 1 on, where the node gives one.
        bins: of a distribution (v3.00).
    """

    name: str
    id: int | None = None
    bins: BinRanges | None = None


@dataclass(frozen=True, slots=True)
class ReportStyle:
    """A style of reports: its number, name, formats, and the measurements it can carry."""

    type: int
    name: str
    action_format: int
    measurements: tuple[OfferedMeasurement, ...]
    header_format: int
    message_format: int


@dataclass(frozen=True, slots=True)
class FunctionDescription:
    """What the RAN function offers; 1..63 styles each."""

    name: RanFunctionName
    event_triggers: tuple[EventTriggerStyle, ...] | None = None
    reports: tuple[ReportStyle, ...] | None = None


_OFFERED: Final = Sequence(
    OfferedMeasurement,
    required("measName", "name", MEASUREMENT_NAME),
    optional("measID", "id", MEASUREMENT_ID),
    additions=(optional("binRangeDef", "bins", BIN_RANGES),),
)
_REPORT_STYLE: Final = Sequence(
    ReportStyle,
    required("ric-ReportStyle-Type", "type", FORMAT),
    required("ric-ReportStyle-Name", "name", NAME),
    required("ric-ActionFormat-Type", "action_format", FORMAT),
    required("measInfo-Action-List", "measurements", SequenceOf(_OFFERED, 1, MAX_MEASUREMENTS)),
    required("ric-IndicationHeaderFormat-Type", "header_format", FORMAT),
    required("ric-IndicationMessageFormat-Type", "message_format", FORMAT),
)
FUNCTION_DESCRIPTION: Final = Payload(
    "E2SM-KPM-RANfunction-Description",
    Sequence(
        FunctionDescription,
        required("ranFunction-Name", "name", RAN_FUNCTION_NAME),
        optional(
            "ric-EventTriggerStyle-List",
            "event_triggers",
            SequenceOf(EVENT_TRIGGER_STYLE, 1, MAX_STYLES),
        ),
        optional("ric-ReportStyle-List", "reports", SequenceOf(_REPORT_STYLE, 1, MAX_STYLES)),
    ),
)
