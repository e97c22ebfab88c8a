"""Sending controls and taking their answers, for all cells of one node."""

from collections.abc import Callable, Iterable
from typing import Final

from oran.e2.e2ap import ControlAckRequest, Message, RicControlRequest, RicRequestId
from xapp.decision.pipeline import Rows
from xapp.e2.cell import Control, ServedCell
from xapp.e2.channel import Count, Offered
from xapp.e2.encoding import ratios_of, rest_of
from xapp.e2.metrics import Answered, Controlled, E2Metrics, Function

REQUESTOR: Final = 2
"""Requestor part of the request ids of controls; subscriptions have another one."""

_INSTANCES: Final = 1 << 16

Send = Callable[[Message], bool]
"""Sends a message; False where it cannot be sent now."""

_OUTCOME: Final = {
    Offered.UNCHANGED: Controlled.UNCHANGED,
    Offered.REPLACED: Controlled.REPLACED,
    Offered.HELD: Controlled.HELD,
    Offered.DROPPED: Controlled.NOT_SENT,
}

MAX_ROLLBACKS: Final = 8
"""How often the allocation at rest is sent to a cell that is not trusted and does not acknowledge
it."""


class Controls:
    """The controls of one node.

    Args:
        send: sends to the node.
        metrics: what is counted.
    """

    def __init__(self, send: Send, metrics: E2Metrics) -> None:
        self._send = send
        self._metrics = metrics
        self._by_id: dict[RicRequestId, tuple[ServedCell, Control]] = {}
        # Under way to cells that are served no more; each ends once, and then is counted.
        self._parted: dict[RicRequestId, Function] = {}
        self._instance = 0

    def new_id(self) -> RicRequestId:
        """A request id that no other control has."""
        while True:
            made = RicRequestId(REQUESTOR, self._instance)
            self._instance = (self._instance + 1) % _INSTANCES
            if made not in self._by_id and made not in self._parted:
                return made

    def add(self, cell: ServedCell, control: Control | None) -> Control | None:
        """Take a channel into use."""
        if control is not None:
            self._by_id[control.request_id] = (cell, control)
        return control

    def count(self, model: Function) -> Count:
        """Counts what becomes of a channel's controls."""
        counts = {o: self._metrics.controls[model, c] for o, c in _OUTCOME.items()}
        return lambda offered: counts[offered].inc()

    def keep(self, cells: Iterable[ServedCell]) -> None:
        """Forget the channels of all other cells."""
        kept = {id(cell) for cell in cells}
        for request_id, (cell, control) in list(self._by_id.items()):
            if id(cell) not in kept:
                if control.channel.under_way is not None:
                    self._parted[request_id] = control.model
                control.channel.forget()
                del self._by_id[request_id]

    def forget(self) -> None:
        """Whether the node keeps what it has in force is not known: send all of it again."""
        for cell, control in self._by_id.values():
            control.channel.forget()
            cell.effect.history.forget()

    def actuate(self, cell: ServedCell, rows: Rows, now: float) -> None:
        """Let a decision take effect, as far as the node lets it and the cell is trusted."""
        counts = self._metrics.controls
        trusted = cell.trust.granted(now)
        for model, control in ((Function.RC, cell.quota), (Function.SPC, cell.rest)):
            if control is None:
                counts[model, Controlled.NOT_OFFERED].inc()
            elif not trusted:
                counts[model, Controlled.HELD].inc()
                if control.rollback is not None:
                    self._roll_back_again(cell, control, control.rollback, now)
            else:
                control.rollback = None
                said = ratios_of(rows) if model is Function.RC else rest_of(rows)
                if control.channel.offer(said, now):
                    self._put(cell, control, said)

    def roll_back(self, cell: ServedCell, rows: Rows, now: float) -> None:
        """Give a cell that is not trusted any more the allocation of a node nobody controls.

        It is sent with later reports again, at most `MAX_ROLLBACKS` times, until the node has
        acknowledged it.
        """
        for control in (cell.quota, cell.rest):
            if control is not None:
                said = ratios_of(rows) if control.model is Function.RC else rest_of(rows)
                control.rollback, control.rollbacks = said, 1
                if control.channel.put_back(said, now):
                    self._put(cell, control, said)

    def _roll_back_again(self, cell: ServedCell, control: Control, said: bytes, now: float) -> None:
        channel = control.channel
        if channel.in_force == said:
            control.rollback = None
        elif (
            channel.under_way is None
            and now >= channel.held_until
            and control.rollbacks < MAX_ROLLBACKS
        ):
            control.rollbacks += 1
            if channel.put_back(said, now):
                self._put(cell, control, said)

    def answered(self, request: RicControlRequest, answer: Answered, now: float) -> None:
        """A control has ended."""
        found = self._by_id.get(request.request_id)
        if found is None:  # of a cell that the node has taken out of service since
            model = self._parted.pop(request.request_id, None)
            if model is not None:
                self._metrics.answers[model, answer].inc()
            return
        cell, control = found
        self._metrics.answers[control.model, answer].inc()
        channel = control.channel
        if answer is Answered.ACKNOWLEDGED:
            if control.model is Function.RC:
                cell.effect.history.acknowledged(now)
            waiting = channel.acknowledged(now)
        elif answer is Answered.ABORTED:
            # A reset or the end: whether the node keeps what it had is not known.
            channel.forget()
            cell.effect.history.forget()
            return
        else:
            if answer is Answered.TIMED_OUT:
                self._renew(cell, control)
            waiting = channel.failed(now)
        if waiting is not None:
            self._put(cell, control, waiting)

    def _renew(self, cell: ServedCell, control: Control) -> None:
        """Another request id, so that an answer that is late is not taken for that of the next."""
        del self._by_id[control.request_id]
        control.request_id = self.new_id()
        self.add(cell, control)

    def _put(self, cell: ServedCell, control: Control, said: bytes) -> None:
        messages = control.messages
        sent = self._send(
            RicControlRequest(
                control.request_id,
                control.function_id,
                messages.header,
                messages.message(said),
                ack_request=ControlAckRequest.ACK,
            )
        )
        if control.rollback is None:
            outcome = Controlled.SENT if sent else Controlled.NOT_SENT
            self._metrics.controls[control.model, outcome].inc()
        elif sent:
            self._metrics.controls[control.model, Controlled.ROLLED_BACK].inc()
        if not sent:
            control.channel.forget()
        elif control.model is Function.RC:
            cell.effect.history.sent(said)
