"""The real recordings, counted by other code than the replay's own."""

import asyncio
import csv
import gzip
import io
import json
import math
import tarfile
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from e2sim.link.address import parse_url
from e2sim.link.service import ServiceTarget
from e2sim.replay import summary
from e2sim.replay.player import Player, Settings
from e2sim.replay.recording import open_recording
from e2sim.stop import Stop
from tests.e2sim.fake_xapp import serving
from tests.e2sim.recordings import recording

TRACTOR, COLORAN = "tractor/logs.tar.xz", "coloran/kpm_rows.csv.gz"


def members(trace: Path, wanted: str = "") -> Iterable[tuple[str, str]]:
    with tarfile.open(trace) as archive:
        for member in archive:
            content = archive.extractfile(member) if wanted in member.name else None
            if content is not None:
                yield member.name, content.read().decode()


def valid_ue_rows(text: str) -> Counter[str]:
    """Rows of one UE file, judged with the csv module."""
    counts: Counter[str] = Counter()
    last = -1
    for row in csv.DictReader(io.StringIO(text)):
        counts["read"] += 1
        names = [
            "Timestamp", "dl_mcs", "dl_n_samples", "dl_buffer [bytes]", "tx_brate downlink [Mbps]",
            "tx_pkts downlink", "tx_errors downlink (%)", "dl_cqi",
        ]  # fmt: skip
        try:
            numbers = [float(row[name]) for name in names]
        except (TypeError, ValueError):
            continue
        if None in row or None in row.values():
            continue
        good = all(math.isfinite(x) and x >= 0 for x in numbers)
        good = good and numbers[1] <= 28 and numbers[6] <= 100 and numbers[7] <= 15
        if good and int(row["Timestamp"]) > last:
            last = int(row["Timestamp"])
            counts["used"] += 1
    return counts


def replayed(trace: Path, settings: Settings) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The summary of a replay over HTTP, and what arrived."""

    async def main() -> tuple[dict[str, Any], list[dict[str, Any]]]:
        async with serving() as fake:
            opened = open_recording(trace)
            # Counts are compared, so no stall of a busy machine may lead to a second try.
            target = ServiceTarget(parse_url(fake.url), time.perf_counter, print, timeout_s=100.0)
            player = Player(
                opened,
                target,
                settings,
                clock_ms=lambda: time.time() * 1e3,
                timer=time.perf_counter,
                stop=Stop(),
            )
            played = await player.play()
            await asyncio.sleep(0)
        assert played.retries == 0
        assert fake.crossed == 0
        document = summary.document(
            str(trace),
            target.name,
            recording=opened,
            settings=settings,
            played=played,
            stopped="",
        )
        return document, fake.reports

    return asyncio.run(main())


def check(document: dict[str, Any], reports: list[dict[str, Any]]) -> None:
    """What every complete replay must show."""
    json.dumps(document, allow_nan=False)
    rows = document["rows"]
    assert rows["unused"] == 0
    assert rows["read"] == rows["used"] + sum(rows["refused"].values())
    assert document["decisions"] == document["reports_sent"] == len(reports)
    assert document["unanswered"] == document["refused"] == {}
    last: dict[tuple[str, str], tuple[int, int]] = {}
    for report in reports:
        key, stamp = (report["node"], report["cell"]), (report["start_ms"], report["sequence"])
        assert stamp > last.get(key, (0, -1))
        last[key] = stamp
    assert document["cells"] == len(last)


def test_one_folder_of_tractor_row_by_row(tmp_path: Path) -> None:
    folder = "logs/Multi-UE/Trial0/urllc1"
    expected = {}
    for name, text in members(recording(TRACTOR), folder):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        expected[Path(name).name] = valid_ue_rows(text)
    document, reports = replayed(tmp_path, Settings(speed=0.0))
    check(document, reports)
    found = {Path(f["name"]).name: f for f in document["files"]}
    assert {k: (c["read"], c["used"]) for k, c in expected.items()} == {
        k: (f["read"], f["used"]) for k, f in found.items()
    }
    assert {(r["node"], r["cell"]) for r in reports} == {("Multi-UE/Trial0", "urllc1")}
    # Users are counted once a row, wherever their rows fell.
    users = sum(s["measurements"]["RRC.ConnMean"] for r in reports for s in r["slices"])
    assert users == sum(c["used"] for c in expected.values())


def test_a_part_of_coloran_message_by_message(tmp_path: Path) -> None:
    wanted = {f"motivation_main-results/exp{i}" for i in (1, 10, 11)}
    with gzip.open(recording(COLORAN), "rt", newline="") as opened:
        rows = [row for row in csv.DictReader(opened) if row["exp"] in wanted]
    part = tmp_path / "part.csv"
    with part.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    document, reports = replayed(part, Settings(speed=0.0))
    check(document, reports)
    check_coloran(document, reports, rows)


def check_coloran(
    document: dict[str, Any], reports: list[dict[str, Any]], rows: Iterable[dict[str, str]]
) -> None:
    """Every message, computed once more from its rows."""
    used: Counter[str] = Counter()
    messages: dict[str, dict[int, dict[str, list[dict[str, str]]]]] = {}
    for row in rows:
        used[row["exp"]] += 1
        of_message = messages.setdefault(row["exp"], {}).setdefault(int(row["msg_id"]), {})
        of_message.setdefault(row["slice_id"], []).append(row)
    assert {f["name"].split("(")[1][:-1]: f["used"] for f in document["files"]} == used
    assert len(reports) == sum(map(len, messages.values()))
    following = {e: iter([own[m] for m in sorted(own)]) for e, own in messages.items()}
    snssai = {"0": "1-000001", "1": "3-000001", "2": "2-000001"}
    for report in reports:
        message = next(following[f"{report['node']}/{report['cell']}"])
        assert report["measurements"] == {"RRU.PrbAvailDl": 50}
        assert {s["snssai"] for s in report["slices"]} == {snssai[s] for s in message}
        for slice_id, samples in message.items():
            (found,) = (s for s in report["slices"] if s["snssai"] == snssai[slice_id])
            rate = math.fsum(float(s["tx_brate_dl_mbps"]) for s in samples) / len(samples)
            waiting = math.fsum(float(s["dl_buffer_bytes"]) for s in samples) / len(samples)
            assert found["measurements"].keys() == {"DRB.UEThpDl", "DRB.BufferSize.Qos"}
            assert abs(found["measurements"]["DRB.UEThpDl"] - rate * 1e3) <= 0.5 + 1e-6
            assert abs(found["measurements"]["DRB.BufferSize.Qos"] - waiting) <= 0.5


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_all_of_tractor() -> None:
    trace = recording(TRACTOR)
    document, reports = replayed(trace, Settings(speed=0.0))
    check(document, reports)
    assert document["cells"] == 19
    found = {f["name"]: (f["read"], f["used"]) for f in document["files"]}
    expected = {name: valid_ue_rows(text) for name, text in members(trace, ".csv")}
    assert found == {name: (c["read"], c["used"]) for name, c in expected.items()}
    assert len(found) == 91


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_all_of_coloran() -> None:
    trace = recording(COLORAN)
    document, reports = replayed(trace, Settings(speed=0.0))
    check(document, reports)
    with gzip.open(trace, "rt", newline="") as opened:
        check_coloran(document, reports, csv.DictReader(opened))
