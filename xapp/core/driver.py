"""The core driver: a task that reads the core's reports, decides, and puts allocations in force.

It shares nothing with the decisions on radio reports but the event loop: no lock, no state, and
every wait has a deadline and gives the loop away. What fails here holds the last allocation, which
stays in force in the core, and is tried again after a pause.
"""

import asyncio
from collections.abc import Callable
from enum import StrEnum
from typing import Final

import httpx
import structlog

from oran.core.allocation import CoreAllocation
from xapp.core.cell import CoreCell
from xapp.core.client import CoreClient
from xapp.core.documents import KnownTopology, read_report
from xapp.core.metrics import Checked, CoreMetrics, Outcome
from xapp.core.options import CoreOptions
from xapp.core.refusal import CoreApiError, Failure, Refused, ReportRefusedError

FIRST_PAUSE_S: Final = 0.25
LAST_PAUSE_S: Final = 5.0
"""Pauses between attempts: doubled from the first to the last, until the core is driven for longer
than that."""

MAX_STRIKES: Final = 3
"""Refused reports in a row after which the API counts as gone, or as another one."""

READ_BACK_S: Final = 1.0
"""How often the allocation in force is read back."""

_log = structlog.get_logger(__name__)


class Status(StrEnum):
    """What the driver does."""

    CONNECTING = "connecting"
    DRIVING = "driving"
    HOLDING = "holding"
    """After a failure, or while a cell's last report is stale; other cells are driven then."""


