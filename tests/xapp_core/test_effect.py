"""The effect check, in courses of reports made by hand; periods of 100 ms."""

import math

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


def test_the_same_wish_again_does_not_begin_the_time_anew() -> None:
    effect = Effect(["a"], migration_ms=500)
    effect.asked(["b"], at_ms=100)
    for at in (200, 300, 400):
        effect.asked(["b"], at_ms=at)
    assert effect.seen(report(400, "a")) == [I]
