"""Traffic after recorded phones: what a scenario takes over, and how like the source it is."""

from typing import Any

import numpy as np
import pytest

from e2sim.calibration.burst import burstiness, quantiles
from e2sim.calibration.fitted import SOURCES
from e2sim.calibration.source import PROBABILITIES, generate, quantile
from e2sim.calibration.twin import arrivals, like_testbed, play
from e2sim.scenario import load_scenario, parse_scenario
from e2sim.scenario.pareto import bounded_pareto_mean, lower_bound
from e2sim.scenario.sources import NAMES, expanded, mean, settings


def document(traffic: dict[str, Any]) -> dict[str, Any]:
    part = {
        "snssai": "1-000001",
        "kind": "eMBB",
        "users": 1,
        "scheduler": "round_robin",
        "discard_ms": 1500,
        "traffic": traffic,
    }
    return {"name": "x", "slices": [part]}


@pytest.mark.parametrize("source", SOURCES, ids=lambda s: s.trace)
def test_every_source_is_a_traffic_with_its_means(source: Any) -> None:
    load = [0.01, 0.02]
    traffic = parse_scenario(document({"source": source.trace, "load": load})).slices[0].traffic
    assert traffic.load == (0.01, 0.02)
    low, high = traffic.packet_bytes
    got = bounded_pareto_mean(low, high, traffic.pareto_shape)
    if source.off_s:
        draws = quantile(source.volume_bytes, (np.arange(20_000) + 0.5) / 20_000)
        stays = quantile(source.on_s, (np.arange(20_000) + 0.5) / 20_000)
        assert traffic.on_s == pytest.approx(stays.mean(), rel=1e-3)
        assert traffic.off_s > 0.0
    else:
        draws = np.array(source.packet_mean_bytes)
        assert (traffic.on_s, traffic.off_s) == (0.0, 0.0)
        assert 0.2 < traffic.swing_sigma < 0.6
        assert np.exp(-1.0 / traffic.swing_s) == pytest.approx(source.memory)
    assert got == pytest.approx(draws.mean(), rel=0.01)


def test_keys_beside_a_source_win() -> None:
    given = {"source": "embb_04_10", "load": [0.1, 0.2], "on_s": 7.0, "admission": True}
    traffic = parse_scenario(document(given)).slices[0].traffic
    assert (traffic.on_s, traffic.admission) == (7.0, True)
    assert traffic.off_s == settings(SOURCES[0])["off_s"]
    assert given["source"] == "embb_04_10"  # the caller's document is its own


def test_an_uplink_has_sources_too() -> None:
    up = {
        "scheduler": "round_robin",
        "discard_ms": 100,
        "traffic": {"source": "urllc_05_18", "load": [0.1, 0.2]},
    }
    known = document({"source": "embb_04_10", "load": [0.1, 0.2]})
    known["slices"][0]["uplink"] = up
    sent = parse_scenario(known).slices[0].uplink
    assert sent is not None
    assert sent.traffic.swing_s == settings(SOURCES[5])["swing_s"]
    up["traffic"] = {"source": "x", "load": [0.1, 0.2]}
    with pytest.raises(ValueError, match=r"^slices\[0\]\.uplink\.traffic\.source: 'x' is not one"):
        parse_scenario(known)


@pytest.mark.parametrize("name", ["embb", 7, None, ["embb_04_10"]])
def test_an_unknown_source_is_refused_with_the_list(name: object) -> None:
    with pytest.raises(ValueError, match=r"^slices\[0\]\.traffic\.source: .* is not one of embb_0"):
        parse_scenario(document({"source": name, "load": [0.1, 0.2]}))
    assert len(NAMES) == len(SOURCES)


def test_what_a_source_leaves_out_is_still_required() -> None:
    with pytest.raises(ValueError, match=r"^slices\[0\]\.traffic\.load: is required$"):
        parse_scenario(document({"source": "embb_04_10"}))


def test_means_of_tables_and_bounds() -> None:
    assert mean(tuple(PROBABILITIES)) == pytest.approx(0.5)
    low = lower_bound(1000.0, 1.5, 40.0)
    assert bounded_pareto_mean(low, 1000.0, 1.5) == pytest.approx(40.0)


# Load at which a user of the testbed is offered what the phone was, about.
LOADS = {"embb_11_18": 0.027, "mmtc_11_18": 0.00042, "urllc_04_10": 0.033}


@pytest.mark.parametrize("name", LOADS)
def test_users_of_a_source_are_as_bursty(name: str) -> None:
    source = next(s for s in SOURCES if s.trace == name)
    load = LOADS[name]
    scenario = like_testbed(expanded({"source": name, "load": [load, load]}, "traffic"))
    seconds, rng = 300, np.random.default_rng(4)
    seeds = np.arange(24).astype(np.uint64)
    played = arrivals(scenario, play(scenario, seeds, periods=seconds * 4))[0]
    (twin,) = quantiles([burstiness(p) for p in played if len(p.time_s) > 2], [0.5])
    made = [burstiness(generate(source, seconds, rng).merged(0.25)) for _ in range(24)]
    (recorded,) = quantiles(made, [0.5])
    assert 0.5 < twin.rate_mbps / recorded.rate_mbps < 2.0
    assert twin.idle_share == pytest.approx(recorded.idle_share, abs=0.12)
    assert 0.5 < twin.p99_mbps / recorded.p99_mbps < 2.0


def test_the_scenario_of_phones_is_what_its_file_says() -> None:
    video, calls, background = (s.traffic for s in load_scenario("trace").slices)
    assert (video.off_s, calls.off_s, background.off_s) == pytest.approx((19.318, 0.0, 9.04))
    assert video.load == (0.15, 0.6)
