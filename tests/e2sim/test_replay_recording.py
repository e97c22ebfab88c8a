"""The same rows however they are packed, and archives that are damaged."""

import gc
import gzip
import io
import lzma
import tarfile
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from e2sim.replay.census import Census
from e2sim.replay.recording import open_recording
from e2sim.replay.source import RecordingError
from oran.report import SliceReport
from tests.e2sim.rows import COLORAN, NARROW, T0, WIDE, csv, sample, ue

Periods = dict[tuple[str, str], list[tuple[int, tuple[SliceReport, ...]]]]

FILES = {
    "logs/Multi-UE/Trial0/embb1/1_metrics.csv": csv(
        NARROW, [ue(T0 + 250 * i, rate=i % 7, header=NARROW) for i in range(300)]
    ),
    "logs/Multi-UE/Trial0/embb1/2_metrics.csv": csv(
        WIDE, [ue(T0 + 250 * i, buffer=i) for i in range(100, 200)]
    ),
    "logs/Multi-UE/Trial0/embb1/notes.txt": b"not a recording",
    "logs/Multi-UE/Trial1/Multi2/3_metrics.csv": csv(
        WIDE, [ue(T0 + 250 * i, slicing=1, slice_id=i % 3) for i in range(250)]
    ),
}


def read(trace: Path) -> tuple[Periods, Census]:
    recording = open_recording(trace)
    periods: Periods = {}
    for cell in recording.cells:
        made = periods.setdefault((cell.node, cell.cell), [])
        for period in cell.periods():
            period.count_used()
            made.append((period.recorded_ms, period.slices))
        cell.close()
    return periods, recording.census


