"""Indication message: the values (O-RAN E2SM-KPM 8.2.1.4)."""

from dataclasses import dataclass
from typing import Final, TypeAlias

from oran.e2.common.ueid import UEID, UeId
from oran.e2.kpm.condition import CONDITIONAL_RESULTS, MAX_UES, ConditionalResult
from oran.e2.kpm.fast import FAST_RECORDS
from oran.e2.kpm.measurement import GRANULARITY, MEASUREMENTS, Measurement, Record
from oran.e2.per.choice import Alternative, Choice, UnknownAlternative
from oran.e2.per.field import optional, required
from oran.e2.per.list import SequenceOf
from oran.e2.per.sequence import Sequence, Single
from oran.e2.per.type import Payload


@dataclass(frozen=True, slots=True)
class IndicationFormat1:
    """Values of the node, a cell or a UE.

    Attributes:
        records: one for each granularity period, one or more.
        measurements: the columns of the records; absent, as the subscription has them.
        granularity_ms: the period, 1..2^32-1.
    """

    records: tuple[Record, ...]
    measurements: tuple[Measurement, ...] | None = None
    granularity_ms: int | None = None


@dataclass(frozen=True, slots=True)
class IndicationFormat2:
    """Values over the UEs that match conditions; attributes as in `IndicationFormat1`."""

    records: tuple[Record, ...]
    measurements: tuple[ConditionalResult, ...]
    granularity_ms: int | None = None


@dataclass(frozen=True, slots=True)
class UeReport:
    """Values of one UE."""

    ue: UeId
    report: IndicationFormat1


@dataclass(frozen=True, slots=True)
class IndicationFormat3:
    """Values of several UEs, one or more."""

    ues: tuple[UeReport, ...]


IndicationMessage: TypeAlias = (
    IndicationFormat1 | IndicationFormat2 | IndicationFormat3 | UnknownAlternative
)

FORMAT1: Final = Sequence(
    IndicationFormat1,
    required("measData", "records", FAST_RECORDS),
    optional("measInfoList", "measurements", MEASUREMENTS),
    optional("granulPeriod", "granularity_ms", GRANULARITY),
)
FORMAT2: Final = Sequence(
    IndicationFormat2,
    required("measData", "records", FAST_RECORDS),
    required("measCondUEidList", "measurements", CONDITIONAL_RESULTS),
    optional("granulPeriod", "granularity_ms", GRANULARITY),
)
FORMAT3: Final = Sequence(
    IndicationFormat3,
    required(
        "ueMeasReportList",
        "ues",
        SequenceOf(
            Sequence(
                UeReport, required("ueID", "ue", UEID), required("measReport", "report", FORMAT1)
            ),
            1,
            MAX_UES,
        ),
    ),
)
_FORMATS: Final[Choice[IndicationMessage]] = Choice(
    Alternative("indicationMessage-Format1", IndicationFormat1, FORMAT1),
    Alternative("indicationMessage-Format2", IndicationFormat2, FORMAT2),
    additions=(Alternative("indicationMessage-Format3", IndicationFormat3, FORMAT3),),
)
INDICATION_MESSAGE: Final[Payload[IndicationMessage]] = Payload(
    "E2SM-KPM-IndicationMessage", Single("indicationMessage-formats", _FORMATS)
)
