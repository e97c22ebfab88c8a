"""Addresses, backoff, latencies, counts and the file target."""

import asyncio
import json
import math
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from e2sim.link.address import AddressError, FileAddress, HttpAddress, parse_address
from e2sim.link.answer import Decided, Loss, Refused, Unanswered, Written
from e2sim.link.file import BUFFER, FileTarget
from e2sim.link.latency import STEP, LatencyHistogram
from e2sim.link.outcomes import Outcomes
from e2sim.link.reachability import FIRST_RETRY_S, LAST_RETRY_S, Reachability
from oran.allocation import Allocation
from tests.e2sim.test_link_http import report


@pytest.mark.parametrize(
    ("text", "host", "port", "path", "authority"),
    [
        ("http://xapp", "xapp", 80, "/decide", "xapp"),
        ("http://xapp:8000/", "xapp", 8000, "/decide", "xapp:8000"),
        ("http://xapp:8000/decide", "xapp", 8000, "/decide", "xapp:8000"),
        ("https://ric.example/base/v1/", "ric.example", 443, "/base/v1/decide", "ric.example"),
        ("https://ric:80", "ric", 80, "/decide", "ric:80"),
        ("http://[::1]:9", "::1", 9, "/decide", "[::1]:9"),
    ],
)
def test_urls(text: str, host: str, port: int, path: str, authority: str) -> None:
    address = parse_address(text)
    assert isinstance(address, HttpAddress)
    assert (address.host, address.port, address.path) == (host, port, path)
    assert address.authority == authority
    assert address.tls == text.startswith("https")


@pytest.mark.parametrize(
    "text",
    [
        "", "localhost:8000", "ftp://x", "http://", "http://:80", "http://x:0", "http://x:65536",
        "http://x:y", "http://a@x", "http://x?y=1", "http://x#y", "http://x/a b", "http://x/\r\nA:",
        "http://[::1", "reports.json", "/no/such/folder/reports.jsonl",
    ],
)  # fmt: skip
def test_what_is_no_target_is_named(text: str) -> None:
    with pytest.raises(AddressError, match="target"):
        parse_address(text)


def test_files_are_told_from_urls(tmp_path: Path) -> None:
    assert parse_address("-") == FileAddress(None)
    path = tmp_path / "reports.jsonl"
    assert parse_address(str(path)) == FileAddress(path)
    assert isinstance(parse_address("http://x/reports.jsonl"), HttpAddress)


def test_backoff_doubles_up_to_its_bound_and_lanes_share_it() -> None:
    now, said = 0.0, list[str]()
    reach = Reachability("t", lambda: now, said.append)
    assert reach.retry_in_s() == 0.0
    pauses = []
    for _ in range(100):
        reach.failed("refused")
        pauses.append(reach.retry_in_s())
        reach.failed("another lane, the same outage")
        assert reach.retry_in_s() == pytest.approx(pauses[-1])
        now += reach.retry_in_s()
        assert reach.retry_in_s() == 0.0
    doubled = [min(LAST_RETRY_S, FIRST_RETRY_S * 2**i) for i in range(100)]
    assert pauses == pytest.approx(doubled)
    reach.succeeded()
    assert reach.retry_in_s() == 0.0
    reach.succeeded()
    assert len(said) == 2
    assert "100 failed tries" in said[1]


@given(st.lists(st.floats(1e-7, 1e3), min_size=1, max_size=300), st.floats(0.1, 100.0))
def test_percentiles_are_nearest_ranks_within_one_bucket(values: list[float], p: float) -> None:
    histogram = LatencyHistogram()
    for value in values:
        histogram.add(value)
    exact = float(np.percentile(values, p, method="inverted_cdf"))
    assert exact * (1 - 1e-9) <= histogram.percentile(p) <= exact * STEP * (1 + 1e-9)
    assert histogram.percentile(100.0) == max(values)
    assert histogram.to_document()["max_ms"] == round(max(values) * 1e3, 4)


def test_latencies_that_are_none_are_refused() -> None:
    histogram = LatencyHistogram()
    for value in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(ValueError, match="latency"):
            histogram.add(value)
    assert histogram.to_document() == {"count": 0}
    assert math.isnan(histogram.percentile(50.0))


def test_every_answer_is_counted_once() -> None:
    outcomes = Outcomes()
    for answer in (
        Decided(Allocation(()), 1e-3),
        Refused(409, "urn:stale", "Stale", "2.3 s behind", 2e-3),
        Refused(409, "urn:stale", "Stale", "2.9 s behind", 2e-3),
        Refused(503, "about:blank", "Not ready", "", 2e-3),
        Unanswered(Loss.TIMEOUT, "no answer within 2 s"),
        Written(),
    ):
        outcomes.add(answer)
    document = outcomes.to_document()
    assert document["reports_sent"] == 6
    assert document["decisions"] == 1
    assert document["refused"] == {"409 urn:stale": 2, "503 about:blank": 1}
    assert document["unanswered"] == {"timeout": 1}
    assert document["latency"]["count"] == 4
    assert document["first_messages"] == {
        "409 urn:stale": "2.3 s behind",
        "503 about:blank": "Not ready",
        "timeout": "no answer within 2 s",
    }


def test_a_file_takes_one_document_a_line(tmp_path: Path) -> None:
    async def main() -> None:
        target = FileTarget(tmp_path / "r.jsonl")
        links = [target.open_link() for _ in range(2)]
        for i in range(1_000):
            assert await links[i % 2].exchange(report(sequence=i)) == Written()
        target.close()

    asyncio.run(main())
    lines = (tmp_path / "r.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [
        report(sequence=i).to_document() for i in range(1_000)
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")
def test_a_full_disk_is_an_error_where_it_is_written() -> None:
    target = FileTarget(Path("/dev/full"))
    with pytest.raises(OSError, match="No space"):
        target.write(b"x" * (BUFFER + 1))
    target.close()
