"""Nodes that cost almost nothing: ready-made indications, sent at their times over framed TCP.

Set-up, subscription and a node's first control go through the codec; then each indication is a
template in which the time stamp and the sequence number are replaced, and an acknowledgement is
found by the ids in its control, so that one thread can play a hundred nodes and time what comes
back. It polls without pause, for which it wants a processor of its own.
"""

import math
import select
import socket
import time
from dataclasses import dataclass, field, replace
from typing import Any, Final

from e2sim.e2.identity import Identity
from e2sim.e2.offer import Offer
from oran.e2 import e2ap, kpm
from oran.e2.kpm.time import timestamp_v3
from oran.e2.transport.framing import Splitter, frame
from oran.intent import DEFAULT_INTENTS
from oran.measurements import SLICE_COLUMN
from oran.report import CellReport
from xapp.service.nominal import nominal_report

SNSSAIS: Final = tuple(i.snssai for i in DEFAULT_INTENTS)
_PLMN: Final = b"\x00\xf1\x10"
_CONTROL: Final = b"\x00\x04"  # initiating message, procedure RICcontrol
_HEAD: Final = 18
"""Octets of a control behind its length: its count of IEs, request id and RAN function id."""

_SET_UP_S: Final = 30.0


class NodeError(RuntimeError):
    """The RIC did not do what a node may expect of it."""


@dataclass(slots=True)
class Patch:
    """Octets in which some places are replaced."""

    octets: bytearray
    places: tuple[slice, ...]

    @classmethod
    def of(cls, octets: bytes, *marks: bytes) -> "Patch":
        """The places are where `marks` stand, each of which stands in `octets` once."""
        places = []
        for mark in marks:
            if octets.count(mark) != 1:
                raise NodeError(f"{mark.hex()} stands {octets.count(mark)} times in a template")
            at = octets.index(mark)
            places.append(slice(at, at + len(mark)))
        return cls(bytearray(octets), tuple(places))

    def fill(self, *values: bytes) -> bytes:
        """The octets with `values`, as long as the marks, at the places."""
        for place, value in zip(self.places, values, strict=True):
            self.octets[place] = value
        return bytes(self.octets)


