"""The core network against packets played one by one, and its laws: nothing is lost unseen."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from e2sim.core.network import CoreNetwork
from e2sim.scenario.core import Background, CoreLink, CoreScenario, CoreSite
from oran.core.batch import CoreAllocationBatch, CoreReportBatch
from oran.core.measurements import CORE_SLICE_COLUMN, LINK_COLUMN
from tests.e2sim.core_reference import Cross, Flow, Outcome, Station, simulate
from tests.e2sim.cores import EDGE, allocation, network, single, traffic, two_sites, with_core

P99 = CORE_SLICE_COLUMN["CORE.DelayDlP99"]


def steady(scenario: CoreScenario, load: float) -> CoreScenario:
    """The same with constant background of this share everywhere."""

    def held(background: Background) -> Background:
        return replace(background, load=(load, load), sigma=0.0, burst=0.0)

    return replace(
        scenario,
        sites=tuple(replace(s, background=held(s.background)) for s in scenario.sites),
        links=tuple(replace(s, background=held(s.background)) for s in scenario.links),
        splitting="flow",
    )


def reference(
    scenario: CoreScenario, flows: list[Flow], load: float, seconds: float, seed: int
) -> Outcome:
    stations = [Station(s.capacity / 1e3, s.capacity / 1e3 * s.queue_ms) for s in scenario.sites]
    for link in scenario.links:
        rate = link.capacity_mbps * 125.0
        stations.append(Station(rate, rate * link.queue_ms, link.loss, link.delay_ms))
    names = [s.name for s in scenario.sites]
    by_name = {link.name: len(names) + i for i, link in enumerate(scenario.links)}
    routes = [[names.index(p.site), *(by_name[n] for n in p.links)] for p in scenario.paths]
    parts: list[CoreSite | CoreLink] = [*scenario.sites, *scenario.links]
    cross = [
        Cross(k, load * station.capacity / parts[k].background.packet, parts[k].background.packet)
        for k, station in enumerate(stations)
        if load > 0.0
    ]
    return simulate(
        stations,
        len(names),
        routes,
        flows,
        cross,
        site_scv=scenario.sites[0].service_scv,
        duration_ms=seconds * 1e3,
        warm_ms=500.0,
        seed=seed,
    )


def slow_edge() -> CoreScenario:
    """The bundled core, slower and less unequal: fewer packets have to be played."""
    assert EDGE.core is not None
    core = EDGE.core
    return replace(
        core,
        sites=tuple(
            replace(s, capacity=min(s.capacity / 100.0, 1000.0), queue_ms=5_000.0)
            for s in core.sites
        ),
        links=tuple(
            replace(
                s,
                capacity_mbps=min(s.capacity_mbps / 100.0, 12.0),
                queue_ms=5_000.0,
                loss=500.0 * s.loss,
            )
            for s in core.links
        ),
    )


def test_three_sites_agree_with_packets_played_one_by_one() -> None:
    load = 0.6
    scenario = steady(slow_edge(), load)
    splits = [[0, 0, 0, 0, 50, 50], [100, 0, 0, 0, 0, 0], [0, 50, 50, 0, 0, 0]]
    # Packets a ms, bytes: 10 to 20 % of the narrowest station on each way.
    rates, size = [0.03, 0.06, 0.12], 1000.0
    flows = [
        Flow(rate, size, 0.0, [(p, q / 100.0) for p, q in enumerate(split) if q], 0.5, 0.0005)
        for rate, split in zip(rates, splits, strict=True)
    ]
    played = reference(scenario, flows, load, 60.0, 3)
    core = CoreNetwork(
        with_core(
            replace(scenario, slices=tuple(replace(s, size_scv=0.0) for s in scenario.slices)), 1000
        ),
        np.zeros(1, np.uint64),
    )
    asked = CoreAllocationBatch(np.array([[2, 0, 1]]), np.array([splits]))
    offered = np.array([[[r * 1e3, r * 1e3 * size] for r in rates]])
    for _ in range(10):
        report = core.step(asked, offered)
    detail = core.detail()
    for s in range(3):
        model = detail.core_ms[0, s] + detail.transport_ms[0, s]
        assert model == pytest.approx(played.mean(s), rel=0.05)
        assert report.slices[0, s, P99] / 1e3 == pytest.approx(played.percentile(s, 0.99), rel=0.15)
        lost = detail.lost[0, :, s, :, 0].sum() / detail.offered[0, s, 0]
        assert lost == pytest.approx(played.loss(s), abs=0.01)
    # The microwave's line errs; nothing else does.
    assert played.loss(0) > 0.01
    assert detail.lost[0, 6, 0, 1, 0] > 0.0


@pytest.mark.parametrize(("rho", "queue_ms"), [(0.8, 1.0), (0.9, 2.0), (1.2, 3.0)])
def test_small_buffers_lose_what_packets_played_one_by_one_lose(
    rho: float, queue_ms: float
) -> None:
    """A CPU of 10 packets a ms with room for 10, 20, 30 of them."""
    scenario = single(capacity=10_000.0, queue_ms=queue_ms)
    flow = Flow(10.0 * rho, 500.0, 0.0, [(0, 1.0)], 1.0, 0.0)
    played = reference(scenario, [flow], 0.0, 10.0, 5)
    core = network(scenario)
    for _ in range(20):
        core.step(core.first(), traffic(core, 1000.0 * rho, 500.0))
    detail = core.detail()
    lost = detail.lost[0, 0, 0, 0, 0] / detail.offered[0, 0, 0]
    assert lost == pytest.approx(played.loss(0), rel=0.25)
    assert detail.core_ms[0, 0] == pytest.approx(played.mean(0), rel=0.25)


def test_everything_offered_is_delivered_waits_or_is_lost_in_a_place_for_a_reason() -> None:
    """Wild traffic, allocations that wander, and health that comes and goes."""
    cells, rng = 6, np.random.default_rng(11)
    core = CoreNetwork(EDGE, np.arange(cells, dtype=np.uint64))
    sites, links = len(core.topology.sites), len(core.topology.links)
    before = core.detail().waiting
    seen = np.zeros(3)
    moved = held = 0.0
    for _ in range(120):
        site = rng.integers(0, sites, (cells, 3))
        split = np.zeros((cells, 3, len(core.topology.paths)), np.int64)
        for place in np.ndindex(cells, 3):
            names = [p.site for p in core.topology.paths]
            own = [i for i, s in enumerate(names) if s == core.topology.sites[site[place]]]
            split[place][own] = rng.multinomial(100, np.full(len(own), 1.0 / len(own)))
        offered = rng.pareto(1.2, (cells, 3, 1)) * [1000.0, 700_000.0]
        health = [
            rng.choice([0.0, 0.3, 1.0], (cells, n), p=[0.05, 0.1, 0.85]) for n in (sites, links)
        ]
        core.step(
            CoreAllocationBatch(site, split), offered, site_health=health[0], link_health=health[1]
        )
        d = core.detail()
        lost = d.lost.sum(axis=(1, 3)) + d.lost_waiting_for_upf
        np.testing.assert_allclose(d.offered, offered, rtol=1e-12)
        np.testing.assert_allclose(
            d.offered + before, d.delivered + d.waiting + lost, rtol=1e-9, atol=1e-9
        )
        for part in (d.delivered, d.waiting, d.lost, d.lost_waiting_for_upf, d.background):
            assert (part >= 0.0).all()
        before, seen = d.waiting, seen + d.lost[..., 0].sum(axis=(0, 1, 2))
        moved, held = moved + d.migrations.sum(), held + d.lost_waiting_for_upf.sum()
    # Every way to lose a packet was met.
    assert (seen > 0.0).all()
    assert moved > 50
    assert held > 0.0


def course(core: CoreNetwork, periods: int = 12) -> list[CoreReportBatch]:
    return [core.step(core.first(), traffic(core, 800.0, 1000.0)) for _ in range(periods)]


def same(one: CoreReportBatch, other: CoreReportBatch) -> None:
    for name in ("sites", "links", "slices", "upf_site", "migrating"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_a_core_depends_on_its_seed_alone_and_starts_again_as_it_did() -> None:
    many = CoreNetwork(EDGE, np.arange(5, dtype=np.uint64))
    alone = CoreNetwork(EDGE, np.array([3], np.uint64))
    first = course(many)
    for a, b in zip(first, course(alone), strict=True):
        np.testing.assert_array_equal(a.slices[3:4], b.slices)
        np.testing.assert_array_equal(a.links[3:4], b.links)
    assert not np.array_equal(first[-1].links[0], first[-1].links[1])
    # Cell 2 begins anew with its seed, cell 4 with that of cell 0; the others go on.
    go_on = CoreNetwork(EDGE, np.arange(5, dtype=np.uint64))
    course(go_on)
    which = np.array([False, False, True, False, True])
    many.reset(which, np.array([9, 9, 2, 9, 0], np.uint64))
    for again, on, start in zip(course(many), course(go_on), first, strict=True):
        np.testing.assert_array_equal(again.links[2], start.links[2])
        np.testing.assert_array_equal(again.links[4], start.links[0])
        np.testing.assert_array_equal(again.links[[0, 1, 3]], on.links[[0, 1, 3]])
    many.reset(seeds=np.arange(5, dtype=np.uint64))
    same(course(many)[-1], first[-1])


def test_no_action_changes_the_background() -> None:
    """A station none of the slices use shows it: the same reports under other decisions."""
    cores = [CoreNetwork(EDGE, np.arange(3, dtype=np.uint64)) for _ in range(2)]
    names = cores[0].topology.links
    for period in range(30):
        reports = [
            core.step(allocation(core, 0, [100, 0, 0, 0, 0, 0]), traffic(core, load, 1000.0))
            for core, load in zip(cores, (10.0, 3000.0 * (period % 2)), strict=True)
        ]
        if period > 5:  # the first UPFs are where the scenario puts them, and move
            for k in (names.index("metro-protect"), names.index("long-haul")):
                np.testing.assert_array_equal(reports[0].links[:, k], reports[1].links[:, k])
    access = LINK_COLUMN["CORE.LinkDelayMean"]
    assert (reports[0].links[:, 0, access] != reports[1].links[:, 0, access]).any()


@pytest.mark.parametrize("load", [200.0, 3000.0, 9000.0])
def test_more_capacity_never_raises_delay_or_loss(load: float) -> None:
    assert EDGE.core is not None
    slices = len(EDGE.slices)
    last = np.full((4, slices), np.inf), np.full((4, slices), np.inf)
    for factor in (0.5, 1.0, 2.0, 4.0):
        core = CoreNetwork(
            replace(
                EDGE,
                core=replace(
                    EDGE.core,
                    # The room for packets stays: a longer queue delays more, and loses less.
                    sites=tuple(
                        replace(s, capacity=s.capacity * factor, queue_ms=s.queue_ms / factor)
                        for s in EDGE.core.sites
                    ),
                ),
            ),
            np.arange(4, dtype=np.uint64),
        )
        # The background keeps its work.
        core._plan.rules["load_low"][:3] /= factor
        core._plan.rules["load_high"][:3] /= factor
        core.reset()
        lost, delay = np.zeros((4, slices)), np.zeros((4, slices))
        for _ in range(20):
            core.step(core.first(), traffic(core, load, 1000.0))
            d = core.detail()
            lost += d.lost[:, :3, :, :, 0].sum(axis=(1, 3))
            delay += d.core_ms
        assert (delay <= last[0] * (1 + 1e-9)).all()
        assert (lost <= last[1] * (1 + 1e-9) + 1e-9).all()
        last = delay, lost


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"site": 2}, r"^cells\[0\]\.slices\[0\]\.site: there is no such site$"),
    ({"site": -1}, r"^cells\[0\]\.slices\[0\]\.site: there is no such site$"),
    ({"split": [0, 0, 100]}, r"slices\[0\]\.split\[2\]: the path starts at another site$"),
    ({"split": [150, -50, 0]}, r"slices\[0\]\.split\[0\]: is outside 0\.\.100$"),
    ({"split": [50, 40, 0]}, r"slices\[0\]\.split: the shares do not sum to 100$"),
    ({"split": [100, 0]}, r"^split: shape \(1, 1, 2\), needs \(1, 1, 3\)$"),
    ({"offered": np.zeros((1, 2, 2))}, r"^offered: shape"),
    ({"offered": np.full((1, 1, 2), -1.0)}, r"^offered\[0, 0, 0\]: -1\.0 is not a number"),
    ({"offered": np.full((1, 1, 2), np.nan)}, r"^offered\[0, 0, 0\]: nan is not a number"),
    (
        {"site_health": np.full((1, 2), 1.5)},
        r"^site_health\[0, 0\]: 1\.5 is not a number of 0\.\.1",
    ),
    ({"link_health": np.ones((1, 2))}, r"^link_health: shape \(1, 2\), needs \(1, 3\)$"),
    ({"radio_ms": np.ones(3)}, r"^radio_ms: shape \(3,\), needs \(1, 1\)$"),
]


@pytest.mark.parametrize(("change", "message"), REFUSED)
def test_what_no_period_can_be_played_with_is_refused(change: dict[str, Any], message: str) -> None:
    core = network(two_sites())
    given: dict[str, Any] = {"site": 0, "split": [100, 0, 0], "offered": traffic(core, 1.0, 1.0)}
    given |= change
    asked = allocation(core, given.pop("site"), given.pop("split"))
    with pytest.raises(ValueError, match=message):
        core.step(asked, given.pop("offered"), **given)


def test_what_is_no_core_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^core: the scenario has none$"):
        CoreNetwork(replace(EDGE, core=None), np.zeros(1, np.uint64))
    with pytest.raises(ValueError, match=r"^seeds: needs uint64 \[1\], got int64 \(1,\)$"):
        CoreNetwork(EDGE, np.zeros(1, np.int64))
    core = network(two_sites())
    with pytest.raises(ValueError, match=r"^which: needs bool \[1\]"):
        core.reset(np.ones(2, np.bool_))
    whole = core.first()
    with pytest.raises(ValueError, match=r"^site: needs int64"):
        core.step(
            CoreAllocationBatch(whole.site.astype(np.int32), whole.split),
            traffic(core, 1.0, 1.0),
        )
