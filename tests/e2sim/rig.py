"""Both ends in memory: virtual time, and a target that answers as told."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from e2sim.link.answer import Answer, Decided
from e2sim.stop import Stop
from oran.allocation import Allocation, SliceAllocation
from oran.report import CellReport

Respond = Callable[[CellReport], Awaitable[Answer]]


def equal(report: CellReport, backoff: int = 0) -> Allocation:
    n = len(report.slices)
    return Allocation(
        tuple(SliceAllocation(s.snssai, 0, 100 // n, 100, backoff) for s in report.slices)
    )


async def decided(report: CellReport) -> Answer:
    return Decided(equal(report), 1e-3)


class VirtualTime(Stop):
    """Time passes only in `pause`, and in answers that call `take`."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 1_000.0
        self.pauses: list[float] = []

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        if not self.requested:
            self.now_s += max(seconds, 0.0)
        await asyncio.sleep(0)

    def take(self, seconds: float) -> None:
        self.now_s += seconds

    def timer(self) -> float:
        return self.now_s

    def clock_ms(self) -> float:
        return 1_700_000_000_000.0 + self.now_s * 1e3


@dataclass
class MemoryTarget:
    """Keeps what it was sent."""

    respond: Respond = decided
    name: str = "memory"
    down_s: float = 0.0
    sent: list[CellReport] = field(default_factory=list)
    open_links: int = 0

    def open_link(self) -> "MemoryLink":
        self.open_links += 1
        return MemoryLink(self)

    def retry_in_s(self) -> float:
        return self.down_s

    def close(self) -> None:
        pass


@dataclass
class MemoryLink:
    target: MemoryTarget
    busy: bool = False

    async def exchange(self, report: CellReport) -> Answer:
        assert not self.busy, "one report of a cell at a time"
        self.busy = True
        self.target.sent.append(report)
        try:
            return await self.target.respond(report)
        finally:
            self.busy = False

    def close(self) -> None:
        self.target.open_links -= 1