class CoreDriver:
    """Drives the cores behind one API until it is stopped.

    Args:
        options: see there.
        metrics: what is counted.
        clock: seconds, never going back.
        transport: in place of sockets.

    Attributes:
        status: what it does now.
        problem: why it holds, or held last; empty before.
        failures: failures since the start.
        known: the topology; None before the first.
        cells: the cells by their number; kept while it holds.
        left_out: whether the API has more cells than are driven.
    """

    def __init__(
        self,
        options: CoreOptions,
        metrics: CoreMetrics,
        clock: Callable[[], float],
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.options = options
        self.clock = clock
        self.status = Status.CONNECTING
        self.problem = ""
        self.failures = 0
        self.known: KnownTopology | None = None
        self.cells: tuple[CoreCell, ...] = ()
        self.left_out = False
        self._metrics = metrics
        self._transport = transport
        self._pause = FIRST_PAUSE_S
        self._since = 0.0
        self._read_back_at: dict[int, float] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, in a task of its own."""
        self._task = asyncio.get_running_loop().create_task(self.run())

    async def stop(self) -> None:
        """End; the core keeps its allocation."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def run(self) -> None:
        """Drive until cancelled."""
        # One for all attempts: certificates, which take tens of milliseconds, are read once.
        client = CoreClient(self.options.url, self.options.timeout_s, self._transport)
        try:
            while True:
                await self._attempt(client)
                await asyncio.sleep(self._pause)
                self._pause = min(2.0 * self._pause, LAST_PAUSE_S)
        finally:
            await client.close()

    async def _attempt(self, client: CoreClient) -> None:
        try:
            await self.connect(client)
            while True:
                await self.turn(client)
        except CoreApiError as error:
            self._hold(error)
        except Exception as error:
            flaw = CoreApiError(Failure.INTERNAL, f"{type(error).__name__}: {error}")
            if self.status is not Status.HOLDING or self.problem != _told(flaw):
                _log.exception("the core driver failed")
            self._hold(flaw)

    async def connect(self, client: CoreClient) -> None:
        """Read the topology, the cells and what is in force in them.

        Raises:
            CoreApiError: the API cannot be used.
        """
        known = await client.topology()
        cells: list[CoreCell] = []
        found = await client.allocation(0, known.topology)
        while found is not None and len(cells) < self.options.max_cells:
            cells.append(self._cell(len(cells), known, found))
            found = await client.allocation(len(cells), known.topology)
        if self.known is not None and self.known.id != known.id:
            _log.warning("the core has another topology", before=self.known.id, now=known.id)
        self.known, self.cells = known, tuple(cells)
        self.left_out = found is not None
        if self.left_out:
            _log.warning("the core has more cells than core.max_cells", driven=len(cells))
        self._read_back_at = {}

    async def turn(self, client: CoreClient) -> None:
        """Each cell once, evenly over a period, so that radio reports come between.

        Raises:
            CoreApiError: the API cannot be used.
        """
        due = self.clock()
        for cell in self.cells:
            await self.serve(client, cell)
            due += self.options.period_s / len(self.cells)
            # A turn that is late is not made up for.
            await asyncio.sleep(max(due - self.clock(), 0.0))

    async def serve(self, client: CoreClient, cell: CoreCell) -> None:
        """One look at a cell's report, and the decision on it.

        Raises:
            CoreApiError: the API cannot be used.
        """
        assert self.known is not None
        try:
            since = self.clock()
            body = await client.report(cell.index)
            report = read_report(body, self.known.topology, cell.snssais)
            cell.check_order(report, self.clock())
        except ReportRefusedError as error:
            self._refuse(cell, error)
            if error.reason in (Refused.REPEATED, Refused.STALE):
                # Who else puts allocations does so, too, while the core stands still.
                await self._read_back(client, cell)
            return
        decided = cell.decide(report, self.clock())
        for reason in (e for edits in decided.edits for e in edits):
            self._metrics.edits[reason].inc()
        for verdict in decided.settled:
            self._metrics.effects[Checked.SITE, verdict].inc()
        if decided.changed:
            await self._put(client, cell, decided.allocation)
            self._metrics.migrations.inc(decided.moves)
        else:
            self._metrics.decisions[Outcome.UNCHANGED].inc()
        self._metrics.loop.observe(self.clock() - since)
        self._driving()
        await self._read_back(client, cell)

    async def _put(self, client: CoreClient, cell: CoreCell, allocation: CoreAllocation) -> None:
        outcome = Outcome.NOT_SENT
        try:
            await client.put(cell.index, allocation)
            outcome = Outcome.SENT
        finally:
            self._metrics.decisions[outcome].inc()
        cell.acknowledged(allocation)

    async def _read_back(self, client: CoreClient, cell: CoreCell) -> None:
        """Other clients of the API may put allocations, too."""
        assert self.known is not None
        now = self.clock()
        if now < self._read_back_at.setdefault(cell.index, now + READ_BACK_S):
            return
        self._read_back_at[cell.index] = now + READ_BACK_S
        found = await client.allocation(cell.index, self.known.topology)
        if found is None or tuple(s.snssai for s in found.slices) != cell.snssais:
            raise CoreApiError(Failure.CHANGED, f"cell {cell.index}: gone, or with other slices")
        if (verdict := cell.read_back(found)) is not None:
            self._metrics.effects[Checked.ALLOCATION, verdict].inc()

    def _refuse(self, cell: CoreCell, error: ReportRefusedError) -> None:
        self._metrics.refusals[error.reason].inc()
        cell.refuse(error)
        what = f"report of cell {cell.index}: {error}"
        if error.reason is Refused.STALE:
            self._stand_still(f"{error.reason}: {what}")
        if error.reason is Refused.OTHER_TOPOLOGY:
            raise CoreApiError(Failure.CHANGED, what)
        if cell.strikes >= MAX_STRIKES:
            again = error.reason is Refused.OUT_OF_ORDER
            raise CoreApiError(Failure.CHANGED if again else Failure.NONSENSE, what)

    def _cell(self, index: int, known: KnownTopology, found: CoreAllocation) -> CoreCell:
        return CoreCell(
            index,
            known.topology,
            found,
            self.options.pipeline,
            stale_s=self.options.stale_s,
            migration_ms=self.options.migration_ms,
            now=self.clock(),
        )

    def _driving(self) -> None:
        if any(cell.stale for cell in self.cells):
            return
        now = self.clock()
        if self.status is not Status.DRIVING:
            assert self.known is not None
            self._since = now
            _log.info("driving the core", topology=self.known.id, cells=len(self.cells))
        self.status = Status.DRIVING
        if now - self._since > LAST_PAUSE_S:
            self._pause = FIRST_PAUSE_S

    def _hold(self, error: CoreApiError) -> None:
        self._metrics.failures[error.kind].inc()
        self.failures += 1
        stood_still = self.problem.startswith(f"{Refused.STALE}: ")
        if self.status is not Status.HOLDING or stood_still:
            # One line for each time, not one for each try.
            _log.warning("holding the core's allocations", kind=error.kind, problem=error.detail)
        self.status, self.problem = Status.HOLDING, _told(error)

    def _stand_still(self, problem: str) -> None:
        """A cell's report is stale: no failure of the API, but nothing is decided for the cell."""
        if self.status is not Status.HOLDING:
            _log.warning("holding the core's allocations", kind=Refused.STALE, problem=problem)
        self.status, self.problem = Status.HOLDING, problem


def _told(error: CoreApiError) -> str:
    return f"{error.kind}: {error.detail}"
