"""The session of one node: events of its association in, messages to it out.

Knows no sockets and no clock; times are seconds of the clock of `Connection`. Nothing that a node
sends raises: it is counted, and told once in the log.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from structlog.typing import FilteringBoundLogger

from oran.e2 import e2ap
from oran.e2.common.cell import Cgi
from oran.e2.connection import (
    Connection,
    Event,
    Failed,
    Notified,
    RemoteProtocolError,
    Requested,
    Succeeded,
    TimedOut,
)
from oran.e2.e2ap import RicIndication
from oran.e2.errors import DecodeError
from oran.e2.naming import node_name
from oran.snssai import Snssai
from xapp.e2.answers import granted
from xapp.e2.cell import E2Options, ServedCell, Stream, quota_control_of, spc_control_of
from xapp.e2.control import Controls, Send
from xapp.e2.left import problems_of
from xapp.e2.metrics import Answered, E2Metrics, Fault, Function, Indicated
from xapp.e2.offer import Offer, Place, offer_of, places_of, plmn_of
from xapp.e2.reading import PassedOver
from xapp.e2.subscriptions import Subscriptions
from xapp.e2.watchdog import Life
from xapp.service.decider import Decider
from xapp.service.refusal import Reason, Refusal

MAX_TOLD: Final = 32
"""Kinds of trouble of one node that are logged, once each."""


@dataclass(frozen=True, slots=True)
class Ric:
    """What sessions share.

    Attributes:
        id: who the RIC is.
        options: how nodes are served.
        decider: decides.
        intents: the slices with an intent.
        metrics: what is counted.
        cells: cells that the operator configured, by the node's name.
        named: told of a session whose node has said its name.
    """

    id: e2ap.GlobalRicId
    options: E2Options
    decider: Decider
    intents: Sequence[Snssai]
    metrics: E2Metrics
    cells: Mapping[str, Sequence[Cgi]]
    named: "Callable[[Session], None]"


class Session:
    """One node, from its association's start to its end.

    Args:
        ric: what sessions share.
        connection: the association's state.
        send: sends to the node.
        log: where news of the node go.

    Attributes:
        node: the node's name; empty before E2 Setup.
        offer: what it offers.
        cells: its cells.
        faults: how often something went wrong with it.
        removed: whether the node has taken its leave.
    """

    def __init__(
        self, ric: Ric, connection: Connection, send: Send, log: FilteringBoundLogger
    ) -> None:
        self.node = ""
        self.offer = Offer()
        self.cells: list[ServedCell] = []
        self.faults = 0
        self.removed = False
        self._ric = ric
        self._metrics = ric.metrics
        self._connection = connection
        self._send = send
        self._log = log
        self._controls = Controls(send, ric.metrics)
        self._subscriptions = Subscriptions(
            connection, send, ric.metrics, self._tell, ric.options.period_ms
        )
        self._functions: dict[int, e2ap.RanFunction] = {}
        self._plmn = b""
        self._left: tuple[str, ...] = ()
        self._told: set[str] = set()
        self._monotonic_ns = ric.decider.clock.monotonic_ns
        self._wall_ms = ric.decider.clock.wall_ms

    def handle(self, item: Event | RemoteProtocolError, now: float) -> None:
        """Take an event of the association."""
        if isinstance(item, Notified):
            if type(item.message) is RicIndication:
                self._indication(item.message, now)
            else:
                self._notified(item.message, now)
        elif isinstance(item, Requested):
            self._requested(item.message, now)
        elif isinstance(item, RemoteProtocolError):
            self._fault(Fault.PROTOCOL, item.reason)
        else:
            self._ended(item, now)

    @property
    def problems(self) -> tuple[str, ...]:
        """What of the node could not be read or used, for people."""
        return (*self.offer.problems, *self._left)

    def tick(self, now: float) -> None:
        """Do what time has made due; to be called several times a second."""
        self._subscriptions.tick(now)
        for cell in self.cells:
            if cell.clock_was_set():
                self._fault(Fault.CLOCK_SET, "reports are late or early by another time")
                self._ric.decider.clock_was_set((self.node, cell.place.name))

    def not_sent(self, reason: str) -> None:
        """A message could not be sent, as the connection does not allow it now."""
        self._fault(Fault.NOT_SENT, reason)

    # Indications: the path that has to be short.

    def _indication(self, message: RicIndication, now: float) -> None:
        since = self._monotonic_ns()
        found = self._subscriptions.find(message.request_id)
        if found is None:
            self._metrics.indications[Indicated.UNEXPECTED].inc()
            return
        cell, stream = found
        for one in cell.streams:
            # A slice without UEs has nothing to tell in report style 4: the node is well all the
            # same, as long as it tells of another.
            if one.watchdog.life is Life.ACTIVE:
                one.watchdog.heard(now)
        outcome = self._decide(cell, stream, message, since, now)
        self._metrics.indications[outcome].inc()
        if outcome is Indicated.DECIDED:
            self._metrics.loop.observe((self._monotonic_ns() - since) * 1e-9)

    def _decide(
        self, cell: ServedCell, stream: Stream, message: RicIndication, since: int, now: float
    ) -> Indicated:
        decider = self._ric.decider
        try:
            report = cell.report(stream, message, self._wall_ms())
            if report is None:
                return Indicated.PART
            made = decider.make(report, since)
        except PassedOver:
            return Indicated.PASSED_OVER
        except Refusal as refusal:
            decider.metrics.refusals[refusal.reason].inc()
            return self._rejected(cell, Indicated.REFUSED, refusal.reason, refusal.detail)
        except (DecodeError, ValueError) as error:
            return self._rejected(cell, Indicated.UNREADABLE, "unreadable", str(error))
        except Exception:
            # As at the HTTP door: a flaw of this program costs one decision, and no node.
            self._log.exception("decide", node=self.node, cell=cell.place.name)
            decider.metrics.refusals[Reason.INTERNAL].inc()
            return self._rejected(cell, Indicated.FAILED, Reason.INTERNAL, "see the log")
        cell.accepted(report)
        verdict = cell.verdict = cell.effect.judge(report, now)
        self._controls.actuate(cell, made.outcome.allocation, now)
        self._metrics.verdicts[verdict].inc()
        if cell.trust.take(verdict, now):
            self._distrust(cell, now)
        return Indicated.DECIDED

    def _rejected(self, cell: ServedCell, outcome: Indicated, kind: str, detail: str) -> Indicated:
        cell.rejected += 1
        cell.reason = detail
        self._tell(f"indication: {kind}", detail, cell.place.name)
        return outcome

    def _distrust(self, cell: ServedCell, now: float) -> None:
        self._log.warning(
            "controls have no effect", node=self.node, cell=cell.place.name,
            reason=cell.effect.reason, pause_s=(cell.trust.until or now) - now,
        )  # fmt: skip
        slices = self._ric.decider.slice_sets.get(cell.place.snssais)
        self._controls.roll_back(cell, slices.at_rest, now)

    # What the node asks and tells.

    def _requested(self, message: e2ap.Message, now: float) -> None:
        self._send(granted(message, self._ric.id))
        match message:
            case e2ap.E2SetupRequest():
                self._metrics.setups.inc()
                self.node = node_name(message.node_id)
                self._plmn = plmn_of(message.node_id)
                self._functions = {f.id: f for f in message.functions}
                self._ric.named(self)
                self.cells = []  # a set-up is a new start
                self._serve(now)
            case e2ap.RicServiceUpdate():
                for function in (*(message.added or ()), *(message.modified or ())):
                    self._functions[function.id] = function
                for deleted in message.deleted or ():
                    self._functions.pop(deleted.id, None)
                self._serve(now)
            case e2ap.ResetRequest():
                self._controls.forget()
                self._subscriptions.reset(now)
            case e2ap.E2RemovalRequest():
                self.removed = True

    def _notified(self, message: e2ap.Message, now: float) -> None:
        match message:
            case e2ap.ErrorIndication():
                self._fault(Fault.ERROR_INDICATION, str(message.cause))
                self._subscriptions.drop_unknown(now)
            case e2ap.RicSubscriptionDeleteRequired():
                self._subscriptions.deletion_required(message, now)

    def _ended(self, event: Event, now: float) -> None:
        request = getattr(event, "request", None)
        if isinstance(request, e2ap.RicControlRequest):
            self._controls.answered(request, _answer(event), now)
        elif isinstance(request, e2ap.RicSubscriptionRequest):
            self._subscriptions.answered(request.request_id, event, now)

    def _serve(self, now: float) -> None:
        """Find out what the node offers, and begin to serve its cells."""
        before, offer = self.offer, offer_of(self._functions.values())
        places = (
            places_of(offer, self.node, self._ric.intents, self._ric.cells)
            if offer.measuring is not None
            else ()
        )
        several = len(places) > 1
        same = (
            offer.measuring == before.measuring
            and offer.quota == before.quota
            and offer.spc_id == before.spc_id
            and several == (len(self.cells) > 1)
        )
        kept = {cell.place: cell for cell in self.cells} if same else {}
        self.offer = offer
        self.cells = [c for c in (kept.get(place) for place in places) if c is not None]
        self._controls.keep(self.cells)
        self.cells = [kept.get(place) or self._made(place, several=several) for place in places]
        self._log.info(
            "node", node=self.node, cells=[c.place.name for c in self.cells],
            problems=offer.problems, quota=offer.quota is not None, spc=offer.spc_id is not None,
        )  # fmt: skip
        self._tell_left(places)
        self._subscriptions.serve(offer.measuring, self.cells, now)

    def _made(self, place: Place, *, several: bool) -> ServedCell:
        offer, options, controls = self.offer, self._ric.options, self._controls
        assert offer.measuring is not None
        cell = ServedCell(self.node, place, offer.measuring, options)
        cell.quota = quota_control_of(
            offer, place, self._plmn, options, controls.new_id(), controls.count(Function.RC),
            several=several,
        )  # fmt: skip
        controls.add(cell, cell.quota)
        cell.rest = spc_control_of(
            offer, place, options, controls.new_id(), controls.count(Function.SPC)
        )
        controls.add(cell, cell.rest)
        return cell

    # Telling.

    def _tell_left(self, places: Sequence[Place]) -> None:
        """One warning of the slices that are left alone, and another one when they change."""
        before, self._left = self._left, problems_of(left for p in places for left in p.left)
        if self._left and self._left != before:
            self._log.warning("slices left alone", node=self.node, problems=self._left)

    def _fault(self, kind: Fault, detail: str) -> None:
        self.faults += 1
        self._metrics.faults[kind].inc()
        self._tell(kind.value, detail)

    def _tell(self, kind: str, detail: str, cell: str = "") -> None:
        """One line for each kind of trouble, not one each time."""
        if kind not in self._told and len(self._told) < MAX_TOLD:
            self._told.add(kind)
            self._log.warning(kind, node=self.node, cell=cell, detail=detail)


def _answer(event: Event) -> Answered:
    if isinstance(event, Succeeded):
        return Answered.ACKNOWLEDGED
    if isinstance(event, Failed):
        return Answered.REFUSED
    return Answered.TIMED_OUT if isinstance(event, TimedOut) else Answered.ABORTED
