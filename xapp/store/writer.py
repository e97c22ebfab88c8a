"""The writer: states of cells brought to the store behind the decision path.

The decision path only puts a reference into a dictionary. A task writes what has gathered, at
most once in `INTERVAL_S`, and less often where writing takes long, but at least once in
`LONGEST_INTERVAL_S`, so that a cell that decides more often is written once (coalesced). While the
store is away the dictionary holds at most one entry a cell; when it is back, the state of every
cell is written, since a store that restarted may have come back empty.
"""

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Final

import structlog

from xapp.service.cells import Cell, Key
from xapp.service.decider import Decider
from xapp.service.metrics import Dropped, Metrics
from xapp.service.refusal import Refusal
from xapp.store.backend import Backend, StoreError
from xapp.store.record import Record, field_of

INTERVAL_S: Final = 0.005
WRITING_SHARE: Final = 0.02
"""Share of the time that is spent on writing at most, as long as `LONGEST_INTERVAL_S` allows: the
next write waits until it is kept."""

LONGEST_INTERVAL_S: Final = 0.25
"""The next write waits no longer. So the share is kept by writes that take up to 5 ms, from the
first state being packed to the store's answer; one that takes longer has a larger share."""

FIRST_RETRY_S: Final = 0.1
LAST_RETRY_S: Final = 5.0
START_WAIT_S: Final = 3.0
"""How long a start waits for the store's states before it serves without them."""

STOP_WAIT_S: Final = 3.0
"""How long a stop waits for a command under way."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class StoreState:
    """What the writer knows of the store.

    Attributes:
        store: the store's URL, without credentials.
        durable: whether states outlive this process.
        status: `ok` or `degraded`.
        detail: what is wrong; empty while `ok`.
        pending: states waiting to be written.
    """

    store: str
    durable: bool
    status: str
    detail: str
    pending: int


class Writer:
    """Brings changed cells to the store.

    Args:
        backend: the store.
        metrics: what is counted.
        cells: most cells there can be.
    """

    def __init__(self, backend: Backend, metrics: Metrics, cells: int) -> None:
        self._limit = 2 * cells
        self._backend = backend
        self._metrics = metrics
        self._changed: dict[Key, Cell | None] = {}
        self._wake = asyncio.Event()
        self._stopping = asyncio.Event()
        self._failure: StoreError | None = StoreError("unreachable", "not reached yet")
        self._restored = False
        self._interval_s = INTERVAL_S
        self._decider: Decider | None = None
        self._task: asyncio.Task[None] | None = None
        self._reached = asyncio.Event()
        metrics.store_pending.set_function(lambda: len(self._changed))

    def put(self, key: Key, cell: Cell | None) -> None:
        """Note that a cell changed, or with None that it was forgotten."""
        if cell is None and len(self._changed) >= self._limit:
            # Deletions of forgotten cells add up while the store is away; cells are bounded.
            self._changed.pop(key, None)
            self._metrics.store_dropped[Dropped.STORE_AWAY].inc()
            return
        if key in self._changed:
            self._metrics.store_coalesced.inc()
        self._changed[key] = cell
        self._wake.set()

    def state(self) -> StoreState:
        """The store's state now."""
        failure = self._failure
        return StoreState(
            self._backend.name,
            self._backend.durable,
            "ok" if failure is None else "degraded",
            "" if failure is None else str(failure),
            len(self._changed),
        )

    async def start(self, decider: Decider) -> None:
        """Read the states of before back into `decider`, then write behind it.

        Returns once they are read, or after `START_WAIT_S` without: they are then read when the
        store is first reached, for cells that have not reported until then.
        """
        self._decider = decider
        self._task = asyncio.create_task(self._run(decider), name="store writer")
        try:
            async with asyncio.timeout(START_WAIT_S):
                await self._reached.wait()
        except TimeoutError:
            _log.warning("store not reached", detail="starting without the states of before")

    async def stop(self) -> None:
        """Write what is left, once, and close; what cannot be written is counted as dropped."""
        self._stopping.set()
        self._wake.set()
        # Asked rather than cancelled: a command under way may still succeed.
        if self._task is not None:
            await asyncio.wait([self._task], timeout=STOP_WAIT_S)
            self._task.cancel()
        try:
            if self._restored:
                await self._flush()
        except StoreError as error:
            self._note(error)
        finally:
            if self._changed:
                self._metrics.store_dropped[Dropped.SHUTDOWN].inc(len(self._changed))
                _log.warning("states not stored", cells=len(self._changed))
            await self._backend.close()

    async def _run(self, decider: Decider) -> None:
        retry = FIRST_RETRY_S
        while not self._ended():
            try:
                await self._bring(decider)
            except Exception as error:
                if not isinstance(error, StoreError):
                    _log.exception("store writer")
                self._note(
                    error if isinstance(error, StoreError) else StoreError("internal", repr(error))
                )
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), retry)
                retry = min(2 * retry, LAST_RETRY_S)
                continue
            retry = FIRST_RETRY_S
            if not self._ended():
                await self._wake.wait()
                await asyncio.sleep(self._interval_s)
                self._wake.clear()

    def _ended(self) -> bool:
        """Whether to stop: asked to, or cancelled, which the client may have swallowed."""
        task = asyncio.current_task()
        return self._stopping.is_set() or (task is not None and task.cancelling() > 0)

    async def _bring(self, decider: Decider) -> None:
        """Bring the store up to date, from wherever it is."""
        if not self._restored:
            await self._restore(decider)
            self._restored = True
        if self._failure is not None:
            everything: dict[Key, Cell | None] = {c.key: c for c in decider.cells.all()}
            self._changed = everything | self._changed
        await self._flush()
        if self._failure is not None:
            self._note(None)
        self._reached.set()

    async def _flush(self) -> None:
        """Write all that changed; what fails is kept, unless a newer state came meanwhile."""
        batch, self._changed = self._changed, {}
        if not batch:
            return
        time = asyncio.get_running_loop().time
        since = time()
        try:
            await self._backend.write(
                {field_of(k): Record.of(c).to_bytes() for k, c in batch.items() if c is not None},
                [field_of(k) for k, c in batch.items() if c is None],
            )
        except BaseException:
            self._metrics.store_coalesced.inc(len(batch.keys() & self._changed.keys()))
            self._changed = batch | self._changed
            raise
        self._metrics.store_writes.inc(len(batch))
        spent = time() - since
        self._interval_s = min(max(INTERVAL_S, spent / WRITING_SHARE), LONGEST_INTERVAL_S)

    async def _restore(self, decider: Decider) -> None:
        dropped = self._metrics.store_dropped
        restored = 0
        async for field, data in self._backend.read():
            try:
                record, allocation = Record.from_bytes(data)
                last = record.start_ms, record.sequence
                restored += decider.restore(record.key, allocation, last, record.seen_ms)
            except ValueError as error:
                dropped[Dropped.UNREADABLE].inc()
                _log.warning("stored state not read", field=field.decode(), detail=str(error))
            except Refusal:
                dropped[Dropped.CELLS_FULL].inc()
        _log.info("states read back", cells=restored)

    def _note(self, failure: StoreError | None) -> None:
        if failure is not None:
            self._metrics.store_failures.labels(failure.reason).inc()
        if (failure is None) != (self._failure is None) or str(failure) != str(self._failure):
            log = _log.info if failure is None else _log.warning
            log("store", status="ok" if failure is None else "degraded",
                detail="" if failure is None else str(failure))  # fmt: skip
        self._failure = failure
        self._metrics.store_up.set(failure is None)
