"""The E2 terminator: a server of associations, one task and one session each."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

import structlog

from oran.e2 import e2ap
from oran.e2.common.cell import Cgi
from oran.e2.connection import LocalProtocolError, Role
from oran.e2.e2ap import Message
from oran.e2.transport import Address, Association, Item, LinkClosedError, Server
from oran.snssai import Snssai
from xapp.e2.cell import E2Options
from xapp.e2.metrics import E2Metrics, Fault
from xapp.e2.session import Ric, Session
from xapp.service.decider import Decider

TICK_S: Final = 0.1
"""How often subscriptions are looked after."""

LATE_S: Final = 0.2
"""A look that comes so much later than planned tells of this process, not of the nodes."""

MOST_PUT_OFF: Final = 3
"""Late looks in a row that are put off; each gives reports that wait a turn to be read."""

SETUP_WAIT_S: Final = 30.0
"""An association whose node has not set up for so long is ended."""

MAX_REMEMBERED: Final = 1024
"""Nodes that are remembered after their association has ended; the oldest is forgotten first."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Listening:
    """Where and as whom to listen.

    Attributes:
        address: where.
        ric_id: who the RIC is.
        max_nodes: most associations at a time.
        answer_errors: whether a node's errors are answered; some nodes stop at the answer.
        cells: cells that the operator configured, by the node's name.
    """

    address: Address
    ric_id: e2ap.GlobalRicId
    max_nodes: int
    answer_errors: bool
    cells: Mapping[str, Sequence[Cgi]]


@dataclass(slots=True)
class NodeRecord:
    """What is remembered of a node across its associations.

    Attributes:
        name: the node.
        session: the present one, None while it is away.
        peer: where it is, or was last.
        setups: how often it set up.
        lost: why its last association ended; empty before.
        faults: how often something went wrong in associations that have ended.
    """

    name: str
    session: Session | None = None
    peer: str = ""
    setups: int = 0
    lost: str = ""
    faults: int = 0


@dataclass(slots=True)
class _Live:
    """An association, its session, since when in seconds, and its node once that is known."""

    association: Association
    session: Session
    since: float
    record: NodeRecord | None = None


class Terminator:
    """Serves E2 nodes until it is stopped.

    A node costs no other one a decision: each has a task of its own, what it sends is bounded, and
    what goes wrong with it ends its own association at most.

    Args:
        listening: where and as whom.
        options: how nodes are served.
        decider: decides.
        intents: the slices with an intent.
        metrics: what is counted.

    Attributes:
        nodes: what is known of each node, by its name.
        server: accepts associations; None before `listen`.
    """

    def __init__(
        self,
        listening: Listening,
        options: E2Options,
        decider: Decider,
        intents: Sequence[Snssai],
        metrics: E2Metrics,
    ) -> None:
        self.nodes: dict[str, NodeRecord] = {}
        self.server: Server | None = None
        self._listening = listening
        self._metrics = metrics
        self._live: dict[Session, _Live] = {}
        self._ready = asyncio.Event()
        self._put_off = 0
        self._ticking: asyncio.Task[None] | None = None
        self._ric = Ric(
            listening.ric_id, options, decider, tuple(intents), metrics, listening.cells,
            self._named,
        )  # fmt: skip

    async def listen(self) -> Self:
        """Take the address; nodes are answered from `start` on.

        Raises:
            UnreachableError: the address cannot be used, or the kernel has no SCTP.
        """
        self.server = await Server.start(
            self._listening.address,
            Role.RIC,
            self._serve,
            max_associations=self._listening.max_nodes,
            answer_errors=self._listening.answer_errors,
        )
        _log.info("listening for E2 nodes", address=str(self.server.address))
        return self

    def start(self) -> None:
        """Answer nodes."""
        self._ready.set()
        self._ticking = asyncio.get_running_loop().create_task(self._tick())

    async def stop(self) -> None:
        """End all associations."""
        self._ready.clear()
        if self._ticking is not None:
            self._ticking.cancel()
            await asyncio.gather(self._ticking, return_exceptions=True)
        if self.server is not None:
            await self.server.close()

    async def _serve(self, association: Association) -> None:
        await self._ready.wait()
        loop = asyncio.get_running_loop()

        def send(message: Message) -> bool:
            try:
                association.send(message)
            except LocalProtocolError as error:
                session.not_sent(error.reason)
                return False
            except LinkClosedError:
                return False  # the association's end is told by the loop below
            return True

        def take(item: Item) -> bool:
            session.handle(item, now())
            return not session.removed

        now = loop.time
        session = Session(self._ric, association.connection, send, _log)
        live = self._live[session] = _Live(association, session, now())
        try:
            await association.serve(take)
        except Exception:
            self._metrics.faults[Fault.INTERNAL].inc()
            _log.exception("an association was given up", node=session.node)
        finally:
            del self._live[session]
            self._gone(live)

    async def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + TICK_S
            await asyncio.sleep(TICK_S)
            if not self._puts_off(loop.time() - due):
                self._tick_all(loop.time())

    def _puts_off(self, late_s: float) -> bool:
        """Whether a look is put off: reports may wait unread, and are to be read before any is
        missed. A process that is late all the time looks nevertheless."""
        if late_s <= LATE_S:
            self._put_off = 0
            return False
        self._metrics.late_looks.inc()
        self._put_off = (self._put_off + 1) % (MOST_PUT_OFF + 1)
        return self._put_off > 0

    def _tick_all(self, now: float) -> None:
        for live in list(self._live.values()):
            self._tick_one(live, now)

    def _tick_one(self, live: _Live, now: float) -> None:
        session, wire = live.session, live.association.wire
        if not session.node and now - live.since > SETUP_WAIT_S:
            wire.abort(LinkClosedError(f"no E2 Setup in {SETUP_WAIT_S:g} s"))
            return
        try:
            session.tick(now)
        except Exception:
            self._metrics.faults[Fault.INTERNAL].inc()
            _log.exception("an association was given up", node=session.node)
            wire.abort(LinkClosedError("given up here"))

    def _named(self, session: Session) -> None:
        """A node has said who it is; an older association of the same node gives way."""
        live = self._live[session]
        record = self.nodes.pop(session.node, None) or NodeRecord(session.node)
        # At the end of the table: the first one is that whose last set-up is the oldest.
        self.nodes[session.node] = record
        before = record.session
        if before is not None and before is not session:
            record.faults += before.faults
            self._metrics.faults[Fault.REPLACED].inc()
            self._live[before].record = None
            reason = LinkClosedError("the node has set up a newer association")
            self._live[before].association.wire.abort(reason)
        if live.record is not None and live.record is not record:
            live.record.session = None  # the association now is another node's
            live.record.faults += session.faults
            session.faults = 0
        live.record = record
        record.session, record.peer = session, live.association.wire.peer
        record.setups += 1
        self._forget()

    def _forget(self) -> None:
        while len(self.nodes) > MAX_REMEMBERED:
            away = next((n for n, r in self.nodes.items() if r.session is None), None)
            if away is None:
                return
            del self.nodes[away]

    def _gone(self, live: _Live) -> None:
        lost = live.association.lost
        reason = "left" if live.session.removed else lost.reason if lost else "closed here"
        record = live.record
        if record is not None:
            record.session, record.lost = None, reason
            record.faults += live.session.faults
        _log.info("node gone", node=live.session.node, reason=reason)
