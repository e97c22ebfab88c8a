"""E2SM-KPM v3.00, the service model of measurements, and v2.03, which differs in the time stamp.

`INDICATION_MESSAGE.decode(octets)` and its like give typed values, `encode` their octets.
"""

from oran.e2.kpm.action import (
    ACTION_DEFINITION,
    EVENT_TRIGGER,
    ActionDefinition,
    ActionFormat1,
    ActionFormat2,
    ActionFormat3,
    ActionFormat4,
    ActionFormat5,
    EventTrigger,
)
from oran.e2.kpm.condition import (
    ConditionalMeasurement,
    ConditionalResult,
    EnumerationValue,
    MatchingCondition,
    TestCondition,
    TestExpression,
    TestType,
    UeCondition,
)
from oran.e2.kpm.function import (
    FUNCTION_DESCRIPTION,
    OID_V2,
    OID_V3,
    SHORT_NAME,
    FunctionDescription,
    OfferedMeasurement,
    ReportStyle,
)
from oran.e2.kpm.header import (
    INDICATION_HEADER,
    IndicationHeader,
)
from oran.e2.kpm.indication import (
    INDICATION_MESSAGE,
    IndicationFormat1,
    IndicationFormat2,
    IndicationFormat3,
    IndicationMessage,
    UeReport,
)
from oran.e2.kpm.label import (
    NO_LABEL,
    MeasurementLabel,
    StartEnd,
)
from oran.e2.kpm.measurement import (
    Bin,
    BinRanges,
    Distribution,
    MeasuredValue,
    Measurement,
    Record,
)
from oran.e2.kpm.time import (
    timestamp_v2,
    timestamp_v3,
    unix_ms,
)

__all__ = [
    "ACTION_DEFINITION",
    "EVENT_TRIGGER",
    "FUNCTION_DESCRIPTION",
    "INDICATION_HEADER",
    "INDICATION_MESSAGE",
    "NO_LABEL",
    "OID_V2",
    "OID_V3",
    "SHORT_NAME",
    "ActionDefinition",
    "ActionFormat1",
    "ActionFormat2",
    "ActionFormat3",
    "ActionFormat4",
    "ActionFormat5",
    "Bin",
    "BinRanges",
    "ConditionalMeasurement",
    "ConditionalResult",
    "Distribution",
    "EnumerationValue",
    "EventTrigger",
    "FunctionDescription",
    "IndicationFormat1",
    "IndicationFormat2",
    "IndicationFormat3",
    "IndicationHeader",
    "IndicationMessage",
    "MatchingCondition",
    "MeasuredValue",
    "Measurement",
    "MeasurementLabel",
    "OfferedMeasurement",
    "Record",
    "ReportStyle",
    "StartEnd",
    "TestCondition",
    "TestExpression",
    "TestType",
    "UeCondition",
    "UeReport",
    "timestamp_v2",
    "timestamp_v3",
    "unix_ms",
]
