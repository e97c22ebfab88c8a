"""TRACTOR: hand-computed reports, and the grouping of rows into periods."""

import math
from collections import Counter
from itertools import pairwise
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e2sim.replay.census import Census, FileTally, Reason
from e2sim.replay.period import EMBB, MMTC, PERIOD_MS, URLLC
from e2sim.replay.recording import names
from e2sim.replay.tractor import TractorCell, aggregate, period_of, windows
from e2sim.replay.tractor_rows import Layout, UeRow
from oran.measurements import SLICE_COLUMN
from tests.e2sim.rows import NARROW, T0, WIDE, csv, source, tally, ue


def row(
    time_ms: int = T0,
    *,
    mcs: float = 10.0,
    samples: float = 20.0,
    buffer: float = 0.0,
    rate: float = 1.0,
    blocks: float = 20.0,
    errors: float = 0.0,
    cqi: float = 9.0,
    counts: FileTally | None = None,
) -> UeRow:
    return UeRow(
        time_ms, mcs, samples, buffer, rate, blocks, errors, cqi, EMBB, 2, counts or tally()
    )


def cell(files: list[bytes], folder: str) -> TractorCell:
    census, opened = Census(), []
    for i, content in enumerate(files):
        made = source(content)
        layout = Layout.of(made.header(), folder)
        assert isinstance(layout, Layout)
        opened.append((made, layout, census.open_file(f"{i}")))
    return TractorCell("node", folder, opened)


def test_three_users_of_two_slices_by_hand() -> None:
    # Three UEs in one period: two of slice 0, one of slice 2 that reported no CQI and was idle.
    files = [
        csv(WIDE, [ue(T0, mcs=4, samples=10, buffer=1_000, rate=0.5, blocks=12, errors=25, cqi=8)]),
        csv(WIDE, [ue(T0 + 40, mcs=20, samples=30, buffer=501, rate=1.75, blocks=33, errors=3.1,
                      cqi=13.5, slicing=1, slice_id=0)]),
        csv(WIDE, [ue(T0 + 90, mcs=0, samples=0, buffer=7, rate=0, blocks=0, cqi=0.1,
                      slicing=1, slice_id=2)]),
    ]  # fmt: skip
    (period,) = cell(files, "Multi3").periods()
    assert period.recorded_ms == T0
    report = period.report("n", "c", 3, 1_700_000_000_000)
    assert report.to_document() == {
        "node": "n",
        "cell": "c",
        "sequence": 3,
        "start_ms": 1_700_000_000_000,
        "period_ms": 250,
        "measurements": {"RRU.PrbAvailDl": 50},
        "health": {"gnb": "ok", "backhaul": "ok"},
        "slices": [
            {
                "snssai": "1-000001",
                "measurements": {
                    "DRB.UEThpDl": 1_125.0,  # (0.5 + 1.75) / 2 Mbit/s
                    "DRB.RlcSduTransmittedVolumeDL": 562,  # 2.25 Mbit/s x 250 ms, to even
                    "DRB.BufferSize.Qos": 750,  # (1000 + 501) / 2, to even
                    "CARR.WBCQIDist": 10.75,
                    "CARR.PDSCHMCSDist": 16.0,  # (4 x 10 + 20 x 30) / 40
                    "TB.TotNbrDl": 45,
                    "TB.ErrTotalNbrDl": 4,  # 25 % of 12 and 3.1 % of 33, each rounded
                    "RRC.ConnMean": 2.0,
                },
            },
            {
                "snssai": "2-000001",
                "measurements": {
                    "DRB.UEThpDl": 0.0,
                    "DRB.RlcSduTransmittedVolumeDL": 0,
                    "DRB.BufferSize.Qos": 7,
                    "TB.TotNbrDl": 0,
                    "TB.ErrTotalNbrDl": 0,
                    "RRC.ConnMean": 1.0,
                },
            },
        ],
    }


@pytest.mark.parametrize(
    ("folder", "slicing", "slice_id", "expected"),
    [
        ("embb4", 1, 2, EMBB),
        ("urllc1", 0, 0, URLLC),
        ("mmtc3", 1, 2, MMTC),
        ("Multi10", 1, 0, EMBB),
        ("Multi10", 1, 1, MMTC),
        ("Multi10", 1, 2, URLLC),
        ("Multi10", 0, 2, EMBB),
        ("anything", 1, 1, MMTC),
    ],
)
def test_the_slice_is_the_folders_else_the_rows(
    folder: str, slicing: int, slice_id: int, expected: object
) -> None:
    content = csv(WIDE, [ue(T0, slicing=slicing, slice_id=slice_id)])
    (period,) = cell([content], folder).periods()
    assert [s.snssai for s in period.slices] == [expected]


