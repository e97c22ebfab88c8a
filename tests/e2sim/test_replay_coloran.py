"""ColO-RAN: hand-computed reports, messages, and experiments apart."""

import json
from collections import Counter
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from e2sim.replay.census import Census
from e2sim.replay.experiments import experiments
from e2sim.replay.period import RecordedPeriod
from e2sim.replay.recording import open_recording
from tests.e2sim.rows import COLORAN, T0, csv, sample, source


def played(path: Path) -> tuple[dict[str, list[RecordedPeriod]], Census]:
    recording = open_recording(path)
    assert recording.format == "ColO-RAN"
    cells: dict[str, list[RecordedPeriod]] = {}
    for cell in recording.cells:
        periods = cells.setdefault(f"{cell.node} {cell.cell}", [])
        for period in cell.periods():
            period.count_used()
            periods.append(period)
        cell.close()
    return cells, recording.census


def test_messages_by_hand(tmp_path: Path) -> None:
    rows = [
        sample(T0, 1, 2, buffer=0, rate=0.01),
        sample(T0, 1, 0, buffer=100, rate=2.0),
        sample(T0, 1, 0, buffer=401, rate=2.5),
        sample(T0, 1, 1, buffer=3, rate=0.05),
        sample(T0 + 1_002, 2, 1, buffer=5, rate=1.2345),
    ]
    path = tmp_path / "kpm.csv"
    path.write_bytes(csv(COLORAN, rows))
    cells, census = played(path)
    (periods,) = cells.values()
    assert list(cells) == ["main exp1"]
    assert [p.recorded_ms for p in periods] == [T0, T0 + 1_002]
    documents = [p.report("n", "c", 0, 0).to_document() for p in periods]
    assert [d["period_ms"] for d in documents] == [250, 250]
    assert [d["measurements"] for d in documents] == [{"RRU.PrbAvailDl": 50}] * 2
    assert documents[0]["slices"] == [
        {
            "snssai": "1-000001",
            "measurements": {"DRB.UEThpDl": 2_250.0, "DRB.BufferSize.Qos": 250},
        },
        {"snssai": "2-000001", "measurements": {"DRB.UEThpDl": 10.0, "DRB.BufferSize.Qos": 0}},
        {"snssai": "3-000001", "measurements": {"DRB.UEThpDl": 50.0, "DRB.BufferSize.Qos": 3}},
    ]
    assert documents[1]["slices"] == [
        {"snssai": "3-000001", "measurements": {"DRB.UEThpDl": 1_234.0, "DRB.BufferSize.Qos": 5}}
    ]
    assert census.to_document()["rows"] == {"read": 5, "used": 5, "refused": {}, "unused": 0}


def test_dirty_rows_stay_with_their_experiment(tmp_path: Path) -> None:
    two = "main/exp2"
    lines = [
        b"\xff\xff",
        sample(T0, 1, 0).encode(),
        sample(T0 + 1, 1, 0).encode(),
        sample(T0, 2, 0).encode(),
        sample(T0 - 5, 2, 0).encode(),
        b"",
        sample(T0 + 1_000, 2, 3).encode(),
        sample(T0 + 1_000, 2, 2, rate="x").encode(),
        sample(T0 + 1_000, 2, 2, buffer=-1).encode(),
        sample(T0 + 9_000, 3, 1).encode(),
        sample(T0, 1, 0, experiment=two).encode(),
        b"main/exp2,trf1,2",
        b"x" * 50_000,
        sample(T0 + 250, 2, 0, experiment=two).encode(),
        b"main/exp\xe9" + sample(T0, 1, 0)[9:].encode(),
    ]
    path = tmp_path / "kpm.csv"
    path.write_bytes(COLORAN.encode() + b"\n" + b"\n".join(lines) + b"\n")
    cells, census = played(path)
    assert {k: [p.recorded_ms - T0 for p in v] for k, v in cells.items()} == {
        "main exp1": [0, 9_000],
        "main exp2": [0, 250],
    }
    first, second = census.files
    assert first.refused == Counter(
        {
            "undecodable_bytes": 1,
            "time_inconsistent_in_message": 1,
            "time_repeated": 1,
            "time_backwards": 1,
            "empty_line": 1,
            "out_of_range:slice_id": 1,
            "not_a_number:tx_brate_dl_mbps": 1,
            "negative:dl_buffer_bytes": 1,
        }
    )
    assert (first.read, first.used, first.gaps, first.longest_gap_ms) == (10, 2, 1, 9_000)
    assert second.refused == Counter(
        {"wrong_number_of_columns": 1, "line_too_long": 1, "undecodable_bytes": 1}
    )
    assert (second.read, second.used) == (5, 2)
    # Line numbers are those of the file, not of the experiment.
    places = census.examples["undecodable_bytes"]
    assert [int(p.split("):")[1].split(":")[0]) for p in places] == [2, 16]
    json.dumps(census.to_document())


@given(st.lists(st.sampled_from(["a/x", "a/y", "b/x"]), max_size=30))
def test_an_experiment_is_a_run_of_rows(order: list[str]) -> None:
    rows = [sample(T0 + i, i, 0, experiment=name) for i, name in enumerate(order)]
    made = source(csv(COLORAN, rows))
    parts = list(experiments(made, made.header()))
    runs = [name for i, name in enumerate(order) if i == 0 or order[i - 1] != name]
    assert [name for name, _ in parts] == runs
    lines = [numbered for _, part in parts for numbered in part.lines()]
    assert lines == [(i + 2, f"{line}\n".encode()) for i, line in enumerate(rows)]
    for _, part in parts:
        part.stream.close()
