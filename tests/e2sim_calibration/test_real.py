"""The real recordings: what the sources were fitted on, and what the curves must show."""

import json
import math
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from e2sim.calibration.__main__ import main
from e2sim.calibration.agreement import facts, phones, stacked
from e2sim.calibration.burst import burstiness
from e2sim.calibration.fitted import SOURCES
from e2sim.calibration.judgement import fit_trace, judge_all, settled
from e2sim.calibration.packets import Trace, read_traces
from e2sim.calibration.phones import RECORDED_AS
from e2sim.calibration.radio import radio_curves
from e2sim.calibration.response import best_constant_share, read_decisions, read_rows, response
from e2sim.calibration.sessions import read_sessions
from e2sim.scenario import load_scenario
from tests.e2sim.recordings import recording


@cache
def traces() -> list[Trace]:
    return sorted(read_traces(recording("tractor/raw.tar.xz")), key=lambda t: t.name)


def test_the_table_in_code_is_what_fitting_gives() -> None:
    assert [fit_trace(trace) for trace in traces()] == list(SOURCES)


def test_fitted_sources_beat_poisson_and_constant_on_what_was_held_out() -> None:
    rows = judge_all(traces(), SOURCES, np.random.default_rng(8), runs=15)
    assert len(rows) == 6
    for row in rows:
        told, held = row["players"], row["recorded_held_out"]
        ours, poisson, constant = (told[name] for name in ("fitted", "poisson", "constant"))
        assert ours.ks < 0.8 * poisson.ks, row["trace"]
        assert poisson.ks < constant.ks, row["trace"]

        def far(played: float, recorded: float) -> float:
            return abs(math.log(played / recorded))

        assert far(ours.median.gap_cv, held.gap_cv) < 0.5, row["trace"]
        if held.gap_cv > 2.0:
            assert far(poisson.median.gap_cv, held.gap_cv) > 0.9, row["trace"]
    # Where a recording is like itself, the source is like it too.
    alike = [row for row in rows if row["floor_ks"] < 0.06]
    assert {row["trace"] for row in alike} == {"embb_11_18", "mmtc_11_18"}
    for row in alike:
        assert row["players"]["fitted"].ks < 0.1
        held, low, high = (
            row["recorded_held_out"],
            *(getattr(row["players"]["fitted"], edge) for edge in ("low", "high")),
        )
        assert low.idle_share <= held.idle_share <= high.idle_share


def test_radio_rows_count_once_and_bits_per_prb_are_those_published_with_the_data() -> None:
    recorded = read_sessions(recording("tractor/logs.tar.xz"))
    told = facts(recorded)
    assert (
        told["rows_read"]
        == told["rows_used"] + told["rows_repeated"] + told["rows_of_short_sessions"]
    )
    assert told["rows_repeated"] == 177_883
    # No downlink error was ever recorded: there is no downlink error curve to fit.
    assert told["rows_with_downlink_errors"] == 0
    rows = stacked([s for run in recorded.runs for s in run])
    curves = radio_curves(rows)
    published = {4: 74, 6: 105, 8: 140, 10: 170, 12: 205, 14: 253, 16: 296, 18: 327, 20: 411}
    for mcs, bits in published.items():
        assert curves.bits_of_mcs.at(float(mcs)) == pytest.approx(bits, rel=0.05), mcs
    for cqi, mcs_index in {4: 4.7, 5: 6.6, 6: 9.6, 7: 10.8, 8: 13.3, 9: 17.8}.items():
        assert curves.mcs_of_cqi.at(float(cqi)) == pytest.approx(mcs_index, rel=0.12), cqi


def test_coloran_answers_to_prbs_and_repeats_itself() -> None:
    told = response(read_rows(recording("coloran/kpm_rows.csv.gz")).samples)
    assert told.prbs.tolist() == [6.0, 12.0, 18.0, 24.0, 30.0, 36.0]
    assert told.rate_mbps[0] < 3.1
    assert (told.rate_mbps[1:] > 4.0).all()
    assert told.buffer_bytes[0] > 100_000
    assert told.buffer_bytes[-1] < 1000
    decisions = read_decisions(recording("coloran/decisions.csv.gz")).samples
    latency = np.concatenate([s.rows[:, 0] for s in decisions])
    assert np.quantile(latency, (0.5, 0.95)).tolist() == [139.0, 259.0]
    assert np.median([best_constant_share(s) for s in decisions]) > 0.9


def test_settings_alone_bring_the_twins_users_near_the_phones() -> None:
    twin = phones(load_scenario("mixed"), cells=8, periods=1500)
    for name, told in twin.items():
        trace = next(t for t in traces() if t.name == RECORDED_AS[name])
        recorded = burstiness(settled(trace.downlink).merged(0.1))
        assert told["idle_share"] == pytest.approx(recorded.idle_share, abs=0.05), name
        assert told["fine_idle_share"] == pytest.approx(recorded.fine_idle_share, abs=0.06), name
        assert told["memory"] == pytest.approx(recorded.memory, abs=0.3), name


@pytest.mark.slow
def test_the_command_writes_every_figure(tmp_path: Path) -> None:
    data = recording("tractor").parent
    main(data, tmp_path / "out.json", tmp_path / "plots")
    told = json.loads((tmp_path / "out.json").read_text())
    assert set(told) == {
        "recording", "radio", "distributions", "bits_intervals", "response", "decisions",
        "sources", "fitted_sources", "traffic_as_it_is",
        "traffic_with_settings",
    }  # fmt: skip
    # The twin's blocks carry a sixth more than LTE's: see docs/calibration.md.
    off = told["radio"]["bits_of_mcs"]
    assert 0.1 < off["twin_off"]["bias"] < 0.25
    assert off["scaled_off"]["mean"] < 0.05
    # Cells enough that no curve loses points to the draw of where users stand.
    points = {name: told["radio"][name]["twin_off"]["points"] for name in told["radio"]}
    assert (points["mcs_of_cqi"], points["bits_of_cqi"], points["rate_of_prbs"]) == (8, 8, 12)
    errors = list(told["distributions"]["downlink_block_errors_twin_of_mcs"].values())
    assert errors[0] > 0.08 > max(errors[1:])  # below MCS 0 link adaptation has nowhere to go
    assert {p.name for p in (tmp_path / "plots").iterdir()} == {
        "calibration-radio.png", "calibration-traffic.png",
    }  # fmt: skip
