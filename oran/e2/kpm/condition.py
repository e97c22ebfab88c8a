"""Conditions on UEs (O-RAN E2SM-KPM 8.3.21 to 8.3.27)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from oran.e2.common.ueid import UEID, UeId
from oran.e2.kpm.label import MEASUREMENT_LABEL, MeasurementLabel
from oran.e2.kpm.measurement import (
    BIN_RANGES,
    MAX_MEASUREMENTS,
    MEASUREMENT_TYPE,
    BinRanges,
    MeasurementType,
)
from oran.e2.per.choice import Alternative, Choice, UnknownAlternative
from oran.e2.per.field import flag, optional, required
from oran.e2.per.list import SequenceOf
from oran.e2.per.scalar import Boolean, Constant, Enumerated, Integer, Real
from oran.e2.per.sequence import Sequence, Single
from oran.e2.per.string import Bits, BitString, OctetString, PrintableString

MAX_CONDITIONS: Final = 32_768
"""maxnoofConditionInfo, maxnoofConditionInfoPerSub."""

MAX_UES: Final = 65_535
"""maxnoofUEID, maxnoofUEIDPerSub, maxnoofUEMeasReport."""


class TestType(StrEnum):
    """What of a UE is tested."""

    __test__ = False  # pytest: this is no test

    GBR = "gBR"
    AMBR = "aMBR"
    IS_STATIONARY = "isStat"
    IS_CAT_M = "isCatM"
    RSRP = "rSRP"
    RSRQ = "rSRQ"
    UL_RSRP = "ul-rSRP"
    CQI = "cQI"
    FIVE_QI = "fiveQI"
    QCI = "qCI"
    S_NSSAI = "sNSSAI"


class TestExpression(StrEnum):
    """How it is tested."""

    __test__ = False

    EQUAL = "equal"
    GREATER_THAN = "greaterthan"
    LESS_THAN = "lessthan"
    CONTAINS = "contains"
    PRESENT = "present"


@dataclass(frozen=True, slots=True)
class EnumerationValue:
    """The number of a value of an enumeration, to test against."""

    number: int


TestValue: TypeAlias = (
    int | EnumerationValue | bool | Bits | bytes | str | float | UnknownAlternative
)


@dataclass(frozen=True, slots=True)
class TestCondition:
    """A test of a UE."""

    __test__ = False

    type: TestType | UnknownAlternative
    expression: TestExpression | None = None
    value: TestValue | None = None


@dataclass(frozen=True, slots=True)
class MatchingCondition:
    """A label or a test; `logical_or` ties it to the next condition by "or" instead of "and"."""

    condition: MeasurementLabel | TestCondition | UnknownAlternative
    logical_or: bool = False


@dataclass(frozen=True, slots=True)
class UeCondition:
    """A test of all UEs of a subscription; `logical_or` as in `MatchingCondition` (v3.00)."""

    test: TestCondition
    logical_or: bool = False


@dataclass(frozen=True, slots=True)
class ConditionalMeasurement:
    """A measurement over the UEs that match; the bins of a distribution came with v3.00."""

    type: MeasurementType
    conditions: tuple[MatchingCondition, ...]
    bins: BinRanges | None = None


@dataclass(frozen=True, slots=True)
class ConditionalResult:
    """A measurement over the UEs that match, and which they were.

    Attributes:
        type: what is measured.
        conditions: one or more.
        ues: the UEs that match.
        ues_per_period: the UEs that match in each granularity period, none or more (v3.00).
    """

    type: MeasurementType
    conditions: tuple[MatchingCondition, ...]
    ues: tuple[UeId, ...] | None = None
    ues_per_period: tuple[tuple[UeId, ...] | UnknownAlternative, ...] | None = None


def _same(value: object) -> object:
    return value


def _some(value: tuple[UeId, ...]) -> bool:
    return bool(value)


_ROOT_TESTS: Final = 6
_TESTS: Final = tuple(Alternative(t.value, t, Constant(t)) for t in TestType)
TEST_CONDITION: Final = Sequence(
    TestCondition,
    required(
        "testType", "type", Choice(*_TESTS[:_ROOT_TESTS], additions=_TESTS[_ROOT_TESTS:], key=_same)
    ),
    optional("testExpr", "expression", Enumerated(TestExpression)),
    optional(
        "testValue",
        "value",
        Choice(
            Alternative("valueInt", int, Integer()),
            Alternative(
                "valueEnum",
                EnumerationValue,
                Sequence(
                    EnumerationValue, required("number", "number", Integer()), extensible=False
                ),
            ),
            Alternative("valueBool", bool, Boolean()),
            Alternative("valueBitS", Bits, BitString()),
            Alternative("valueOctS", bytes, OctetString()),
            Alternative("valuePrtS", str, PrintableString()),
            additions=(Alternative("valueReal", float, Real()),),
        ),
    ),
)
_CONDITION: Final[Choice[MeasurementLabel | TestCondition | UnknownAlternative]] = Choice(
    Alternative("measLabel", MeasurementLabel, MEASUREMENT_LABEL),
    Alternative("testCondInfo", TestCondition, TEST_CONDITION),
)
_CONDITIONS: Final = SequenceOf(
    Sequence(
        MatchingCondition,
        required("matchingCondChoice", "condition", _CONDITION),
        flag("logicalOR", "logical_or"),
    ),
    1,
    MAX_CONDITIONS,
)
UE_CONDITIONS: Final = SequenceOf(
    Sequence(
        UeCondition,
        required("testCondInfo", "test", TEST_CONDITION),
        additions=(flag("logicalOR", "logical_or"),),
    ),
    1,
    MAX_CONDITIONS,
)
UES: Final = SequenceOf(Single("ueID", UEID), 1, MAX_UES)
_UES_OF_PERIOD: Final[Choice[tuple[UeId, ...] | UnknownAlternative]] = Choice(
    Alternative("noUEmatched", False, Constant(())),
    Alternative("oneOrMoreUEmatched", True, UES),
    key=_some,
)

CONDITIONAL_MEASUREMENTS: Final = SequenceOf(
    Sequence(
        ConditionalMeasurement,
        required("measType", "type", MEASUREMENT_TYPE),
        required("matchingCond", "conditions", _CONDITIONS),
        additions=(optional("binRangeDef", "bins", BIN_RANGES),),
    ),
    1,
    MAX_MEASUREMENTS,
)
CONDITIONAL_RESULTS: Final = SequenceOf(
    Sequence(
        ConditionalResult,
        required("measType", "type", MEASUREMENT_TYPE),
        required("matchingCond", "conditions", _CONDITIONS),
        optional("matchingUEidList", "ues", UES),
        additions=(
            optional(
                "matchingUEidPerGP",
                "ues_per_period",
                SequenceOf(Single("matchedPerGP", _UES_OF_PERIOD), 1, MAX_MEASUREMENTS),
            ),
        ),
    ),
    1,
    MAX_MEASUREMENTS,
)
