"""The subscriptions of one node: asked for, looked after, and deleted when of no use any more."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from oran.e2 import e2ap
from oran.e2.connection import (
    Connection,
    Event,
    Failed,
    LocalProtocolError,
    SubscriptionState,
    Succeeded,
    TimedOut,
)
from oran.e2.e2ap import RicRequestId
from xapp.e2.cell import ServedCell, Stream
from xapp.e2.control import Send
from xapp.e2.metrics import E2Metrics, Subscribed
from xapp.e2.offer import Measuring
from xapp.e2.request import request_of
from xapp.e2.watchdog import Step

ORPHANS_PAUSE_S: Final = 5.0
"""Between attempts to delete subscriptions that are of no use any more."""

_DELETABLE: Final = (SubscriptionState.ACTIVE, SubscriptionState.DOUBTFUL)

Tell = Callable[[str, str, str], None]
"""Told a kind of trouble, its detail, and the cell."""


class Subscriptions:
    """The subscriptions of one node.

    One that is parted with, because it is stale, doubtful or not wanted any more, becomes an
    orphan: its reports are no cell's, and its deletion is asked for until the node has done it.

    Args:
        connection: the association's state.
        send: sends to the node.
        metrics: what is counted.
        tell: told of trouble.
        period_ms: reporting period.
    """

    def __init__(
        self,
        connection: Connection,
        send: Send,
        metrics: E2Metrics,
        tell: Tell,
        period_ms: int,
    ) -> None:
        self._connection = connection
        self._send = send
        self._metrics = metrics
        self._tell = tell
        self._period_ms = period_ms
        self._measuring: Measuring | None = None
        self._cells: tuple[ServedCell, ...] = ()
        self._by_id: dict[RicRequestId, tuple[ServedCell, Stream]] = {}
        self._orphans_due = 0.0

    def find(self, request_id: RicRequestId) -> tuple[ServedCell, Stream] | None:
        """Whose reports come under an id."""
        return self._by_id.get(request_id)

    def serve(self, measuring: Measuring | None, cells: Iterable[ServedCell], now: float) -> None:
        """Subscribe for these cells, and for no others any more; what they have is kept."""
        cells = tuple(cells)
        kept = {id(cell) for cell in cells}
        known = self._connection.subscriptions
        for request_id, (cell, stream) in list(self._by_id.items()):
            if id(cell) not in kept:
                if request_id not in known:
                    self._count_lost(cell, "the node has set up anew")
                del self._by_id[request_id]
            elif request_id not in known:
                self._lost(cell, stream, "its RAN function was taken out of service", now)
                stream.watchdog.reset(now)
        self._measuring, self._cells = measuring, cells
        self._orphans_due = now
        self.tick(now)

    def reset(self, now: float) -> None:
        """The node has forgotten all of them, in order."""
        for cell, stream in self._streams():
            if stream.request_id is not None:
                self._count_lost(cell, "the node was reset")
            self._part(cell, stream)
            stream.watchdog.reset(now)
        self.tick(now)

    def tick(self, now: float) -> None:
        """Do what time has made due."""
        for cell, stream in self._streams():
            step = stream.watchdog.next(now)
            if step is Step.SUBSCRIBE:
                self._subscribe(cell, stream, now)
            elif step is Step.RENEW:
                self._metrics.subscriptions[Subscribed.STALE].inc()
                self._tell("no reports", "the subscription is made anew", cell.place.name)
                self._part(cell, stream)
        if now >= self._orphans_due:
            self._delete_orphans(now)

    def answered(self, request_id: RicRequestId, event: Event, now: float) -> None:
        """The node has answered a request to subscribe, or has not."""
        found = self._by_id.get(request_id)
        if found is None:
            return
        cell, stream = found
        response = event.response if isinstance(event, Succeeded) else None
        if isinstance(response, e2ap.RicSubscriptionResponse) and response.admitted:
            self._metrics.subscriptions[Subscribed.ADMITTED].inc()
            stream.refusal = ""
            stream.watchdog.admitted(now)
            return
        counted = Subscribed.TIMED_OUT if isinstance(event, TimedOut) else Subscribed.REFUSED
        stream.refusal = _why(event)
        self._metrics.subscriptions[counted].inc()
        self._tell(f"subscription {counted.value}", stream.refusal, cell.place.name)
        self._part(cell, stream)
        stream.watchdog.absent(now)

    def deletion_required(self, message: e2ap.RicSubscriptionDeleteRequired, now: float) -> None:
        """The node asks to be rid of some."""
        for wanted in message.subscriptions:
            found = self._by_id.get(wanted.request_id)
            if found is not None:
                self._lost(*found, str(wanted.cause), now)
        self._delete_orphans(now)

    def drop_unknown(self, now: float) -> None:
        """Part with those that an Error Indication has ended."""
        known = self._connection.subscriptions
        for request_id, found in list(self._by_id.items()):
            if request_id not in known:
                self._lost(*found, "the node does not know the subscription", now)

    def _streams(self) -> Iterator[tuple[ServedCell, Stream]]:
        for cell in self._cells:
            for stream in cell.streams:
                yield cell, stream

    def _subscribe(self, cell: ServedCell, stream: Stream, now: float) -> None:
        assert self._measuring is not None, "there are no cells before"
        try:
            request_id = self._connection.new_request_id()
        except LocalProtocolError as error:
            self._tell("no request id", error.reason, cell.place.name)
            stream.watchdog.absent(now)
            return
        request = request_of(
            request_id, self._measuring, cell.asked, cell.place, self._period_ms, stream.snssai
        )
        if self._send(request):
            stream.watchdog.asked()
            stream.request_id = request_id
            self._by_id[request_id] = cell, stream
        else:
            stream.watchdog.absent(now)  # not allowed now: try again after a pause

    def _part(self, cell: ServedCell, stream: Stream) -> None:
        cell.restart(stream)
        if stream.request_id is not None:
            self._by_id.pop(stream.request_id, None)
            stream.request_id = None
            self._orphans_due = 0.0

    def _lost(self, cell: ServedCell, stream: Stream, reason: str, now: float) -> None:
        self._count_lost(cell, reason)
        self._part(cell, stream)
        stream.watchdog.absent(now)

    def _count_lost(self, cell: ServedCell, reason: str) -> None:
        self._metrics.subscriptions[Subscribed.LOST].inc()
        self._tell("subscription lost", reason, cell.place.name)

    def _delete_orphans(self, now: float) -> None:
        self._orphans_due = now + ORPHANS_PAUSE_S
        for request_id, found in list(self._connection.subscriptions.items()):
            if request_id not in self._by_id and found.state in _DELETABLE:
                function_id = found.request.ran_function_id
                self._send(e2ap.RicSubscriptionDeleteRequest(request_id, function_id))


def _why(event: Event) -> str:
    if isinstance(event, Failed):
        return str(getattr(event.failure, "cause", "refused"))
    if isinstance(event, Succeeded):
        refused = getattr(event.response, "not_admitted", None) or ()
        return ", ".join(str(action.cause) for action in refused) or "no action was admitted"
    return (
        "no answer in time"
        if isinstance(event, TimedOut)
        else "the association was reset or has ended"
    )
