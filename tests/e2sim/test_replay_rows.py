"""Dirty rows: each is refused with its own reason, and no other row suffers."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from e2sim.replay.source import MAX_LINE
from e2sim.replay.tractor_rows import Layout, ue_rows
from tests.e2sim.rows import NARROW, T0, WIDE, source, tally, ue

INTEGERS = ("dl_n_samples", "dl_buffer [bytes]", "tx_pkts downlink", "slicing_enabled", "slice_id")
HIGH = {
    "dl_mcs": "28.01",
    "dl_n_samples": "4294967296",
    "dl_buffer [bytes]": "4294967296",
    "tx_brate downlink [Mbps]": "100001",
    "tx_pkts downlink": "1e10",
    "tx_errors downlink (%)": "100.1",
    "dl_cqi": "15.01",
    "slicing_enabled": "2",
    "slice_id": "3",
}
COLUMNS = (*HIGH, "Timestamp")
SPOILT_COLUMN = {
    "not_a_number": ("", "x", "1_0", "0x10", "1 2", "nan()", "--1", '"1"', "\x00", "1;5"),
    "not_finite": ("nan", "inf", "-inf", "NaN", "1e999"),
    "negative": ("-1", "-0.001"),
}


def put(row: str, column: str, text: str) -> str:
    fields = row.split(",")
    fields[WIDE.split(",").index(column)] = text
    return ",".join(fields)


@st.composite
def dirty(draw: st.DrawFn, row: str, previous_ms: int) -> tuple[bytes, str]:
    """A spoilt form of a good row, and the reason it must be refused for."""
    kind = draw(st.sampled_from(["line", "column", "high", "fraction", "time"]))
    if kind == "column":
        reason = draw(st.sampled_from(sorted(SPOILT_COLUMN)))
        column = draw(st.sampled_from(COLUMNS))
        text = draw(st.sampled_from(SPOILT_COLUMN[reason]))
        return put(row, column, text).encode(), f"{reason}:{column}"
    if kind == "high":
        column = draw(st.sampled_from(sorted(HIGH)))
        return put(row, column, HIGH[column]).encode(), f"out_of_range:{column}"
    if kind == "fraction":
        column = draw(st.sampled_from(INTEGERS))
        return put(row, column, "0.5").encode(), f"not_an_integer:{column}"
    if kind == "time":
        back = draw(st.integers(0, 10**6))
        reason = "time_backwards" if back else "time_repeated"
        return put(row, "Timestamp", str(previous_ms - back)).encode(), reason
    return draw(
        st.sampled_from(
            [
                (b"", "empty_line"),
                (b"  \t", "empty_line"),
                (row.encode() + b",", "wrong_number_of_columns"),
                (row.encode().partition(b",")[2], "wrong_number_of_columns"),
                (row.encode()[:20], "wrong_number_of_columns"),
                (row.encode().replace(b"0", b"\xff"), "undecodable_bytes"),
                (row.encode() + b"0" * MAX_LINE, "line_too_long"),
                (row.encode() + b"," * (3 * MAX_LINE), "line_too_long"),
            ]
        )
    )


@given(st.data(), st.lists(st.booleans(), max_size=30), st.sampled_from(["\n", "\r\n"]))
def test_each_dirty_row_is_refused_for_its_reason_and_no_other_row(
    data: st.DataObject, spoil: list[bool], end: str
) -> None:
    lines, expected, good = [WIDE.encode()], Counter[str](), []
    time_ms = T0
    lines.append(ue(time_ms).encode())
    good.append(time_ms)
    for is_dirty in spoil:
        following = ue(time_ms + 250, slicing=1, slice_id=1)
        if is_dirty:
            line, reason = data.draw(dirty(following, time_ms))
            lines.append(line)
            expected[reason] += 1
        else:
            time_ms += 250
            lines.append(following.encode())
            good.append(time_ms)
    made, counts = source(end.encode().join(lines)), tally()
    layout = Layout.of(made.header(), "Multi4")
    assert isinstance(layout, Layout)
    assert [row.time_ms for row in ue_rows(made, layout, counts)] == good
    # A last line without its end is a row like the others; an empty one is none.
    if lines[-1] == b"":
        expected["empty_line"] -= 1
    assert counts.refused == +expected
    assert counts.read == len(good) + sum(expected.values())
    assert sum(len(places) for places in counts.examples.values()) == sum(
        min(3, n) for n in (+expected).values()
    )


def test_places_name_file_line_and_text() -> None:
    late = T0 + 500
    rows = [ue(T0), "", ue(T0 + 250, cqi=16), ue(late), ue(late), ue(T0 + 250)]
    made, counts = source("\n".join([WIDE, *rows, ""]).encode()), tally("a.csv")
    layout = Layout.of(made.header(), "Multi4")
    assert isinstance(layout, Layout)
    assert [row.line for row in ue_rows(made, layout, counts)] == [2, 5]
    assert counts.examples == {
        "empty_line": ["a.csv:3: nothing on the line"],
        "out_of_range:dl_cqi": ["a.csv:4: '16', above 15"],
        "time_repeated": [f"a.csv:6: {late} again"],
        "time_backwards": [f"a.csv:7: {T0 + 250} after {late}"],
    }


def test_gaps_are_counted_and_kept() -> None:
    steps = [250, 374, 375, 250, 60_000, 251]
    times = [T0]
    for step in steps:
        times.append(times[-1] + step)
    made, counts = source("\n".join([WIDE, *map(ue, times)]).encode()), tally()
    layout = Layout.of(made.header(), "Multi4")
    assert isinstance(layout, Layout)
    assert [row.time_ms for row in ue_rows(made, layout, counts)] == times
    assert (counts.gaps, counts.longest_gap_ms) == (2, 60_000)


def test_layouts_follow_names_not_places() -> None:
    for header in (WIDE, NARROW):
        columns = header.split(",")
        turned = columns[::-1]
        row = ue(T0, mcs=7, samples=3, buffer=5, rate=1.5, blocks=4, errors=25, cqi=11,
                 header=",".join(turned))  # fmt: skip
        layout, counts = Layout.of(turned, "urllc2"), tally()
        assert isinstance(layout, Layout)
        parsed = layout.row(row.split(","), 2, counts)
        assert parsed[:8] == (T0, 7.0, 3.0, 5.0, 1.5, 4.0, 25.0, 11.0)
        assert str(parsed.snssai) == "2-000001"
