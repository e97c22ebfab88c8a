"""Measurements: what is measured, and the values (O-RAN E2SM-KPM 8.3.9 to 8.3.20)."""

from dataclasses import dataclass
from types import NoneType
from typing import Final, TypeAlias

from oran.e2.common.function import MAX_PARAMETERS
from oran.e2.kpm.label import MEASUREMENT_LABEL, MeasurementLabel
from oran.e2.per.choice import Alternative, Choice, UnknownAlternative
from oran.e2.per.field import flag, optional, required
from oran.e2.per.list import SequenceOf
from oran.e2.per.repeated import Repeated
from oran.e2.per.scalar import Bounded, Integer, Null, Real
from oran.e2.per.sequence import Sequence, Single
from oran.e2.per.string import PrintableString

MAX_MEASUREMENTS: Final = MAX_PARAMETERS
"""maxnoofMeasurementInfo, maxnoofMeasurementRecord."""

MAX_LABELS: Final = (1 << 31) - 1
"""maxnoofLabelInfo, maxnoofMeasurementValue; in truth, the size of the message bounds them."""

MeasurementType: TypeAlias = str | int | UnknownAlternative
"""A measurement by its name of 1..150 characters (TS 28.552), or by its number from 1 on."""

MeasuredValue: TypeAlias = int | float | UnknownAlternative | None
"""An integer in 0..2^32-1, a real, or None where nothing was measured."""

MEASUREMENT_NAME: Final = PrintableString(1, 150)
MEASUREMENT_ID: Final = Bounded(1, 65536, extensible=True)
GRANULARITY: Final = Repeated(Bounded(1, (1 << 32) - 1))
"""Granularity period, ms."""

MEASUREMENT_TYPE: Final[Choice[MeasurementType]] = Choice(
    Alternative("measName", str, MEASUREMENT_NAME),
    Alternative("measID", int, MEASUREMENT_ID),
)


@dataclass(frozen=True, slots=True)
class Measurement:
    """One column of the records: a measurement under each of its labels in turn.

    Attributes:
        type: what is measured.
        labels: one or more; each label is a column.
    """

    type: MeasurementType
    labels: tuple[MeasurementLabel, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """The values of one granularity period.

    Attributes:
        values: one for each column, one or more.
        incomplete: whether the period was not measured in full.
    """

    values: tuple[MeasuredValue, ...]
    incomplete: bool = False


MEASUREMENT: Final = Sequence(
    Measurement,
    required("measType", "type", MEASUREMENT_TYPE),
    required(
        "labelInfoList",
        "labels",
        SequenceOf(Single("measLabel", MEASUREMENT_LABEL), 1, MAX_LABELS),
    ),
)
MEASUREMENTS: Final = Repeated(SequenceOf(MEASUREMENT, 1, MAX_MEASUREMENTS))
"""Columns; every report of a subscription, and every UE in it, has the same ones."""

MEASURED_VALUE: Final[Choice[MeasuredValue]] = Choice(
    Alternative("integer", int, Bounded(0, (1 << 32) - 1)),
    Alternative("real", float, Real()),
    Alternative("noValue", NoneType, Null()),
)
RECORDS: Final = SequenceOf(
    Sequence(
        Record,
        required("measRecord", "values", SequenceOf(MEASURED_VALUE, 1, MAX_LABELS)),
        flag("incompleteFlag", "incomplete"),
    ),
    1,
    MAX_MEASUREMENTS,
)


@dataclass(frozen=True, slots=True)
class Bin:
    """One bin of a distribution: its number, 1..65535, and where it starts and ends."""

    index: int
    start: int | float | UnknownAlternative
    end: int | float | UnknownAlternative


@dataclass(frozen=True, slots=True)
class BinRanges:
    """The bins of a distribution in one to three dimensions, 1..65535 each."""

    x: tuple[Bin, ...]
    y: tuple[Bin, ...] | None = None
    z: tuple[Bin, ...] | None = None


@dataclass(frozen=True, slots=True)
class Distribution:
    """The bins of a measurement that is a distribution."""

    type: MeasurementType
    bins: BinRanges


_EDGE: Final[Choice[int | float | UnknownAlternative]] = Choice(
    Alternative("valueInt", int, Integer()), Alternative("valueReal", float, Real())
)
_BINS: Final = SequenceOf(
    Sequence(
        Bin,
        required("binIndex", "index", Bounded(1, 65535, extensible=True)),
        required("startValue", "start", _EDGE),
        required("endValue", "end", _EDGE),
    ),
    1,
    MAX_PARAMETERS,
)
BIN_RANGES: Final = Sequence(
    BinRanges,
    required("binRangeListX", "x", _BINS),
    optional("binRangeListY", "y", _BINS),
    optional("binRangeListZ", "z", _BINS),
)
DISTRIBUTIONS: Final = SequenceOf(
    Sequence(
        Distribution,
        required("measType", "type", MEASUREMENT_TYPE),
        required("binRangeDef", "bins", BIN_RANGES),
    ),
    1,
    MAX_MEASUREMENTS,
)
