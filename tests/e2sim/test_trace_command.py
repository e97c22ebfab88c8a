"""`e2sim trace` on small made recordings, by hand."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from e2sim.cli import app
from e2sim.network.link import CQI_SINR
from e2sim.replay.period import EMBB, URLLC
from e2sim.replay.steps import Step, Stretch, split
from e2sim.scenario import Trace
from tests.e2sim.recordings import recording
from tests.e2sim.rows import COLORAN, T0, WIDE, csv, sample, ue


def invoke(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["trace", *map(str, arguments)])
    assert not result.stdout
    return result.exit_code, result.stderr


def db_of_cqi(cqi: float) -> float:
    """Between the middles of CQI ranges in dB, written out for one value."""
    edges = (10.0 * np.log10(CQI_SINR)).tolist()
    edges.append(2.0 * edges[-1] - edges[-2])
    middles = [(a + b) / 2.0 for a, b in itertools.pairwise(edges)]
    low = min(int(cqi), 14)
    share = cqi - low
    return float(middles[low - 1] + share * (middles[low] - middles[low - 1]))


@pytest.fixture
def tractor(tmp_path: Path) -> Path:
    """Two users: one whose slice changes and who has a gap, one heard once, after dirt."""
    folder = tmp_path / "Trial" / "Multi2"
    folder.mkdir(parents=True)
    times = [0, 250, 501, 750, 5_000, 5_250, 5_500]
    slices = [0, 0, 0, 0, 0, 2, 2]
    one = [
        ue(T0 + t, rate=i, cqi=4 + i, slicing=1, slice_id=s)
        for i, (t, s) in enumerate(zip(times, slices, strict=True))
    ]
    other = [ue(T0 + 250 * i, rate=0.5, cqi=9.5 if i == 1 else 0.1) for i in range(3)]
    (folder / "1_metrics.csv").write_bytes(csv(WIDE, one))
    (folder / "2_metrics.csv").write_bytes(csv(WIDE, ["dirt", *other]))
    return tmp_path / "Trial"


def test_users_of_tractor_become_series(tractor: Path, tmp_path: Path) -> None:
    out = tmp_path / "t.csv"
    code, told = invoke("--from", tractor, out, "--shortest", "0.5")
    assert code == 0, told
    trace = Trace.parse(str(out))
    assert trace.step_ms == 250.0
    assert [s.offered_bytes for s in trace.series] == [
        (0.0, 31_250.0, 62_500.0, 93_750.0),
        (5 * 31_250.0, 6 * 31_250.0),
        (15_625.0,) * 3,
    ]
    snr = [list(s.snr_db or ()) for s in trace.series]
    assert snr[0] == pytest.approx([db_of_cqi(c) for c in (4, 5, 6, 7)], abs=1e-3)
    assert snr[1] == pytest.approx([db_of_cqi(c) for c in (9, 10)], abs=1e-3)
    assert snr[2] == pytest.approx([db_of_cqi(9.5)] * 3, abs=1e-3)
    assert "3 series, 9 steps" in told
    assert "1 steps of shorter stretches left out" in told
    assert "2 steps without a CQI hold a neighbour's" in told
    assert "1 wrong_number_of_columns" in told


def test_one_slice_alone(tractor: Path, tmp_path: Path) -> None:
    out = tmp_path / "t.csv"
    code, told = invoke("--from", tractor, out, "--shortest", "0", "--slice", str(URLLC))
    assert code == 0, told
    (series,) = Trace.parse(str(out)).series
    assert series.offered_bytes == (5 * 31_250.0, 6 * 31_250.0)
    assert "8 steps of other slices left out" in told


def test_slices_of_coloran_become_users_without_an_snr(tmp_path: Path) -> None:
    rows = [
        line
        for i in range(12)
        for line in (
            sample(T0 + 1_000 * i, i, 0, rate=0.2 * i),
            sample(T0 + 1_000 * i, i, 0, rate=0.4 * i),
            sample(T0 + 1_000 * i, i, 2, rate=1.0),
        )
    ]
    (tmp_path / "kpm.csv").write_bytes(csv(COLORAN, rows))
    code, told = invoke("--from", tmp_path / "kpm.csv", tmp_path / "t.csv")
    assert code == 0, told
    trace = Trace.parse(str(tmp_path / "t.csv"))
    assert trace.step_ms == 1_000.0
    assert not trace.has_snr
    embb, urllc = (s.offered_bytes for s in trace.series)
    assert embb == pytest.approx([0.3 * i * 125_000 for i in range(12)], abs=0.2)
    assert urllc == (125_000.0,) * 12


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--from", "{folder}/none", "{folder}/t.csv"], 2, "none"),
        (["--from", "{trial}", "{folder}/no/t.csv"], 2, "not a file in a folder that exists"),
        (["--from", "{trial}", "{folder}"], 2, "not a file in a folder that exists"),
        (["--from", "{trial}", "{folder}/t.csv", "--slice", "x"], 2, "--slice: "),
        (["--from", "{trial}", "{folder}/t.csv"], 1, "no series: 10 steps of shorter stretches"),
        (
            ["--from", "{trial}", "{folder}/t.csv", "--shortest", "0", "--slice", "9"],
            1,
            "no series: 10 steps of other slices left out",
        ),
    ],
)
def test_what_is_wrong_is_told(
    tractor: Path, tmp_path: Path, arguments: list[str], code: int, message: str
) -> None:
    got, told = invoke(*(a.format(folder=tmp_path, trial=tractor) for a in arguments))
    assert got == code, told
    assert message in told.splitlines()[-1]
    assert not (tmp_path / "t.csv").exists()


def test_a_user_never_heard_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "embb1").mkdir()
    rows = [ue(T0 + 250 * i, cqi=0.1) for i in range(60)]
    (tmp_path / "embb1" / "1.csv").write_bytes(csv(WIDE, rows))
    code, told = invoke("--from", tmp_path, tmp_path / "t.csv")
    assert code == 1
    assert "no series: 60 steps of stretches without any CQI left out" in told


@given(st.lists(st.tuples(st.integers(1, 3_000), st.booleans()), min_size=1, max_size=40))
def test_stretches_hold_all_steps_and_no_gap(moves: list[tuple[int, bool]]) -> None:
    time_ms, steps = T0, []
    for apart, urgent in moves:
        time_ms += apart
        steps.append(Step(time_ms, URLLC if urgent else EMBB, 1.0, None))
    made = list(split(steps, 1_000))
    assert [s for stretch in made for s in stretch.steps] == steps
    for stretch in made:
        assert len({s.snssai for s in stretch.steps}) == 1
        times = [s.time_ms for s in stretch.steps]
        assert all(b - a < 1_500 for a, b in itertools.pairwise(times))
    for before, after in itertools.pairwise(made):
        last, first = before.steps[-1], after.steps[0]
        assert first.time_ms - last.time_ms >= 1_500 or first.snssai != last.snssai


@given(st.lists(st.none() | st.floats(1.0, 15.0), min_size=1, max_size=30))
def test_a_lacking_cqi_is_the_one_before_or_the_first(cqi: list[float | None]) -> None:
    got = Stretch([Step(T0 + i, EMBB, 0.0, c) for i, c in enumerate(cqi)]).cqi()
    known = [c for c in cqi if c is not None]
    if not known:
        assert got is None
        return
    expected = [
        next((c for c in reversed(cqi[: i + 1]) if c is not None), known[0])
        for i in range(len(cqi))
    ]
    assert got == (expected, cqi.count(None))


def test_the_real_recording_of_slices_is_a_trace(tmp_path: Path) -> None:
    out = tmp_path / "t.csv"
    code, told = invoke("--from", recording("coloran/kpm_rows.csv.gz"), out)
    assert code == 0, told
    trace = Trace.parse(str(out))
    assert min(map(len, trace.series)) >= 10
    assert out.read_text("utf-8") == trace.text()