@dataclass(slots=True)
class Node:
    """One node and its association.

    Attributes:
        indications: templates, in each of which another slice has most to send, so that each
            report changes the allocation and calls for a control.
        sent: indications.
        controlled: controls that came back.
        pending: when the last indication was sent, until its control comes; 0 without one.
        late: indications without a control before the next one.
        times: seconds from each indication to the control that followed it, or to the next one.
        answers: framed acknowledgements, by the octets of a control that hold its ids.
    """

    number: int
    sock: socket.socket
    splitter: Splitter = field(default_factory=Splitter)
    indications: list[Patch] = field(default_factory=list)
    sent: int = 0
    controlled: int = 0
    pending: float = 0.0
    late: int = 0
    times: list[float] = field(default_factory=list)
    answers: dict[bytes, bytes] = field(default_factory=dict)

    @classmethod
    def connect(cls, number: int, port: int) -> "Node":
        """Associate and set up."""
        sock = socket.create_connection(("127.0.0.1", port), timeout=_SET_UP_S)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        node = cls(number, sock)
        offer = Offer(Identity(_PLMN, 0xE2, number), SNSSAIS)
        node.say(offer.setup(number % 256))
        return node

    def forget(self) -> None:
        """Forget what was measured so far."""
        self.sent = self.controlled = self.late = 0
        self.pending = 0.0
        self.times.clear()

    def say(self, message: Any) -> None:
        """Send a message."""
        self.sock.sendall(frame(e2ap.encode(message)))

    def handle(self, octets: bytes, now: float) -> None:
        """Take a packet of the RIC."""
        if octets.startswith(_CONTROL):
            self._controlled(octets, now)
            return
        message = e2ap.decode(octets)
        match message:
            case e2ap.RicSubscriptionRequest(request_id, function_id, details):
                action = details.actions[0]
                admitted = (e2ap.ActionAdmitted(action.id),)
                self.say(e2ap.RicSubscriptionResponse(request_id, function_id, admitted))
                self.indications = [
                    _template(request_id, function_id, action, i) for i in range(len(SNSSAIS))
                ]
            case e2ap.E2SetupResponse():
                pass
            case _:
                raise NodeError(f"unexpected: {message}")

    def _controlled(self, octets: bytes, now: float) -> None:
        if self.pending:
            self.times.append(now - self.pending)
            self.pending = 0.0
        self.controlled += 1
        start = 4 if octets[3] < 0x80 else 5  # behind the length
        head = octets[start : start + _HEAD]
        answer = self.answers.get(head)
        if answer is None:
            message = e2ap.decode(octets)
            assert isinstance(message, e2ap.RicControlRequest)
            done = e2ap.RicControlAcknowledge(message.request_id, message.ran_function_id)
            answer = self.answers[head] = frame(e2ap.encode(done))
        self.sock.sendall(answer)

    def indicate(self, now: float) -> None:
        """Send the next indication."""
        template = self.indications[self.sent % len(self.indications)]
        stamp = timestamp_v3(time.time_ns() // 1_000_000 - 10)
        octets = template.fill((self.sent & 0xFFFF).to_bytes(2, "big"), stamp)
        self.sent += 1
        if self.pending:  # late: it takes at least this long
            self.late += 1
            self.times.append(now - self.pending)
        self.pending = now
        self.sock.sendall(frame(octets))


def _template(
    request_id: e2ap.RicRequestId, function_id: int, action: e2ap.Action, busy: int
) -> Patch:
    definition = kpm.ACTION_DEFINITION.decode(action.definition or b"")
    report = _report(busy)
    wanted = definition.format
    assert isinstance(wanted, kpm.ActionFormat1)
    values = [_value(report, m.type, label) for m in wanted.measurements for label in m.labels]
    sequence, stamp = b"\xa5\x5a", b"\xa5\x5b\xa5\x5c\xa5\x5d\xa5\x5e"
    message = e2ap.RicIndication(
        request_id,
        function_id,
        action.id,
        e2ap.IndicationType.REPORT,
        kpm.INDICATION_HEADER.encode(kpm.IndicationHeader(stamp)),
        kpm.INDICATION_MESSAGE.encode(kpm.IndicationFormat1((kpm.Record(tuple(values)),))),
        int.from_bytes(sequence, "big"),
    )
    return Patch.of(e2ap.encode(message), sequence, stamp)


def _report(busy: int) -> CellReport:
    """A cell that all slices together load by a third, most of it by one of them."""
    report = nominal_report(SNSSAIS, 0, 0)
    slices = []
    for place, part in enumerate(report.slices):
        values = list(part.values)
        volume = 150.0 if place == busy else 5.0  # kbit in 10 ms
        for name in ("DRB.PdcpSduVolumeDL", "DRB.RlcSduTransmittedVolumeDL"):
            values[SLICE_COLUMN[name]] = volume
        values[SLICE_COLUMN["RRU.PrbUsedDl"]] = volume / 5.0
        values[SLICE_COLUMN["DRB.BufferSize.Qos"]] = 0.0
        slices.append(replace(part, values=tuple(values)))
    return replace(report, slices=tuple(slices))


def _value(report: CellReport, name: Any, label: kpm.MeasurementLabel) -> Any:
    part = (
        report if label.slice is None else next(s for s in report.slices if s.snssai == label.slice)
    )
    value = part[name]
    if math.isnan(value):
        return None
    return int(value) if float(value).is_integer() else value


def play(nodes: list[Node], period_s: float, periods: int) -> float:
    """Play periods, the nodes' indications spread evenly over each; the seconds it took."""
    poll = select.epoll()
    by_fd = {n.sock.fileno(): n for n in nodes}
    for fd, node in by_fd.items():
        node.sock.setblocking(True)
        poll.register(fd, select.EPOLLIN)
    try:
        started = time.perf_counter()
        step, due = period_s / len(nodes), 0
        last = len(nodes) * periods
        while due < last or any(n.pending for n in nodes):
            now = time.perf_counter()
            if due < last and now - started >= due * step:
                nodes[due % len(nodes)].indicate(now)
                due += 1
            elif due >= last and now - started > last * step + 1.0:
                break  # what has not come by now will not
            _receive(poll, by_fd)
        return time.perf_counter() - started
    finally:
        poll.close()


def set_up(nodes: list[Node]) -> None:
    """Answer the RIC until every node has a subscription.

    Raises:
        NodeError: some have none in time.
    """
    until = time.monotonic() + _SET_UP_S
    poll = select.epoll()
    by_fd = {n.sock.fileno(): n for n in nodes}
    for fd in by_fd:
        poll.register(fd, select.EPOLLIN)
    while not all(n.indications for n in nodes):
        if time.monotonic() > until:
            raise NodeError(f"no subscription within {_SET_UP_S:g} s")
        _receive(poll, by_fd, 0.1)
    poll.close()


def _receive(poll: "select.epoll", by_fd: dict[int, Node], timeout: float = 0.0) -> None:
    for fd, _ in poll.poll(timeout):
        node = by_fd[fd]
        octets = node.sock.recv(65_536)
        if not octets:
            raise NodeError("the RIC ended an association")
        now = time.perf_counter()
        node.splitter.feed(octets)
        while (packet := node.splitter.next()) is not None:
            node.handle(packet, now)
