"""Faults on the wire: what they do, that they are counted, and that a seed repeats them."""

import asyncio
from collections import Counter
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e2sim.e2.fault import HOLD_S, BadLane, Faults
from e2sim.e2.wire import BadWire, bad_wires
from oran.e2.transport import LinkClosedError

PACKETS = [bytes((i >> 8, i & 255)) * 8 for i in range(1000)]


def through(
    faults: Faults, seed: int = 1, every_s: float = 0.01, packets: list[bytes] = PACKETS
) -> tuple[list[tuple[float, bytes]], Counter[str]]:
    """What comes out when a packet enters every so often, and when."""
    counts: Counter[str] = Counter()
    lane = BadLane(faults, Random(seed), counts)
    came: list[tuple[float, bytes]] = []

    def drain(until: float) -> None:
        while (due := lane.next_due()) is not None and due <= until:
            packet = lane.take(due)
            assert packet is not None
            came.append((due, packet))

    for i, packet in enumerate(packets):
        drain(i * every_s)
        lane.put(packet, i * every_s)
    drain(float("inf"))
    return came, counts


def order(came: list[tuple[float, bytes]]) -> list[bytes]:
    return [packet for _, packet in came]


def test_a_good_wire_does_nothing() -> None:
    came, counts = through(Faults())
    assert order(came) == PACKETS
    assert not counts
    assert not Faults().any