def tar(files: Iterable[tuple[str, bytes]]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, content in files:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def unpacked(root: Path) -> Path:
    for name, content in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root / "logs"


def test_packing_changes_nothing(tmp_path: Path) -> None:
    folder = unpacked(tmp_path)
    expected, census = read(folder)
    assert {k: len(v) for k, v in expected.items()} == {
        ("Multi-UE/Trial0", "embb1"): 300,
        ("Multi-UE/Trial1", "Multi2"): 250,
    }
    assert census.to_document()["rows"] == {"read": 650, "used": 650, "refused": {}, "unused": 0}
    plain = tar(FILES.items())
    for name, content in {
        "plain.tar": plain,
        "small.tar.xz": lzma.compress(plain),
        "small.tgz": gzip.compress(plain),
        # What a name ends in says nothing.
        "logs.csv": lzma.compress(plain),
    }.items():
        (tmp_path / name).write_bytes(content)
        assert read(tmp_path / name)[0] == expected
    cell = folder / "Multi-UE" / "Trial1" / "Multi2"
    one = {k: v for k, v in expected.items() if k[1] == "Multi2"}
    assert read(cell)[0] == one
    assert read(cell / "3_metrics.csv")[0] == one
    (cell / "3_metrics.csv.gz").write_bytes(gzip.compress((cell / "3_metrics.csv").read_bytes()))
    assert read(cell / "3_metrics.csv.gz")[0] == one


def test_a_folder_that_comes_back_is_read_again(tmp_path: Path) -> None:
    first, second, _, third = FILES.items()
    (tmp_path / "t.tar").write_bytes(tar([first, third, second]))
    periods, census = read(tmp_path / "t.tar")
    assert {k: len(v) for k, v in periods.items()} == {
        ("Multi-UE/Trial0", "embb1"): 400,
        ("Multi-UE/Trial1", "Multi2"): 250,
    }
    assert census.to_document()["rows"]["used"] == 650


@pytest.mark.parametrize("pack", [lzma.compress, gzip.compress])
def test_a_truncated_file_is_used_up_to_its_last_whole_row(tmp_path: Path, pack: Any) -> None:
    rows = [sample(T0 + 1_000 * i, i, i % 3, rate=i * 0.017) for i in range(5_000)]
    whole = pack(csv(COLORAN, rows))
    (tmp_path / "whole").write_bytes(whole)
    (complete,) = read(tmp_path / "whole")[0].values()
    used = []
    for share in (0.1, 0.5, 0.9, 0.999):
        (tmp_path / "cut").write_bytes(whole[: int(len(whole) * share)])
        cells, census = read(tmp_path / "cut")
        (periods,) = cells.values()
        assert periods == complete[: len(periods)]
        (tally,) = census.files
        assert tally.refused == {"truncated": 1}
        assert tally.read == tally.used + 1
        used.append(tally.used)
    assert used == sorted(used)
    assert used[-1] > 2_500


def test_a_truncated_archive_is_used_up_to_its_last_whole_row(tmp_path: Path) -> None:
    complete, _ = read(unpacked(tmp_path))
    plain = tar(FILES.items())
    # Stored, not compressed: a cut file then loses rows in proportion.
    whole = gzip.compress(plain, compresslevel=0)
    for kept in range(2_000, len(whole) - 10_240, 4_999):
        (tmp_path / "cut.tgz").write_bytes(whole[:kept])
        cells, census = read(tmp_path / "cut.tgz")
        document = census.to_document()
        in_file = document["rows"]["refused"].get("truncated", 0)
        assert in_file + document["files_refused"].get("truncated", 0) == 1
        assert document["rows"]["read"] == document["rows"]["used"] + in_file
        rows = sum(
            content[: max(0, kept - whole.index(content[:1_000]))].count(b"\n") - 1
            for name, content in FILES.items()
            if name.endswith(".csv") and kept > whole.index(content[:1_000]) + 1_000
        )
        assert document["rows"]["used"] == rows
        for name, periods in cells.items():
            assert [t for t, _ in periods] == [t for t, _ in complete[name]][: len(periods)]
    # Half a row of an archive without compression must not pass for a row with other numbers.
    end = plain.index(b"1_metrics.csv")
    for kept in range(end + 5_000, end + 5_090):
        (tmp_path / "cut.tar").write_bytes(plain[:kept])
        cells, census = read(tmp_path / "cut.tar")
        (periods,) = cells.values()
        assert periods == complete["Multi-UE/Trial0", "embb1"][: len(periods)]
        assert census.to_document()["rows"]["refused"] == {"truncated": 1}


def test_files_that_are_none_of_it_are_counted(tmp_path: Path) -> None:
    folder = unpacked(tmp_path) / "Multi-UE"
    (folder / "Trial0" / "embb1" / "other.csv").write_bytes(b"a,b\n1,2\n")
    (folder / "Trial0" / "embb1" / "empty.csv").write_bytes(b"")
    (folder / "Trial0" / "embb1" / "bytes.csv").write_bytes(bytes(range(128, 256)) * 100)
    (folder / "Trial1" / "Multi2" / "narrow.csv").write_bytes(csv(NARROW, []))
    long = folder / "Trial1" / ("x" * 65)
    long.mkdir()
    (long / "1.csv").write_bytes(csv(WIDE, [ue(T0)]))
    cells, census = read(folder)
    assert sum(map(len, cells.values())) == 550
    assert census.refused_files == {"unknown_header": 3, "slice_unknown": 1, "name_too_long": 1}
    assert len(census.files) == 3


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "begins with ''"),
        (b"a,b,c\n1,2,3\n", "header of neither"),
        (b"\xfd7zXZ\x00\x00", "begins with ''"),
        (b"\x1f\x8b\x08\x00not gzip at all", "trace"),
        (lzma.compress(tar([("readme.txt", b"x")])), "no CSV file"),
        (
            lzma.compress(tar([("readme.txt", Random(1).randbytes(9_999))]))[:5_000],
            "ends too early",
        ),
        (lzma.compress(b"a,b\n"), "header of neither"),
        (None, "No such file"),
    ],
)
def test_what_is_no_recording_is_said_in_one_line(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    path = tmp_path / "trace"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RecordingError, match=message) as caught:
        open_recording(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_folder_without_recordings_is_said(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="no CSV file"):
        open_recording(tmp_path)


def test_experiments_that_cannot_be_cells_and_foreign_files_are_counted(tmp_path: Path) -> None:
    rows = [sample(T0 + i, i, 0, experiment=name) for i, name in enumerate(["a/x", "b" * 65, "c"])]
    (tmp_path / "1.csv").write_bytes(csv(COLORAN, rows))
    (tmp_path / "2.csv").write_bytes(csv(WIDE, [ue(T0)]))
    cells, census = read(tmp_path)
    assert {k: len(v) for k, v in cells.items()} == {("a", "x"): 1, ("coloran", "c"): 1}
    assert census.refused_files == {"name_too_long": 1, "unknown_header": 1}


def test_a_file_that_cannot_be_opened_is_counted_and_the_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = unpacked(tmp_path) / "Multi-UE" / "Trial0"
    opened = Path.open

    def denied(self: Path, *arguments: Any, **named: Any) -> Any:
        if self.name == "2_metrics.csv":
            raise PermissionError(13, "Permission denied", str(self))
        return opened(self, *arguments, **named)

    monkeypatch.setattr(Path, "open", denied)
    cells, census = read(folder)
    assert [len(v) for v in cells.values()] == [300]
    assert census.refused_files == {"unreadable": 1}
    assert "Permission denied" in census.examples["unreadable"][0]


def test_a_recording_that_is_given_up_leaves_no_file_open(tmp_path: Path) -> None:
    """An open file that is dropped warns, and warnings are errors here."""
    (tmp_path / "t.tar").write_bytes(tar(FILES.items()))
    recording = open_recording(tmp_path / "t.tar")
    cell = next(recording.cells)
    next(cell.periods())
    cell.close()
    del recording, cell
    gc.collect()
