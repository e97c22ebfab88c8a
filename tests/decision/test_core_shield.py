"""The core's shield: what it lets through is feasible, whatever is proposed, and each edit has its
reason."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oran.core.batch import CoreAllocationBatch, CoreReportBatch
from tests.decision.test_core_rules import TOPOLOGY, report
from xapp.decision.core_pipeline import CorePipeline, CoreState
from xapp.decision.core_rules import CORE_RULES, NearestSite, path_delay_us
from xapp.decision.core_shield import (
    SETTLING_PERIODS,
    CoreEdit,
    CoreLimits,
    CoreShielded,
    core_shield,
)

SITE_OF = [TOPOLOGY.sites.index(p.site) for p in TOPOLOGY.paths]
EDGE, CENTRAL = 0, 1
AT_EDGE, AT_CENTRAL = [100, 0, 0, 0], [0, 0, 100, 0]
LONG = 10**9
"""ms, longer than any stay."""


def asking(site: int, split: list[int]) -> CoreAllocationBatch:
    """Of one cell with one slice."""
    return CoreAllocationBatch(np.array([[site]]), np.array([[split]]))


def shielded(
    last: CoreReportBatch,
    proposed: CoreAllocationBatch,
    asked: CoreAllocationBatch | None = None,
    stayed_ms: int = LONG,
    limits: CoreLimits | None = None,
) -> CoreShielded:
    asked = asked or asking(EDGE, AT_EDGE)
    stayed = np.full(asked.site.shape, stayed_ms)
    return core_shield(TOPOLOGY, last, proposed, asked, stayed, limits or CoreLimits())


def one(**change: object) -> CoreReportBatch:
    """A report of one slice, at the edge, where waits make the centre worth a move."""
    return report(**({"site_us": (9000.0, 0.0), "cells": 1, "slices": 1} | change))  # type: ignore[arg-type]


def edits(let: CoreShielded) -> set[CoreEdit]:
    return {e for e in CoreEdit if let.edits[0, 0, e]}


def outcome(let: CoreShielded) -> tuple[int, list[int], set[CoreEdit]]:
    return int(let.allocation.site[0, 0]), let.allocation.split[0, 0].tolist(), edits(let)


def test_what_is_allowed_passes_unchanged() -> None:
    for site, split in ((CENTRAL, AT_CENTRAL), (EDGE, [70, 30, 0, 0]), (CENTRAL, [0, 0, 1, 99])):
        let = shielded(one(), asking(site, split))
        assert outcome(let) == (site, split, set())
    assert shielded(one(), asking(CENTRAL, AT_CENTRAL)).stayed_ms.tolist() == [[0]]
    assert shielded(one(), asking(EDGE, AT_EDGE)).stayed_ms.tolist() == [[LONG]]


@pytest.mark.parametrize(
    ("last", "proposed", "asked", "stayed", "site", "split", "why"),
    [
        (one(), asking(7, AT_CENTRAL), None, LONG, EDGE, AT_EDGE, CoreEdit.SITE_UNKNOWN),
        (one(), asking(-1, AT_EDGE), None, LONG, EDGE, AT_EDGE, CoreEdit.SITE_UNKNOWN),
        (
            one(dead_sites=(1,)), asking(CENTRAL, AT_CENTRAL), None, LONG, EDGE, AT_EDGE,
            CoreEdit.SITE_FAILED,
        ),
        # Whoever stays at a site that has failed is moved to one that has not.
        (
            one(dead_sites=(0,)), asking(EDGE, AT_EDGE), None, 0, CENTRAL, AT_CENTRAL,
            CoreEdit.SITE_FAILED,
        ),
        # So is whoever has no path left.
        (
            one(dead_links=(2,), at=1), asking(CENTRAL, AT_CENTRAL), asking(CENTRAL, AT_CENTRAL),
            0, EDGE, AT_EDGE, CoreEdit.SITE_FAILED,
        ),
        (
            one(), asking(CENTRAL, AT_CENTRAL), None, CoreLimits().min_stay_ms - 1, EDGE, AT_EDGE,
            CoreEdit.TOO_SOON,
        ),
        (
            one(site_us=(0.0, 0.0)), asking(CENTRAL, AT_CENTRAL), None, LONG, EDGE, AT_EDGE,
            CoreEdit.NOT_WORTH_IT,
        ),
        # The copy is under way: a wish for the old site would give it up.
        (
            one(migrating=True), asking(EDGE, AT_EDGE), asking(CENTRAL, AT_CENTRAL), LONG,
            CENTRAL, AT_CENTRAL, CoreEdit.MIGRATING,
        ),
        # It was asked for, and cannot show yet.
        (
            one(), asking(EDGE, AT_EDGE), asking(CENTRAL, AT_CENTRAL), 100 * SETTLING_PERIODS - 1,
            CENTRAL, AT_CENTRAL, CoreEdit.MIGRATING,
        ),
        (
            one(), asking(EDGE, [50, 0, 50, 0]), None, LONG, EDGE, AT_EDGE,
            CoreEdit.PATH_OF_OTHER_SITE,
        ),
        (one(), asking(EDGE, [1, 2, 0, 0]), None, LONG, EDGE, [33, 67, 0, 0], CoreEdit.SPLIT_SUM),
        (one(), asking(EDGE, [-5, 0, 0, 0]), None, LONG, EDGE, AT_EDGE, CoreEdit.SPLIT_SUM),
        (
            one(dead_links=(0,)), asking(EDGE, [50, 50, 0, 0]), None, LONG, EDGE, [0, 100, 0, 0],
            CoreEdit.PATH_FAILED,
        ),
    ],
)  # fmt: skip
def test_what_is_not_is_changed_for_a_reason(
    last: CoreReportBatch,
    proposed: CoreAllocationBatch,
    asked: CoreAllocationBatch | None,
    stayed: int,
    site: int,
    split: list[int],
    why: CoreEdit,
) -> None:
    found, shares, reasons = outcome(shielded(last, proposed, asked, stayed))
    assert (found, shares) == (site, split)
    assert why in reasons
    assert reasons <= {why, CoreEdit.SPLIT_SUM}


def test_a_migration_to_a_site_that_fails_is_given_up() -> None:
    going = asking(CENTRAL, AT_CENTRAL)
    dying = one(migrating=True, dead_sites=(1,))
    assert outcome(shielded(dying, asking(EDGE, AT_EDGE), going)) == (EDGE, AT_EDGE, set())


def test_a_wish_without_effect_binds_nobody() -> None:
    going = asking(CENTRAL, AT_CENTRAL)
    let = shielded(one(), asking(EDGE, AT_EDGE), going, 100 * SETTLING_PERIODS)
    assert outcome(let) == (EDGE, AT_EDGE, set())


def test_where_everything_has_failed_the_upf_stays() -> None:
    dead = one(dead_sites=(0, 1))
    assert outcome(shielded(dead, asking(EDGE, [60, 40, 0, 0]))) == (EDGE, [60, 40, 0, 0], set())
    kept = shielded(dead, asking(CENTRAL, AT_CENTRAL))
    assert outcome(kept) == (EDGE, AT_EDGE, {CoreEdit.SITE_FAILED})


integers = st.integers(-(2**62), 2**62) | st.integers(-3, 103)
feasible = st.one_of(
    st.integers(0, 100).map(lambda p: (EDGE, [p, 100 - p, 0, 0])),
    st.integers(0, 100).map(lambda p: (CENTRAL, [0, 0, p, 100 - p])),
)


@given(
    st.lists(st.tuples(integers, st.lists(integers, min_size=4, max_size=4)), min_size=2,
             max_size=2),
    st.lists(feasible, min_size=2, max_size=2),
    st.lists(st.integers(0, 10_000), min_size=2, max_size=2),
    st.tuples(*[st.floats(0.0, 1e9)] * 2),
    st.tuples(*[st.floats(0.0, 1e9)] * 3),
    st.integers(0, 1),
    st.sets(st.integers(0, 1)),
    st.sets(st.integers(0, 2)),
    st.booleans(),
    st.sampled_from((0.0, 0.1, 1.0)),
)  # fmt: skip
def test_any_integers_become_a_feasible_allocation(
    proposals: list[tuple[int, list[int]]],
    before: list[tuple[int, list[int]]],
    stays: list[int],
    site_us: tuple[float, float],
    link_us: tuple[float, float, float],
    at: int,
    dead_sites: set[int],
    dead_links: set[int],
    migrating: bool,
    min_gain: float,
) -> None:
    """Two slices of one cell at a time; the conditions are written out slice by slice."""
    last = report(
        site_us, link_us, at=at, dead_sites=tuple(dead_sites), dead_links=tuple(dead_links),
        migrating=migrating, cells=1, slices=2,
    )  # fmt: skip
    proposed = CoreAllocationBatch(
        np.array([[s for s, _ in proposals]]), np.array([[p for _, p in proposals]])
    )
    asked = CoreAllocationBatch(
        np.array([[s for s, _ in before]]), np.array([[p for _, p in before]])
    )
    limits, stayed = CoreLimits(2_000, min_gain), np.array([stays])
    let = core_shield(TOPOLOGY, last, proposed, asked, stayed, limits)
    delay = path_delay_us(TOPOLOGY, last)[0]
    best = [min(delay[p] for p in range(4) if SITE_OF[p] == k) for k in (EDGE, CENTRAL)]
    alive = [k for k in (EDGE, CENTRAL) if np.isfinite(best[k])]
    for i in range(2):
        site, split = int(let.allocation.site[0, i]), let.allocation.split[0, i].tolist()
        assert sum(split) == 100
        assert min(split) >= 0
        used = [p for p in range(4) if split[p]]
        assert all(SITE_OF[p] == site for p in used)
        assert site in alive or not alive
        if site in alive:
            assert all(np.isfinite(delay[p]) for p in used)
        # A voluntary move is one that pays, of a UPF that is not on its way and has stayed.
        if site != at and site != asked.site[0, i] and at in alive:
            assert best[site] < (1.0 - min_gain) * best[at]
            assert not migrating
            assert stays[i] >= 2_000
        changed = site != proposed.site[0, i] or split != proposed.split[0, i].tolist()
        assert changed == bool(let.edits[0, i].any())
        assert let.stayed_ms[0, i] == (stays[i] if site == asked.site[0, i] else 0)
    again = core_shield(TOPOLOGY, last, let.allocation, asked, stayed, limits)
    np.testing.assert_array_equal(again.allocation.site, let.allocation.site)
    np.testing.assert_array_equal(again.allocation.split, let.allocation.split)
    assert not again.edits.any()


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ({"min_stay_ms": -1}, "min_stay_ms: -1 is outside"),
        ({"min_stay_ms": 3_600_001}, "min_stay_ms: 3600001"),
        ({"min_gain": -0.1}, "min_gain: -0.1 is outside 0..1"),
        ({"min_gain": 1.1}, "min_gain: 1.1"),
        ({"min_gain": float("nan")}, "min_gain: nan"),
    ],
)
def test_limits_have_ranges(bad: dict[str, float], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        CoreLimits(**bad)  # type: ignore[arg-type]


def test_the_pipeline_counts_the_stay_in_time_of_the_core() -> None:
    pipeline = CorePipeline(NearestSite(), CoreLimits(min_stay_ms=300))
    at_centre = asking(CENTRAL, AT_CENTRAL)
    state = CoreState.begin(at_centre)
    last = one(site_us=(0.0, 0.0), at=1)
    course = []
    for elapsed in (100, 150, 100, 100):
        made = pipeline.decide(TOPOLOGY, last, state, elapsed)
        state = made.state
        course.append((int(state.asked.site[0, 0]), bool(made.moves[0, 0])))
    assert course == [(CENTRAL, False), (CENTRAL, False), (EDGE, True), (EDGE, False)]
    assert state.stayed_ms.tolist() == [[100]]


def test_rules_have_names() -> None:
    assert set(CORE_RULES) == {"nearest-site", "least-delay", "balanced-split", "hysteretic-site"}
