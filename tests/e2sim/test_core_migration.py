"""Failures, paths and migrations of the core, by their laws."""

from dataclasses import replace

import numpy as np
import pytest

from oran.core.measurements import CORE_SLICE_COLUMN, LINK_COLUMN, SITE_COLUMN
from tests.e2sim.cores import allocation, network, traffic, two_sites

P99 = CORE_SLICE_COLUMN["CORE.DelayDlP99"]


def test_a_failed_site_loses_all_and_a_degraded_link_waits_longer() -> None:
    core = network(two_sites())
    asked, offered = core.first(), traffic(core, 500.0, 1000.0)
    fine = core.step(asked, offered)
    assert fine.site_health.tolist() == [[0, 0]]
    usage, delay = LINK_COLUMN["CORE.LinkUsageMean"], LINK_COLUMN["CORE.LinkDelayMean"]
    weak = core.step(asked, offered, link_health=np.array([[0.5, 1.0, 1.0]]))
    assert weak.link_health.tolist() == [[1, 0, 0]]
    assert weak.links[0, 0, usage] == pytest.approx(2.0 * fine.links[0, 0, usage], rel=0.01)
    assert weak.links[0, 0, delay] > fine.links[0, 0, delay]
    dead = core.step(asked, offered, site_health=np.array([[0.0, 1.0]]))
    d = core.detail()
    assert dead.site_health.tolist() == [[2, 0]]
    assert d.lost[0, 0, 0, 2, 0] == pytest.approx(500.0, rel=0.01)
    assert np.isnan(dead.sites[0, 0, :2]).all()
    assert dead.slices[0, 0, CORE_SLICE_COLUMN["CORE.PktLossRateDl"]] > 990_000
    again = core.step(asked, offered)
    assert again.slices[0, 0, CORE_SLICE_COLUMN["CORE.PktLossRateDl"]] == 0.0


def test_a_site_that_fails_loses_what_waited_there_and_no_more_than_all() -> None:
    """Far fewer packets come in the period than are lost in it: loss is of those decided on."""
    scenario = two_sites()
    slow = replace(scenario.sites[0], capacity=1000.0, queue_ms=5000.0)
    core = network(replace(scenario, sites=(slow, scenario.sites[1])))
    core.step(core.first(), traffic(core, 900.0, 1000.0))
    loss = SITE_COLUMN["CORE.SitePktLossRate"]
    some = core.step(core.first(), traffic(core, 1.0, 1000.0))
    assert some.sites[0, 0, loss] < 1000.0
    dead = core.step(core.first(), traffic(core, 1.0, 1000.0), site_health=np.array([[0.0, 1.0]]))
    assert core.detail().lost[0, 0, 0, 2, 0] > 500.0
    assert dead.sites[0, 0, loss] == 1e6
    cut = core.step(core.first(), traffic(core, 1.0, 1000.0), link_health=np.array([[0.0] * 3]))
    assert cut.links[0, 0, LINK_COLUMN["CORE.LinkPktLossRate"]] == 1e6


def test_packets_on_two_paths_wait_for_the_slower_one() -> None:
    delays = {}
    for splitting in ("flow", "packet"):
        scenario = replace(two_sites(), splitting=splitting)
        core = network(scenario)
        for share in (100, 70, 0):
            split = [share, 100 - share, 0]
            for _ in range(3):
                core.step(allocation(core, 0, split), traffic(core, 10.0, 1000.0))
            d = core.detail()
            delays[splitting, share] = d.transport_ms[0, 0]
            assert (d.reorder_ms[0, 0] > 0.1) == (splitting == "packet" and share == 70)
    near, far = delays["flow", 100], delays["flow", 0]
    assert far - near == pytest.approx(4.0, abs=0.01)
    assert delays["flow", 70] == pytest.approx(0.7 * near + 0.3 * far, abs=0.01)
    assert delays["packet", 70] == pytest.approx(far, abs=0.01)