def test_a_file_without_a_slice_is_not_guessed_at() -> None:
    assert Layout.of(NARROW.split(","), "Multi4") is Reason.SLICE_UNKNOWN
    assert Layout.of(["Timestamp", "x"], "embb1") is Reason.HEADER


def test_sums_beyond_the_wire_are_refused_with_their_rows() -> None:
    first, second = tally(), tally()
    rows = [row(blocks=4e9, counts=first), row(blocks=4e9, counts=second)]
    assert period_of(rows) is None
    assert first.refused == second.refused == Counter({"out_of_range:sum": 1})


@given(
    st.lists(
        st.tuples(
            st.floats(0, 28), st.integers(0, 1000), st.integers(0, 10**6), st.floats(0, 100),
            st.integers(0, 1000), st.floats(0, 100), st.floats(0, 15),
        ),
        min_size=1, max_size=12,
    )
)  # fmt: skip
def test_a_slices_order_of_users_is_nothing_and_means_lie_between(
    drawn: list[tuple[float, int, int, float, int, float, float]],
) -> None:
    rows = [UeRow(T0, *numbers, EMBB, 2, tally()) for numbers in drawn]
    made, turned = aggregate(rows), aggregate(rows[::-1])
    assert made.keys() == turned.keys()
    for name, value in made.items():
        assert value == pytest.approx(turned[name], abs=1e-9)
    assert made["RRC.ConnMean"] == len(rows)
    assert 0 <= made["TB.ErrTotalNbrDl"] <= made["TB.TotNbrDl"]
    assert ("CARR.PDSCHMCSDist" in made) == any(r.samples for r in rows)
    if "CARR.PDSCHMCSDist" in made:
        mcs = [r.mcs for r in rows if r.samples]
        assert min(mcs) - 1e-9 <= made["CARR.PDSCHMCSDist"] <= max(mcs) + 1e-9
    (report,) = period_of(rows).slices  # type: ignore[union-attr]
    for name, column in SLICE_COLUMN.items():
        assert math.isnan(report.values[column]) == (name not in made)


@given(
    st.lists(
        st.tuples(st.integers(0, 400), st.lists(st.integers(190, 1_200), max_size=40)),
        min_size=1, max_size=5,
    )
)  # fmt: skip
def test_periods_hold_every_row_once_and_a_user_at_most_once(
    users: list[tuple[int, list[int]]],
) -> None:
    files = []
    for phase, steps in users:
        times = [T0 + phase]
        for step in steps:
            times.append(times[-1] + step)
        files.append(csv(NARROW, [ue(t, header=NARROW) for t in times]))
    made = cell(files, "embb1")
    periods = list(made.periods())
    expected = [len(steps) + 1 for _, steps in users]
    assert [t.read for _, _, t in made.files] == expected
    for period in periods:
        assert all(n == 1 for _, n in period.rows)
        period.count_used()
    assert [t.used for _, _, t in made.files] == expected
    times = [p.recorded_ms for p in periods]
    assert all(a < b for a, b in pairwise(times))


def test_jitter_of_the_recorders_clock_neither_merges_nor_splits_periods() -> None:
    # Two UEs stamped alike every 250 ms, give or take 1 ms.
    times = [T0 + 250 * i + (-1, 0, 1, 0)[i % 4] for i in range(400)]
    files = [csv(NARROW, [ue(t, header=NARROW) for t in times])] * 2
    periods = list(cell(files, "embb1").periods())
    assert [p.recorded_ms for p in periods] == times
    assert all(len(p.rows) == 2 for p in periods)


def test_windows_are_no_longer_than_the_period() -> None:
    counts = [tally() for _ in range(3)]
    times = [0, 249, 250]
    grouped = windows([row(T0 + t, counts=c) for t, c in zip(times, counts, strict=True)])
    assert [[r.time_ms - T0 for r in w] for w in grouped] == [[0, PERIOD_MS - 1], [PERIOD_MS]]


def test_names_are_the_folder_and_the_two_above_it() -> None:
    assert names(PurePosixPath("logs/Multi-UE/Trial0/embb1"), "x") == ("Multi-UE/Trial0", "embb1")
    assert names(PurePosixPath("/a/b/c/d"), "x") == ("b/c", "d")
    assert names(PurePosixPath("./d"), "x") == ("x", "d")
    assert names(PurePosixPath("/"), "x") == ("x", "x")
