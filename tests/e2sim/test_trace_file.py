"""Trace files: what is read is what was written, and what a refusal says."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from e2sim.scenario import Series, Trace, load_scenario, parse_scenario
from e2sim.scenario.trace import trace_of

HEADER = "series,step,step_ms,offered_bytes,snr_db"
ROWS = ["0,0,250,100,3", "0,1,250,0,-4.5", "1,0,250,7.5,12"]


def text(*rows: str, header: str = HEADER) -> str:
    return "".join(f"{row}\n" for row in (header, *rows))


@st.composite
def traces(draw: st.DrawFn) -> Trace:
    step_ms = draw(st.floats(1.0, 3_600_000.0))
    offered, snr = draw(st.sampled_from([(True, True), (True, False), (False, True)]))
    bytes_of, snr_of = st.floats(0.0, 1.25e6 * step_ms), st.floats(-40.0, 60.0)
    series = []
    for steps in draw(st.lists(st.integers(1, 6), min_size=1, max_size=4)):

        def column(values: st.SearchStrategy[float], n: int = steps) -> tuple[float, ...]:
            return tuple(draw(st.lists(values, min_size=n, max_size=n)))

        played = column(bytes_of) if offered else None
        series.append(Series(played, column(snr_of) if snr else None))
    return Trace(step_ms, tuple(series))


@given(traces())
def test_a_trace_is_read_as_it_was_written(trace: Trace) -> None:
    assert trace_of(trace.text(), "t.csv") == trace


@given(traces())
def test_columns_may_stand_in_any_order_and_absent_ones_be_left_out(trace: Trace) -> None:
    table = [line.split(",") for line in trace.text().splitlines()]
    kept = [i for i in range(4, -1, -1) if table[1][i]]
    turned = "\r\n".join(",".join(row[i] for i in kept) for row in table) + "\r\n"
    assert trace_of(turned, "t.csv") == trace


def test_a_file_by_hand() -> None:
    trace = trace_of(text(*ROWS), "t.csv")
    assert trace == Trace(250.0, (Series((100.0, 0.0), (3.0, -4.5)), Series((7.5,), (12.0,))))
    assert (trace.has_offered, trace.has_snr) == (True, True)
    assert [len(s) for s in trace.series] == [2, 1]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"t\.csv, line 1: '' is no column.*needs the header series,step,step_ms,offered_b"),
        (text(header=HEADER), r"t\.csv, line 2: no row after the header"),
        (text(*ROWS, header=HEADER.replace("snr_db", "cqi")), "line 1: 'cqi' is no column"),
        (text(*ROWS, header=HEADER.replace("snr_db", "step")), "line 1: 'step' is no column, or"),
        (text("0,250,1", header="step,step_ms,snr_db"), "line 1: no column series"),
        (text("0,0,250,,"), "line 2: no offered_bytes and no snr_db: needs one"),
        (text("0,0,250,1"), "line 2: 4 fields, needs 5"),
        (text(ROWS[0], ""), "line 3: 1 fields, needs 5"),
        (text("0,0,250,x,3"), r"line 2: offered_bytes: 'x' is not a number of 0\.\."),
        (text("0,0,250,-1,3"), r"line 2: offered_bytes: '-1' is not a number of 0\.\."),
        (text("0,0,250,inf,3"), "line 2: offered_bytes: 'inf' is not a number"),
        (text("0,0,250,1_0,3"), "line 2: offered_bytes: '1_0' is not a number"),
        (text("0,0,250,1,nan"), r"line 2: snr_db: 'nan' is not a number of -40\.\.60"),
        (text("0,0,250,1,61"), r"line 2: snr_db: '61' is not a number of -40\.\.60"),
        (text("0,0,0,1,1"), r"line 2: step_ms: '0' is not a number of 1\.\.3600000"),
        (text("0,0,1,1250001,1"), "line 2: offered_bytes: 1250001 in 1 ms is above 10 Gbit/s"),
        (text("0,0.5,250,1,1"), "line 2: step: '0.5' is not an integer"),
        (text("0,1,250,1,1"), "line 2: series 0, step 1 out of order: needs series 0 with step 0"),
        (text("1,0,250,1,1"), "line 2: series 1, step 0 out of order"),
        (
            text(ROWS[0], "0,2,250,1,1"),
            "line 3: series 0, step 2 out of order: needs series 0 with step 1, or series 1 with",
        ),
        (text(*ROWS[:2], ROWS[0]), "line 4: series 0, step 0 out of order"),
        (text(*ROWS, ROWS[1]), "line 5: series 0, step 1 out of order"),
        (text(ROWS[0], "0,1,100,1,1"), "line 3: step_ms: 100, but 250 in line 2"),
        (text(ROWS[0], "0,1,250,,1"), "line 3: offered_bytes: '', not empty in line 2"),
        (text("0,0,250,1,", "0,1,250,1,1"), "line 3: snr_db: '1', empty in line 2"),
    ],
)  # fmt: skip
def test_what_is_no_trace_is_refused_with_its_line(content: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        trace_of(content, "t.csv")


def document(**traffic: Any) -> dict[str, Any]:
    part = {
        "snssai": "1-000001",
        "kind": "eMBB",
        "users": 2,
        "scheduler": "round_robin",
        "discard_ms": 100,
        "trace": "t.csv",
        "traffic": {"load": [0, 0], "packet_bytes": [100, 100]} | traffic,
    }
    return {"name": "x", "slices": [part]}


def write(tmp_path: Path, content: str = text(*ROWS), **traffic: Any) -> str:
    (tmp_path / "t.csv").write_text(content, "utf-8")
    path = tmp_path / "x.yaml"
    path.write_text(yaml.safe_dump(document(**traffic)), "utf-8")
    return str(path)


def test_a_slice_has_the_trace_beside_its_scenario(tmp_path: Path) -> None:
    part = load_scenario(write(tmp_path)).slices[0]
    assert part.trace == trace_of(text(*ROWS), "")
    assert load_scenario("trace").slices[0].trace is None
    assert parse_scenario(document(), tmp_path).slices[0] == part
    channel = write(tmp_path, text("0,0,250,3", header="series,step,step_ms,snr_db"), load=[1, 2])
    assert load_scenario(channel).slices[0].traffic.load == (1.0, 2.0)


def test_a_refused_trace_is_told_by_both_files_lines(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"x\.yaml, line \d: slices\[0\]\.trace: .*t\.csv, line 3"):
        load_scenario(write(tmp_path, text(*ROWS[:1], "x")))
    for absent in ("gone.csv", 7):
        made = document()
        made["slices"][0]["trace"] = absent
        with pytest.raises(ValueError, match=rf"slices\[0\]\.trace: .*{absent}: No such file"):
            parse_scenario(made, tmp_path)
    (tmp_path / "t.csv").write_bytes(b"series\xff")
    with pytest.raises(ValueError, match=r"t\.csv: byte 6 is no UTF-8"):
        parse_scenario(document(), tmp_path)


@pytest.mark.parametrize(
    ("traffic", "message"),
    [
        ({"load": [0.0, 0.1]}, r"line \d+: slices\[0\]\.traffic\.load: \[0\.0, 0\.1\] beside a tr"),
        ({"periodic_share": 0.5}, r"\.traffic\.periodic_share: 0\.5 beside a trace"),
    ],
)
def test_two_rates_for_one_slice_are_refused(
    tmp_path: Path, traffic: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        load_scenario(write(tmp_path, **traffic))


@pytest.mark.parametrize(
    ("beside", "of_slice", "message"),
    [
        ({"mobility": {}}, {}, "needs a trace of offered bytes alone, or no mobility"),
        ({}, {"devices": {"number": 9}}, "a trace is not modelled in a slice with devices"),
        (
            {"faults": [{"kind": "interference_burst", "severity": 9.0, "at_s": 1, "for_s": 1}]},
            {},
            "needs faults without interference_burst",
        ),
    ],
)
def test_what_a_trace_does_not_go_with_is_refused(
    tmp_path: Path, beside: dict[str, Any], of_slice: dict[str, Any], message: str
) -> None:
    write(tmp_path)
    made = document(admission=False) | beside
    made["slices"][0] |= of_slice
    with pytest.raises(ValueError, match=rf"^slices\[0\]\.trace: .*{message}"):
        parse_scenario(made, tmp_path)
    del made["slices"][0]["trace"]
    parse_scenario(made, tmp_path)