def test_a_migration_copies_its_state_then_interrupts_then_serves_from_the_new_site() -> None:
    """0.5 MB at 0.4 of 100 Mbit/s take 100 ms, against the direction of the link."""
    core = network(two_sites())
    offered = traffic(core, 100.0, 1000.0)
    core.step(core.first(), offered)
    away = allocation(core, 1, [0, 0, 100])
    copying = core.step(away, offered)
    d = core.detail()
    # The transfer ends in the last tick, which is interrupted already: 10 packets wait.
    assert copying.upf_site.tolist() == [[1]]
    assert (d.migrations[0, 0], d.interrupted_ms[0, 0]) == (1, 10.0)
    assert d.waiting[0, 0, 0] == pytest.approx(10.0, abs=0.2)
    assert d.delivered[0, 0, 0] == pytest.approx(90.0, abs=0.2)
    assert copying.migrating.tolist() == [[True]]
    assert d.cost[0, 0] == pytest.approx(2.0)
    after = core.step(away, offered)
    d = core.detail()
    assert (d.migrations[0, 0], d.interrupted_ms[0, 0]) == (0, 10.0)
    assert after.migrating.tolist() == [[False]]
    # Ten packets of the last period and ten of this one waited 15 and 5 ms for the UPF, of 110.
    assert d.delivered[0, 0, 0] == pytest.approx(110.0, abs=0.5)
    assert d.core_ms[0, 0] == pytest.approx((10 * 15.0 + 10 * 5.0) / 110, rel=0.05)
    core.step(away, offered)
    assert core.detail().transport_ms[0, 0] == pytest.approx(3.0 + 2 * 0.0835, abs=0.01)


def test_a_transfer_loads_links_in_its_direction() -> None:
    core = network(two_sites(state_mbyte=50.0))
    usage = LINK_COLUMN["CORE.LinkUsageMean"]
    offered = traffic(core, 10.0, 1000.0)
    core.step(allocation(core, 1, [0, 0, 100]), offered)
    for _ in range(110):
        report = core.step(allocation(core, 1, [0, 0, 100]), offered)
    assert report.upf_site.tolist() == [[1]]
    report = core.step(allocation(core, 0, [100, 0, 0]), offered)
    # From b to a the copy goes along the link "back", at 40 % of it, beside 1 % of packets.
    assert report.links[0, 2, usage] == pytest.approx(40.0 + 0.8, abs=0.2)
    assert report.migrating.tolist() == [[True]]
    # The link degrades: so does the copy; it fails: the copy waits.
    report = core.step(
        allocation(core, 0, [100, 0, 0]), offered, link_health=np.array([[1.0, 1.0, 0.25]])
    )
    assert report.links[0, 2, usage] == pytest.approx(40.0 + 4 * 0.8, abs=0.5)


def test_a_wish_for_the_old_site_gives_a_transfer_up() -> None:
    core = network(two_sites(state_mbyte=50.0))
    offered = traffic(core, 10.0, 1000.0)
    assert core.step(allocation(core, 1, [0, 0, 100]), offered).migrating.all()
    report = core.step(allocation(core, 0, [0, 100, 0]), offered)
    d = core.detail()
    assert not report.migrating.any()
    assert report.upf_site.tolist() == [[0]]
    assert (d.cancelled[0, 0], d.migrations[0, 0], d.cost[0, 0]) == (1, 0, 0.0)
    assert d.transport_ms[0, 0] > 5.0  # the new split is in force


def test_state_is_lost_with_its_site_and_packets_overflow_where_they_wait() -> None:
    core = network(two_sites(state_mbyte=50.0, restart_ms=50.0, hold_kbyte=20.0))
    offered = traffic(core, 100.0, 1000.0)
    dead = np.array([[0.0, 1.0]])
    core.step(allocation(core, 1, [0, 0, 100]), offered, site_health=dead)
    d = core.detail()
    # No copy: 50 ms later the other site serves. 50 packets came; there was room for 20.
    assert (d.migrations[0, 0], d.interrupted_ms[0, 0]) == (1, 50.0)
    assert d.lost_waiting_for_upf[0, 0].tolist() == pytest.approx([30.0, 30_000.0])
    assert d.lost.sum() == 0.0
    assert d.delivered[0, 0, 0] == pytest.approx(70.0, abs=0.5)
