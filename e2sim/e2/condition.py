"""Conditions on users (O-RAN E2SM-KPM 8.3.21): which users a subscription is about.

Two properties can be tested: the slice (`sNSSAI`, by its SST as an integer or by its octets) and
the channel quality (`cQI`). Conditions are joined from left to right, by "and" unless a condition
is tied to the next one by "or".
"""

from collections.abc import Callable

from e2sim.e2.period import UserPeriod
from oran.e2.kpm import TestCondition, TestExpression, TestType, UeCondition

Matches = Callable[[UserPeriod], bool]


class NotTestableError(ValueError):
    """The condition tests what cannot be tested here; the text says what can."""


def matcher(conditions: tuple[UeCondition, ...]) -> Matches:
    """Whether a user matches the conditions.

    Raises:
        NotTestableError: one of them cannot be tested.
    """
    tests = [(_test(c.test), c.logical_or) for c in conditions]

    def matches(user: UserPeriod) -> bool:
        test, joined_by_or = tests[0]
        found = test(user)
        for test, next_by_or in tests[1:]:
            found = (found or test(user)) if joined_by_or else (found and test(user))
            joined_by_or = next_by_or
        return found

    return matches


def _test(test: TestCondition) -> Matches:
    match test.type:
        case TestType.S_NSSAI:
            return _slice_test(test)
        case TestType.CQI:
            return _cqi_test(test)
    raise NotTestableError(f"{test.type}: users are tested by sNSSAI and cQI")


def _slice_test(test: TestCondition) -> Matches:
    value = test.value
    match test.expression, value:
        case (TestExpression.PRESENT, _) | (None, None):
            return lambda _: True
        case TestExpression.EQUAL, int() if not isinstance(value, bool):
            return lambda user: user.snssai.sst == value
        case TestExpression.EQUAL, bytes() if len(value) in (1, 4):
            sd = int.from_bytes(value[1:], "big") if len(value) == 4 else None
            return lambda user: (user.snssai.sst, user.snssai.sd) == (value[0], sd)
    raise NotTestableError(
        "sNSSAI: needs `present`, or `equal` with an integer (SST) or 1 or 4 octets (SST and SD)"
    )


def _cqi_test(test: TestCondition) -> Matches:
    value = test.value
    if isinstance(value, int | float) and not isinstance(value, bool):
        match test.expression:
            case TestExpression.EQUAL:
                return lambda user: user.cqi == value
            case TestExpression.GREATER_THAN:
                return lambda user: user.cqi > value
            case TestExpression.LESS_THAN:
                return lambda user: user.cqi < value
    raise NotTestableError("cQI: needs `equal`, `greaterthan` or `lessthan` with a number")
