"""Addresses, options, framing and backoff: what needs no socket."""

import math
import socket
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oran.e2.transport import (
    Address,
    Backoff,
    LinkOptions,
    NoSctpError,
    sctp,
)
from oran.e2.transport.framing import Splitter, frame


def test_a_kernel_without_sctp_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_sctp(*_: object) -> None:
        raise OSError(93, "Protocol not supported")

    monkeypatch.setattr("oran.e2.transport.sctp.socket.socket", no_sctp)
    with pytest.raises(NoSctpError, match=r"this kernel has no SCTP: .*modprobe sctp.*tcp://"):
        sctp.make_socket(socket.AF_INET)


@pytest.mark.parametrize(
    ("url", "parsed"),
    [
        ("sctp://ric", Address("sctp", "ric", 36421)),
        ("tcp://10.0.0.1:7", Address("tcp", "10.0.0.1", 7)),
        ("sctp://[::1]:36422", Address("sctp", "::1", 36422)),
    ],
)
def test_addresses(url: str, parsed: Address) -> None:
    assert Address.parse(url) == parsed
    assert Address.parse(str(parsed)) == parsed


@pytest.mark.parametrize(
    "url", ["", "ric:36421", "udp://ric", "sctp://", "sctp://ric:65536", "tcp://::1:5", "tcp://a/b"]
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(ValueError, match="is no address of E2: sctp://HOST"):
        Address.parse(url)


@given(pdus=st.lists(st.binary(min_size=1, max_size=300)), cuts=st.lists(st.integers(1, 50)))
def test_frames_come_out_as_they_went_in(pdus: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(map(frame, pdus))
    splitter, found = Splitter(), []
    sizes = iter(cuts)
    while stream:
        size = next(sizes, len(stream))
        splitter.feed(stream[:size])
        stream = stream[size:]
        while (pdu := splitter.next()) is not None:
            found.append(pdu)
    assert found == pdus


@given(
    failures=st.integers(1, 10_000),
    seed=st.integers(0, 100),
    first=st.floats(0.01, 1.0),
    factor=st.floats(1.0, 10.0),
)
def test_backoff_grows_to_its_limit(failures: int, seed: int, first: float, factor: float) -> None:
    backoff = Backoff(first_s=first, factor=factor, limit_s=5.0)
    growth = (failures - 1) * math.log(factor)  # `factor ** failures` may be too large for a float
    longest = 5.0 if first * math.exp(min(growth, 10.0)) >= 5.0 else first * math.exp(growth)
    delay = backoff.delay_s(failures, Random(seed))
    assert longest / 2 <= delay * (1 + 1e-9)
    assert delay <= longest * (1 + 1e-9)
    assert delay == backoff.delay_s(failures, Random(seed))


@pytest.mark.parametrize(
    "wrong",
    [{"ppid": -1}, {"heartbeat_s": 0.0}, {"retransmissions": 0}, {"queue_octets": 5}],
)
def test_options_are_checked(wrong: dict[str, Any]) -> None:
    (name,) = wrong
    with pytest.raises(ValueError, match=f"^{name}: "):
        LinkOptions(**wrong)