@pytest.mark.parametrize("name", ["drop", "duplicate", "garble", "reorder"])
@pytest.mark.parametrize("share", [0.0, 0.1, 1.0])
def test_each_fault_is_what_it_is_called(name: str, share: float) -> None:
    came, counts = through(Faults.parse([f"{name}={share}"]))
    n = counts[name]
    assert n == {0.0: 0, 1.0: len(PACKETS) // (2 if name == "reorder" else 1)}.get(share, n)
    assert counts.keys() <= {name}
    if share == 0.1:
        assert 60 < n < 140
    got = order(came)
    match name:
        case "drop":
            assert len(got) == len(PACKETS) - n
            assert got == [p for p in PACKETS if p in set(got)]
        case "duplicate":
            assert [p for i, p in enumerate(got) if i == 0 or p != got[i - 1]] == PACKETS
            assert len(got) == len(PACKETS) + n
        case "garble":
            flips = [
                (int.from_bytes(a, "big") ^ int.from_bytes(b, "big")).bit_count()
                for a, b in zip(got, PACKETS, strict=True)
            ]
            assert Counter(flips) == Counter({1: n, 0: len(PACKETS) - n})
        case "reorder":
            assert sorted(got) == sorted(PACKETS)
            later = sum(a > b for a, b in pairwise(got))
            assert later == n


def test_a_packet_that_is_held_comes_when_none_follows() -> None:
    came, _ = through(Faults(reorder=1.0), packets=PACKETS[:1])
    assert came == [(HOLD_S, PACKETS[0])]


def test_delays_keep_the_order() -> None:
    came, counts = through(Faults(delay_s=(0.02, 0.05)))
    assert order(came) == PACKETS
    late = [at - i * 0.01 for i, (at, _) in enumerate(came)]
    assert 0.02 <= min(late) < 0.03
    assert 0.04 < max(late) <= 0.05 + 1e-9
    assert not counts


def test_a_stall_stops_a_direction_for_a_while() -> None:
    came, counts = through(Faults(stall=0.01, stall_s=1.0))
    assert order(came) == PACKETS
    assert counts["stall"] > 2
    late = [at - i * 0.01 for i, (at, _) in enumerate(came)]
    assert max(late) == pytest.approx(1.0)
    assert all(a <= b for (a, _), (b, _) in pairwise(came))


_shares = st.sampled_from([0.0, 0.05, 0.5, 1.0])
_faults = st.builds(
    Faults,
    drop=_shares,
    duplicate=_shares,
    reorder=_shares,
    garble=_shares,
    stall=_shares,
    stall_s=st.floats(0.0, 1.0),
    delay_s=st.tuples(st.floats(0.0, 0.1), st.floats(0.1, 0.2)),
)


@given(_faults, st.integers(0, 9), st.floats(0.0, 0.2), st.floats(0.0, 0.2))
def test_the_same_seed_gives_the_same_faults_however_fast(
    faults: Faults, seed: int, slow_s: float, fast_s: float
) -> None:
    packets = PACKETS[:40]
    slow, counted = through(faults, seed, slow_s, packets)
    fast, counted_again = through(faults, seed, fast_s, packets)
    # Who waits for whom is a matter of time; what happens to a packet is not.
    del counted["reorder"], counted_again["reorder"]
    assert counted == counted_again
    assert sorted(order(slow)) == sorted(order(fast))
    assert through(faults, seed, slow_s, packets)[0] == slow


@pytest.mark.parametrize(
    ("texts", "faults"),
    [
        ([], Faults()),
        (["drop=0.01"], Faults(drop=0.01)),
        (["delay=20ms"], Faults(delay_s=(0.02, 0.02))),
        (["delay=5ms..1.5s", "garble=1"], Faults(delay_s=(0.005, 1.5), garble=1.0)),
        (["stall=0.001:2s", "reorder=0.5", "duplicate=0"],
         Faults(stall=0.001, stall_s=2.0, reorder=0.5)),
    ],
)  # fmt: skip
def test_faults_as_text(texts: list[str], faults: Faults) -> None:
    assert Faults.parse(texts) == faults


@pytest.mark.parametrize(
    "text",
    [
        "drop", "drop=", "drop=2", "drop=-0.1", "drop=nan", "drop=x", "lose=0.1", "=0.1",
        "delay=20", "delay=2h", "delay=30ms..20ms", "delay=-1ms", "stall=0.1", "stall=0.1:",
        "stall=2:1s", "stall_s=1", "delay_s=1ms",
    ],
)  # fmt: skip
def test_what_is_no_fault_is_said_to_be_none(text: str) -> None:
    with pytest.raises(ValueError, match="is no fault; these are"):
        Faults.parse([text])
    with pytest.raises(ValueError, match="twice"):
        Faults.parse(["drop=0.1", "drop=0.2"])


class MemoryWire:
    """The wire below: what was sent, and what is to be received."""

    peer = "memory"

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.coming: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.ended = ""

    async def receive(self, until: float | None) -> bytes | None:
        try:
            async with asyncio.timeout_at(until):
                return await self.coming.get()
        except TimeoutError:
            return None

    def interrupt(self) -> None:
        self.coming.put_nowait(None)

    def send(self, pdu: bytes) -> None:
        if self.ended:
            raise LinkClosedError(self.ended)
        self.sent.append(pdu)

    async def close(self) -> None:
        self.ended = "closed"

    def abort(self, reason: LinkClosedError) -> None:
        self.ended = reason.reason


def test_a_bad_wire_delays_both_directions() -> None:
    async def main() -> None:
        below = MemoryWire()
        wire = bad_wires(Faults(delay_s=(0.03, 0.03)), 1, 0, Counter())(below)
        assert isinstance(wire, BadWire)
        time = asyncio.get_running_loop().time
        start = time()
        below.coming.put_nowait(b"in")
        wire.send(b"out")
        assert below.sent == []
        assert await wire.receive(None) == b"in"
        assert time() - start >= 0.03
        while below.sent != [b"out"]:
            await asyncio.sleep(0.001)
        assert await wire.receive(time() + 0.01) is None
        wire.interrupt()
        assert await wire.receive(None) is None
        wire.send(b"lost")
        await wire.close()
        wire.abort(LinkClosedError("over"))
        await asyncio.sleep(0.05)
        assert (below.sent, below.ended) == ([b"out"], "over")

    asyncio.run(main())


def test_what_is_late_for_an_association_that_ended_is_lost_without_an_error() -> None:
    async def main() -> None:
        below = MemoryWire()
        wire = bad_wires(Faults(delay_s=(0.01, 0.01)), 1, 0, Counter())(below)
        wire.send(b"out")
        below.ended = "gone"
        await asyncio.sleep(0.03)
        assert below.sent == []

    asyncio.run(main())
