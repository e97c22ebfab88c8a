"""A node and the xApp's session for it in memory, and the clock of both."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import structlog
from prometheus_client import CollectorRegistry
from structlog.testing import CapturingLogger

from oran.e2 import e2ap
from oran.e2.connection import Connection, LocalProtocolError, RemoteProtocolError, Role
from oran.e2.e2ap import Message
from oran.e2.per.string import Bits
from oran.intent import DEFAULT_INTENTS
from oran.report import CellReport
from tests.xapp.rig import NOW_MS
from tests.xapp_e2.node import PLMN, SNSSAIS, ScriptedNode, functions, gnb
from xapp.decision.pipeline import Pipeline
from xapp.decision.policy import Policy
from xapp.decision.shield import Limits
from xapp.e2.cell import E2Options, ServedCell
from xapp.e2.metrics import E2Metrics
from xapp.e2.round import Round
from xapp.e2.session import Ric, Session
from xapp.service.cells import Cells, Freshness
from xapp.service.decider import Clock, Decider
from xapp.service.metrics import Metrics
from xapp.service.nominal import nominal_report

RIC_ID = e2ap.GlobalRicId(PLMN, Bits(1, 20))


@dataclass
class Time:
    """One clock for everything, in ms."""

    ms: int = NOW_MS

    @property
    def s(self) -> float:
        return self.ms / 1000.0

    def clock(self) -> Clock:
        return Clock(lambda: self.ms, lambda: self.ms * 1_000_000)


class World:
    """What sessions share: a decider that decides by the rule or a policy, and counters."""

    def __init__(
        self,
        options: E2Options | None = None,
        *,
        max_cells: int = 64,
        policy: Policy | None = None,
    ) -> None:
        self.time = Time()
        self.options = options or E2Options()
        self.registry = CollectorRegistry()
        self.metrics = E2Metrics(self.registry)
        self.counted = Metrics(self.registry)
        self.cells = Cells(max_cells, 600_000)
        self.log = CapturingLogger()
        wrapped: Any = structlog.wrap_logger(self.log, processors=[])
        self.decider = Decider(
            pipeline=Pipeline(policy, Limits()),
            bundle="none",
            intents=DEFAULT_INTENTS,
            cells=self.cells,
            freshness=Freshness(2_000, 1_000),
            metrics=self.counted,
            clock=self.time.clock(),
            mark="e2",
            log=wrapped,
            changed=lambda key, cell: None,
        )
        self.named: list[Session] = []
        self.given_up: list[Exception] = []
        self.held: list[Callable[[], None]] | None = None
        self.ric = Ric(
            RIC_ID, self.options, self.decider, SNSSAIS, self.metrics, {}, self.named.append,
            Round(self.decider, self._later),
        )  # fmt: skip

    def _later(self, call: Callable[[], None]) -> None:
        """Ends a round at once, or when `turn` is called."""
        if self.held is None:
            call()
        else:
            self.held.append(call)

    def turn(self) -> None:
        """The event loop's next turn."""
        held, self.held = self.held or [], []
        for call in held:
            call()

    def value(self, name: str, **labels: str) -> float:
        """A counter's or gauge's value."""
        return self.registry.get_sample_value(f"slicepilot_{name}", labels) or 0.0


@dataclass
class Pair:
    """A node and its session, with the packets under way."""

    world: World
    node: ScriptedNode
    to_ric: deque[bytes] = field(default_factory=deque)
    to_node: deque[bytes] = field(default_factory=deque)
    refused_here: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.connection = Connection(Role.RIC)
        log: Any = structlog.wrap_logger(self.world.log, processors=[])
        give_up = self.world.given_up.append
        self.session = Session(self.world.ric, self.connection, self._send, log, give_up)

    def _send(self, message: Message) -> bool:
        try:
            self.to_node.append(self.connection.send(message, self.world.time.s))
        except LocalProtocolError as error:
            self.refused_here.append(error.reason)
            return False
        return True

    def say(self, message: Message) -> None:
        """Let the node send."""
        self.to_ric.append(self.node.connection.send(message, self.world.time.s))

    def settle(self) -> None:
        """Deliver everything that is under way."""
        while self.to_ric or self.to_node:
            while self.to_ric:
                self.deliver(self.to_ric.popleft())
            while self.to_node:
                packet = self.to_node.popleft()
                try:
                    event: Any = self.node.connection.receive(packet, self.world.time.s)
                except RemoteProtocolError as error:
                    event = error
                    if error.answer is not None:
                        self.to_ric.append(error.answer)
                for message in self.node.react(event):
                    self.say(message)

    def deliver(self, packet: bytes) -> None:
        """Give the RIC a packet."""
        try:
            event: Any = self.connection.receive(packet, self.world.time.s)
        except RemoteProtocolError as error:
            event = error
            if error.answer is not None:
                self.to_node.append(error.answer)
        self.session.handle(event, self.world.time.s)

    def set_up(self) -> "Pair":
        """E2 Setup, and the subscriptions that follow."""
        self.say(self.node.setup())
        self.settle()
        return self

    def pass_ms(self, ms: int) -> None:
        """Let time pass; timers and the session's tick come at its end."""
        self.world.time.ms += ms
        for end in (self.connection, self.node.connection):
            for event in end.handle_timer(self.world.time.s):
                if end is self.connection:
                    self.session.handle(event, self.world.time.s)
        self.session.tick(self.world.time.s)
        self.settle()

    def cell(self, index: int = 0) -> ServedCell:
        return self.session.cells[index]

    def report(self, index: int = 0, **changed: Any) -> CellReport:
        """A nominal report of the period that ends now."""
        period = self.world.options.period_ms
        made = nominal_report(SNSSAIS, self.world.time.ms - period, 0)
        named = replace(
            made, node=self.node.name, cell=self.cell(index).place.name, period_ms=period
        )
        return replace(named, **changed)

    def indicate(self, report: CellReport) -> None:
        """Let the node send a report."""
        self.say(self.node.indication(self.node.of_cell(report.cell), report))
        self.settle()

    def play(self, periods: int = 1) -> None:
        """Reports of all cells, period by period."""
        for _ in range(periods):
            self.pass_ms(self.world.options.period_ms)
            for i in range(len(self.session.cells)):
                self.indicate(self.report(i))


def pair(world: World, *, cells: int = 1, number: int = 7, **changed: Any) -> Pair:
    """A node of so many cells, not yet set up, and its session."""
    return Pair(world, ScriptedNode(gnb(number), **({"functions": functions(cells)} | changed)))
