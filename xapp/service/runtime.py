"""The runtime: everything one xApp process is made of, put together and started."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NoReturn

import structlog
from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector
from structlog.typing import EventDict, FilteringBoundLogger

from oran.intent import Intent
from oran.report import MAX_SLICES
from xapp.core.driver import CoreDriver
from xapp.core.exposition import CoreCollector
from xapp.core.metrics import CoreMetrics
from xapp.core.options import CoreOptions
from xapp.decision.pipeline import Pipeline
from xapp.decision.shield import Limits
from xapp.e2.cell import E2Options
from xapp.e2.exposition import NodesCollector
from xapp.e2.metrics import E2Metrics
from xapp.e2.terminator import Listening, Terminator
from xapp.service.build import compiled
from xapp.service.cells import Cells, Freshness
from xapp.service.decider import Changed, Clock, Decider
from xapp.service.exposition import StateCollector
from xapp.service.metrics import Metrics
from xapp.service.nominal import nominal_report
from xapp.service.serving_policy import ServingPolicy, TimedPolicy
from xapp.store.backend import Backend
from xapp.store.writer import Writer

_WARM_UP: Final = 50
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Options:
    """What a runtime depends on besides the policy, the store and the clock.

    Attributes:
        intents: the operator's intents.
        limits: bounds of the safety shield.
        freshness: bounds on a report's age.
        max_cells: most cells served.
        cell_idle_ms: a cell silent for so long gives way to a new one, milliseconds.
        max_body_bytes: largest body of a request, bytes.
    """

    intents: Sequence[Intent]
    limits: Limits
    freshness: Freshness
    max_cells: int
    cell_idle_ms: int
    max_body_bytes: int


class Runtime:
    """The parts of one xApp, and their start and stop.

    Attributes:
        serving: the policy.
        options: see `Options`.
        clock: the time.
        registry: all metrics.
        metrics: those counted on the decision path.
        cells: the state of every cell.
        decider: decides on reports.
        writer: brings states to the store.
        e2: serves E2 nodes; None where none are to be served.
        core: drives the core; None where none is to be driven.
        ready: whether reports are welcome: warmed up, and not stopping.
    """

    def __init__(
        self, serving: ServingPolicy, backend: Backend, options: Options, clock: Clock, mark: str
    ) -> None:
        self.serving = serving
        self.options = options
        self.clock = clock
        self.mark = mark
        self.registry = CollectorRegistry()
        self.metrics = Metrics(self.registry)
        self.cells = Cells(options.max_cells, options.cell_idle_ms)
        self.writer = Writer(backend, self.metrics, options.max_cells)
        self.decider = self._make_decider(self.cells, self.metrics, _log, self.writer.put)
        self.e2: Terminator | None = None
        self.core: CoreDriver | None = None
        self.ready = False
        bundle = serving.bundle
        served = {"bundle": bundle.id, "graph": serving.graph, "schema": bundle.manifest.schema}
        self._e2_metrics = E2Metrics(self.registry)
        self._core_metrics = CoreMetrics(self.registry)
        self.registry.register(NodesCollector(lambda: self.e2))
        self.registry.register(CoreCollector(lambda: self.core))
        self.registry.register(StateCollector(self.cells, clock.wall_ms, served))
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)

    async def listen(self, listening: Listening, options: E2Options) -> None:
        """Take the address for E2 nodes; they are answered from `start` on.

        Raises:
            UnreachableError: the address cannot be used, or the kernel has no SCTP.
        """
        snssais = [i.snssai for i in self.options.intents]
        e2 = Terminator(listening, options, self.decider, snssais, self._e2_metrics)
        self.e2 = await e2.listen()

    def drive_core(self, options: CoreOptions) -> None:
        """Have the core driven, from `start` on."""
        clock_ns = self.clock.monotonic_ns
        self.core = CoreDriver(options, self._core_metrics, lambda: clock_ns() * 1e-9)

    async def start(self) -> None:
        """Warm up, read back the state of before, and be ready."""
        self._warm_up()
        await self.writer.start(self.decider)
        self.ready = True
        if self.e2 is not None:
            self.e2.start()
        if self.core is not None:
            self.core.start()
        _log.info(
            "ready", bundle=self.serving.bundle.id, graph=self.serving.graph,
            cells=len(self.cells), store=self.writer.state().status, compiled=compiled(),
        )  # fmt: skip

    async def stop(self) -> None:
        """Stop being ready and store what is not stored yet."""
        self.ready = False
        if self.e2 is not None:
            await self.e2.stop()
        if self.core is not None:
            await self.core.stop()
        await self.writer.stop()
        _log.info("stopped", cells=len(self.cells))

    def _make_decider(
        self,
        cells: Cells,
        metrics: Metrics,
        log: FilteringBoundLogger,
        changed: Changed,
    ) -> Decider:
        timed = TimedPolicy(self.serving.policy, metrics.inference.observe, self.clock.monotonic_ns)
        pipeline = Pipeline(timed, self.options.limits, self.serving.bundle.manifest.rule)
        return Decider(
            pipeline=pipeline,
            bundle=self.serving.bundle.id,
            intents=self.options.intents,
            cells=cells,
            freshness=self.options.freshness,
            metrics=metrics,
            clock=self.clock,
            mark=self.mark,
            log=log,
            changed=changed,
        )

    def _warm_up(self) -> None:
        """Decide for a cell that does not exist, on a copy of the parts that remember."""
        silent = structlog.wrap_logger(None, processors=[_drop])
        decider = self._make_decider(
            Cells(1, 0), Metrics(CollectorRegistry()), silent, lambda key, cell: None
        )
        snssais = [i.snssai for i in self.options.intents[:MAX_SLICES]]
        for sequence in range(_WARM_UP):
            report = nominal_report(snssais, self.clock.wall_ms(), sequence)
            decider.decide(report, self.clock.monotonic_ns())


def _drop(logger: object, method: str, event: EventDict) -> NoReturn:
    raise structlog.DropEvent
