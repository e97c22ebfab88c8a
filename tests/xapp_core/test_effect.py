"""The effect check, in courses of reports made by hand; periods of 100 ms."""

import math
from itertools import pairwise

import pytest

from oran.core.measurements import CORE_SLICE_MEASUREMENTS
from oran.core.report import CoreReport, CoreSliceReport
from oran.snssai import Snssai
from xapp.core.effect import CoreVerdict, Effect

SNSSAI = Snssai(1)
UNMEASURED = (math.nan,) * len(CORE_SLICE_MEASUREMENTS)
E, I, O = CoreVerdict.EFFECTIVE, CoreVerdict.INEFFECTIVE, CoreVerdict.OVERRIDDEN  # noqa: E741


def report(start_ms: int, site: str, *, migrating: bool = False) -> CoreReport:
    s = CoreSliceReport(SNSSAI, site, migrating, UNMEASURED)
    return CoreReport("n", "c", start_ms // 100, start_ms, 100, (), (), (s,))


@pytest.mark.parametrize(
    ("course", "verdicts", "reason"),
    [
        # Where the UPF is, from 100 ms on, after a wish for b in the report before; * on its way.
        ("a* a* b* b b", [None, None, None, E, None], ""),
        ("b b b", [E, None, None], ""),
        ("a a a a* b* b", [None] * 5 + [E], ""),
        ("a a a a a", [None, None, None, I, None], "is at a, and not on its way to b"),
        ("a* a a a a", [None, None, None, I, None], "is at a, and not on its way to b"),
        ("a* a* a* a* a* a* b*", [None] * 5 + [I, None], "not at b after 600 ms"),
        ("b c c", [E, O, None], "is at c, not at b"),
        ("b a* a c", [E, None, O, O], "is at c, not at a"),
    ],
)
def test_courses(course: str, verdicts: list[CoreVerdict | None], reason: str) -> None:
    effect = Effect(["a"], migration_ms=500)
    assert effect.seen(report(0, "a")) == []
    effect.asked(["b"], at_ms=100)
    found, reasons = [], []
    for i, step in enumerate(course.split()):
        made = effect.seen(report(100 * (i + 1), step[0], migrating=step.endswith("*")))
        assert len(made) <= 1
        found.append(made[0] if made else None)
        reasons.append(effect.slices[0].reason)
    assert found == verdicts
    assert reason in reasons


@pytest.mark.parametrize(
    ("course", "verdicts"),
    [
        # From the first report after a connection on, with b in force.
        ("a a* a* b b", [None, None, None, E, None]),
        ("a* b c", [None, E, O]),
        ("a a a a a", [None, None, None, None, I]),
        ("b b c", [None, None, O]),
    ],
)
def test_a_wish_that_a_connection_finds_under_way(
    course: str, verdicts: list[CoreVerdict | None]
) -> None:
    effect = Effect(["b"], migration_ms=500)
    found = []
    for i, step in enumerate(course.split()):
        made = effect.seen(report(100 * i, step[0], migrating=step.endswith("*")))
        found.append(made[0] if made else None)
    assert found == verdicts


def test_a_wish_that_failed_is_due_again_after_pauses_that_double_until_one_shows() -> None:
    effect = Effect(["a"], migration_ms=500)
    asked_at: list[int] = []

    for start_ms in range(0, 200_000, 100):
        now = report(start_ms, "a")
        effect.seen(now)
        if start_ms == 0 or effect.again(["b"], now, put=False) == [True]:
            effect.asked(["b"], at_ms=start_ms + 100)
            asked_at.append(start_ms)
    pauses = [2**i for i in range(1, 7)] + [64]
    # Told on the fourth report after each wish.
    assert [b - a - 400 for a, b in pairwise(asked_at)] == [1000 * p for p in pauses]
    effect.asked(["b"], at_ms=200_000)
    assert effect.seen(report(200_000, "b")) == [E]
    effect.asked(["a"], at_ms=200_100)
    for start_ms in (200_100, 200_200, 200_300, 200_400):
        effect.seen(report(start_ms, "b"))
    assert effect.again(["a"], report(202_300, "b"), put=False) == [False]
    assert effect.again(["a"], report(202_300, "b"), put=True) == [True]
    assert effect.again(["a"], report(202_400, "b"), put=False) == [True]
    assert effect.again(["a"], report(202_400, "b", migrating=True), put=True) == [False]


def test_the_same_wish_again_does_not_begin_the_time_anew() -> None:
    effect = Effect(["a"], migration_ms=500)
    effect.asked(["b"], at_ms=100)
    for at in (200, 300, 400):
        effect.asked(["b"], at_ms=at)
    assert effect.seen(report(400, "a")) == [I]
