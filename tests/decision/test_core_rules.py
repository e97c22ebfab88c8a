"""Rules for the core: what they decide in reports made by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oran.core.batch import CoreAllocationBatch, CoreReportBatch
from oran.core.measurements import (
    CORE_SLICE_MEASUREMENTS,
    LINK_COLUMN,
    LINK_MEASUREMENTS,
    SITE_COLUMN,
    SITE_MEASUREMENTS,
)
from oran.core.topology import Topology, TransportPath
from xapp.decision.core_rules import (
    BalancedSplit,
    CoreRule,
    HystereticSite,
    LeastDelay,
    NearestSite,
    balanced,
    path_delay_us,
    site_delay_us,
)

TOPOLOGY = Topology(
    ("edge", "central"),
    ("near", "ring", "far"),
    (
        TransportPath("edge-near", "edge", ("near",), 0.1),
        TransportPath("edge-ring", "edge", ("ring",), 1.0),
        TransportPath("central-near", "central", ("far", "near"), 5.1),
        TransportPath("central-ring", "central", ("far", "ring"), 6.0),
    ),
)
RULES: list[CoreRule] = [NearestSite(), LeastDelay(), BalancedSplit(), HystereticSite()]


def report(
    site_us: tuple[float, float] = (100.0, 0.0),
    link_us: tuple[float, float, float] = (100.0, 1000.0, 5000.0),
    *,
    at: int = 0,
    dead_sites: tuple[int, ...] = (),
    dead_links: tuple[int, ...] = (),
    migrating: bool = False,
    cells: int = 2,
    slices: int = 3,
) -> CoreReportBatch:
    sites = np.full((cells, 2, len(SITE_MEASUREMENTS)), np.nan)
    links = np.full((cells, 3, len(LINK_MEASUREMENTS)), np.nan)
    sites[..., SITE_COLUMN["CORE.SiteDelayMean"]] = site_us
    links[..., LINK_COLUMN["CORE.LinkDelayMean"]] = link_us
    site_health, link_health = np.zeros((cells, 2), np.int64), np.zeros((cells, 3), np.int64)
    site_health[:, list(dead_sites)] = 2
    link_health[:, list(dead_links)] = 2
    return CoreReportBatch(
        100,
        sites,
        links,
        np.full((cells, slices, len(CORE_SLICE_MEASUREMENTS)), np.nan),
        site_health,
        link_health,
        np.full((cells, slices), at),
        np.full((cells, slices), migrating),
    )


def decide(rule: CoreRule, last: CoreReportBatch) -> CoreAllocationBatch:
    made, _ = rule.decide(TOPOLOGY, last, np.zeros(last.upf_site.shape, np.int64))
    return made


def all_are(made: CoreAllocationBatch, site: int, split: list[int]) -> bool:
    return bool((made.site == site).all() and (made.split == split).all())


def test_path_delays_add_site_and_links() -> None:
    assert path_delay_us(TOPOLOGY, report())[0].tolist() == [200.0, 1100.0, 5100.0, 6000.0]
    dead = path_delay_us(TOPOLOGY, report(dead_links=(0,), dead_sites=(1,)))[0]
    assert dead.tolist() == [np.inf, 1100.0, np.inf, np.inf]
    unknown = report(site_us=(np.nan, np.nan), link_us=(np.nan, np.nan, np.nan))
    assert path_delay_us(TOPOLOGY, unknown)[0].tolist() == [1.0] * 4


def test_the_nearest_site_stays_whatever_happens() -> None:
    assert all_are(decide(NearestSite(), report()), 0, [100, 0, 0, 0])
    assert all_are(decide(NearestSite(), report(dead_sites=(0,), at=1)), 0, [100, 0, 0, 0])


def test_least_delay_follows_the_report() -> None:
    assert all_are(decide(LeastDelay(), report()), 0, [100, 0, 0, 0])
    assert all_are(decide(LeastDelay(), report((9000.0, 0.0))), 1, [0, 0, 100, 0])
    assert all_are(decide(LeastDelay(), report(dead_links=(0,))), 0, [0, 100, 0, 0])


def test_a_balanced_split_is_inverse_to_delay_and_stays_at_its_site() -> None:
    last = report((0.0, 0.0), (100.0, 300.0, 0.0))
    assert all_are(decide(BalancedSplit(1.0), last), 0, [75, 25, 0, 0])
    assert all_are(decide(BalancedSplit(2.0), last), 0, [90, 10, 0, 0])
    assert all_are(decide(BalancedSplit(1.0), report(at=1, dead_links=(0,))), 1, [0, 0, 0, 100])
    assert all_are(decide(BalancedSplit(1.0), report(dead_sites=(0,))), 0, [50, 50, 0, 0])


def test_hysteresis_waits_for_a_gain_that_lasts() -> None:
    rule = HystereticSite(gain=0.3, patience=3)
    memory = np.zeros((2, 3), np.int64)
    worth, not_worth = report((9000.0, 0.0)), report((7000.0, 0.0))
    assert 5100.0 / 7100.0 > 0.7 > 5100.0 / 9100.0
    course = []
    for last in (worth, worth, not_worth, worth, worth, worth, worth):
        made, memory = rule.decide(TOPOLOGY, last, memory)
        course.append(int(made.site[0, 0]))
    assert course == [0, 0, 0, 0, 0, 1, 0]
    # Nothing is counted while the UPF is on its way.
    _, memory = rule.decide(TOPOLOGY, report((9000.0, 0.0), migrating=True), memory)
    assert (memory == 0).all()


@pytest.mark.parametrize(
    ("last", "site"),
    [
        (report(dead_sites=(0,)), 1),
        (report(dead_links=(0, 1)), 0),  # no other site is better off
        (report(dead_sites=(0, 1)), 0),
        (report(dead_links=(2,), at=1), 0),
    ],
)
def test_hysteresis_leaves_what_has_failed_at_once(last: CoreReportBatch, site: int) -> None:
    made = decide(HystereticSite(patience=9), last)
    assert (made.site == site).all()


@given(
    st.sampled_from(RULES),
    st.tuples(*[st.floats(0.0, 1e9)] * 2),
    st.tuples(*[st.floats(0.0, 1e9)] * 3),
    st.integers(0, 1),
    st.sets(st.integers(0, 1)),
    st.sets(st.integers(0, 2)),
)
def test_every_decision_is_feasible(
    rule: CoreRule,
    site_us: tuple[float, float],
    link_us: tuple[float, float, float],
    at: int,
    dead_sites: set[int],
    dead_links: set[int],
) -> None:
    last = report(
        site_us, link_us, at=at, dead_sites=tuple(dead_sites), dead_links=tuple(dead_links)
    )
    made = decide(rule, last)
    assert (made.split.sum(axis=2) == 100).all()
    assert ((made.split >= 0) & (made.split <= 100)).all()
    sites = np.array([TOPOLOGY.sites.index(p.site) for p in TOPOLOGY.paths])
    assert (made.split[made.site[..., None] != sites] == 0).all()


def test_a_split_of_extreme_delays_is_one() -> None:
    last = report((0.0, 0.0), (1.0, 1e9, 0.0))
    made = balanced(TOPOLOGY, last, np.zeros((2, 3), np.int64), 8.0)
    assert all_are(made, 0, [100, 0, 0, 0])


def test_a_sites_delay_is_that_of_its_best_path() -> None:
    paths = tuple(TransportPath(f"p{i}", site, (), 0.0) for i, site in enumerate(("a", "b", "a")))
    topology = Topology(("a", "b"), (), paths)
    least = site_delay_us(topology, np.array([[3.0, 5.0, 2.0], [1.0, np.inf, 4.0]]))
    np.testing.assert_array_equal(least, [[2.0, 5.0], [1.0, np.inf]])
