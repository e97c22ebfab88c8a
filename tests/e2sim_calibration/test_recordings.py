"""Readers of the recordings, on small files of the same form."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import typer

from e2sim.calibration.__main__ import main, plain
from e2sim.calibration.packets import HEADER, read_traces
from e2sim.calibration.response import (
    best_constant_share,
    read_decisions,
    read_rows,
    response,
    split,
)
from e2sim.calibration.sessions import COLUMNS, CQI, MCS, TIME, Recorded, Session, read_sessions

LOG = (
    "Timestamp,dl_mcs,dl_n_samples,dl_buffer [bytes],tx_brate downlink [Mbps],tx_pkts downlink,"
    "tx_errors downlink (%),dl_cqi,ul_mcs,ul_n_samples,ul_buffer [bytes],rx_brate uplink [Mbps],"
    "rx_pkts uplink,rx_errors uplink (%),ul_sinr,phr,sum_requested_prbs,sum_granted_prbs,"
    "ul_turbo_iters"
)


def log(path: Path, times: Sequence[int], mcs: str = "6") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [f"{t},{mcs},4,0,0.5,12,0,9,14,3,0,0.1,5,0,30,0,3,40,1" for t in times]
    path.write_text("\n".join([LOG, *rows]) + "\n")


def seconds(first: int, count: int) -> list[int]:
    return list(range(first * 1000, first * 1000 + count * 250, 250))


def test_rows_count_once_however_often_they_are_written(tmp_path: Path) -> None:
    first, second = seconds(10, 60), seconds(100, 80)
    log(tmp_path / "embb1" / "ue2.csv", first)
    log(tmp_path / "embb2" / "ue2.csv", first + second)
    log(tmp_path / "embb2" / "ue3.csv", second)
    recorded = read_sessions(tmp_path)
    assert (recorded.read, recorded.repeated, recorded.refused) == (280, 60, 0)
    assert [[(s.user, s.kind, len(s.rows)) for s in run] for run in recorded.runs] == [
        [("ue2", "eMBB", 60)],
        [("ue2", "eMBB", 80), ("ue3", "eMBB", 80)],
    ]
    rows = recorded.runs[0][0].rows
    assert rows[:, TIME].tolist() == first
    assert (rows[0, MCS], rows[0, CQI]) == (6.0, 9.0)


def test_a_run_written_under_two_classes_has_neither(tmp_path: Path) -> None:
    log(tmp_path / "mmtc1" / "ue.csv", seconds(0, 50) + seconds(90, 50))
    log(tmp_path / "Multi4" / "ue.csv", seconds(0, 50))
    assert [run[0].kind for run in read_sessions(tmp_path).runs] == ["mixed", "mMTC"]


def test_rows_that_are_no_rows_and_scraps_of_sessions_are_counted(tmp_path: Path) -> None:
    log(tmp_path / "embb" / "ue.csv", seconds(0, 50) + seconds(90, 39))
    log(tmp_path / "urllc" / "ue.csv", seconds(200, 50), mcs="29")
    recorded = read_sessions(tmp_path)
    assert (recorded.read, recorded.refused, recorded.short) == (139, 50, 39)
    assert sum(len(s.rows) for run in recorded.runs for s in run) == 50
    (tmp_path / "embb" / "ue.csv").write_text("a,b\n")
    with pytest.raises(ValueError, match="the header lacks one of"):
        read_sessions(tmp_path)


def test_runs_are_never_split() -> None:
    sizes = [90, 10, 40, 70, 50]
    runs = [[Session(f"{i}", "eMBB", np.zeros((n, len(COLUMNS))))] for i, n in enumerate(sizes)]
    runs[0].append(Session("0b", "eMBB", np.zeros((40, len(COLUMNS)))))
    fitted, held = Recorded(runs).split()
    names = [{s.user for s in side} for side in (fitted, held)]
    assert names[0] | names[1] == {"0", "0b", "1", "2", "3", "4"}
    assert not names[0] & names[1]
    assert {"0", "0b"} <= names[0]
    assert abs(sum(len(s.rows) for s in fitted) - sum(len(s.rows) for s in held)) <= 20


def test_packets_are_told_apart_by_direction(tmp_path: Path) -> None:
    down, up = "172.30.1.250,172.30.1.1,UDP", "172.30.1.1,172.30.1.250,UDP"
    rows = [f"A,{i},{100 + i * 0.5},{down if i % 2 else up},{100 + i}" for i in range(200)]
    rows += ["A,x,soon,a,b,c,1", "A,1"]
    (tmp_path / "urllc_a.csv").write_text("\n".join([",".join(HEADER), *rows]) + "\n")
    (tmp_path / "cntrl.csv").write_text("never,read\n")
    short = [f"A,{i},{i},{down},9" for i in range(30)]
    (tmp_path / "embb_s.csv").write_text("\n".join([",".join(HEADER), *short]) + "\n")
    (trace,) = read_traces(tmp_path)
    assert (trace.name, trace.kind, trace.downlink.duration_s) == ("urllc_a", "URLLC", 99.0)
    assert trace.downlink.time_s[0] == 0.5
    assert trace.downlink.size_bytes[:2].tolist() == [101, 103]
    assert trace.uplink.size_bytes[:2].tolist() == [100, 102]
    assert (trace.tally.used, sum(trace.tally.refused.values())) == (200, 2)
    (tmp_path / "mmtc_x.csv").write_text("a,b\n")
    with pytest.raises(ValueError, match="mmtc_x"):
        list(read_traces(tmp_path))


def test_only_experiments_that_offer_4_mbps_answer(tmp_path: Path) -> None:
    path = tmp_path / "kpm.csv"
    rows = ["exp,slice_id,slice_prb,tx_brate_dl_mbps,dl_buffer_bytes"]
    rows += ["a,0,36,4.0,100"] * 80 + ["a,0,6,2.5,150000"] * 90 + ["a,0,12,4,1"] * 79
    rows += ["a,1,36,9,0"] * 80  # another slice
    rows += ["b,0,36,2.0,100"] * 80  # offers half
    rows += ["b,0,36,-1,100"]
    path.write_text("\n".join(rows) + "\n")
    found = read_rows(path)
    assert (found.tally.used, sum(found.tally.refused.values())) == (409, 1)
    assert [[s.experiment for s in side] for side in split(found)] == [["a"], ["b"]]
    told = response(found.samples)
    assert told.prbs.tolist() == [6.0, 36.0]
    assert told.rate_mbps.tolist() == [2.5, 4.0]
    assert told.buffer_bytes.tolist() == [150_000.0, 100.0]
    assert told.samples.tolist() == [90, 80]


def test_absent_recordings_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit):
        main(tmp_path, tmp_path / "out.json")
    told = capsys.readouterr().err
    assert "logs.tar.xz" in told
    assert "No such file" in told
    assert not (tmp_path / "out.json").exists()


def test_numbers_that_are_none_become_null() -> None:
    told = plain({"a": (np.float64(np.nan), 1.23456789), 2: np.arange(2), "b": [True, "x", None]})
    assert told == {"a": [None, 1.23457], "2": [0, 1], "b": [True, "x", None]}


def test_the_most_frequent_action_counts_whatever_its_latency(tmp_path: Path) -> None:
    path = tmp_path / "decisions.csv"
    head = "exp,latency_ms,sched0,sched1,sched2,rbg0,rbg1,rbg2\n"
    path.write_text(head + "a,100,0,1,0,12,1,4\na,200,0,1,0,12,1,4\na,50,0,1,0,11,2,4\n")
    (sample,) = read_decisions(path).samples
    assert best_constant_share(sample) == pytest.approx(2 / 3)
    assert sample.rows[:, 0].tolist() == [100.0, 200.0, 50.0]
    path.write_text("exp,latency_ms\na,1\n")
    with pytest.raises(ValueError, match="needs exp and"):
        read_decisions(path)
