"""The agent: one node's end of E2AP, without sockets. Events in, messages out.

What a message means is the connection's business (`oran.e2.connection`), and so is whether one may
be sent now; the agent decides what the node answers, and makes its indications.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from e2sim.e2.control import with_cell_control, with_rc
from e2sim.e2.offer import Offer
from e2sim.e2.refusal import RefusedError
from e2sim.e2.service import ReportService
from e2sim.e2.tally import Tally
from oran.allocation import Allocation
from oran.e2 import e2ap, rc
from oran.e2.connection import (
    Event,
    Failed,
    LocalProtocolError,
    Notified,
    RemoteProtocolError,
    Requested,
    Succeeded,
    TimedOut,
    Unanswered,
)
from oran.e2.e2ap import CauseRicRequest, CauseTransport, Message

_OUTCOME: Final = rc.CONTROL_OUTCOME.encode(rc.ControlOutcome(()))


@dataclass(frozen=True, slots=True)
class Cell:
    """The cell behind a node.

    Attributes:
        allocation: gives the allocation in force.
        apply: puts another one in force from the next period on.
    """

    allocation: Callable[[], Allocation]
    apply: Callable[[Allocation], None]


class Agent:
    """The node of one cell, from one E2 Setup to the end of the association.

    Attributes:
        reports: its subscriptions.
        ended: whether the association is to be ended, because the RIC refused the node, did not
            answer, or has removed it.
    """

    def __init__(
        self,
        offer: Offer,
        cell: Cell,
        reports: ReportService,
        new_transaction_id: Callable[[], int],
        tally: Tally,
    ) -> None:
        """Make a node that is not set up.

        Args:
            offer: what it offers.
            cell: the cell behind it.
            reports: serves its subscriptions.
            new_transaction_id: gives ids for requests of the node.
            tally: takes the counts.
        """
        self.reports: Final = reports
        self.ended = False
        self._offer = offer
        self._cell = cell
        self._new_transaction_id = new_transaction_id
        self._tally = tally
        self._answers: dict[type[Message], Callable[[Any], Message | None]] = {
            e2ap.RicSubscriptionRequest: reports.subscribe,
            e2ap.RicSubscriptionDeleteRequest: reports.unsubscribe,
            e2ap.RicControlRequest: self._control,
            e2ap.ResetRequest: self._reset,
            e2ap.E2RemovalRequest: self._remove,
            e2ap.E2ConnectionUpdate: self._update_connection,
            e2ap.RicServiceQuery: self._query,
            e2ap.ErrorIndication: self._error,
        }

    def setup(self) -> e2ap.E2SetupRequest:
        """The first message."""
        return self._offer.setup(self._new_transaction_id())

    def handle(self, item: Event | RemoteProtocolError) -> Message | None:
        """What the node says to an event, if anything."""
        match item:
            case Requested(message) | Notified(message):
                answer = self._answers.get(type(message))
                return None if answer is None else answer(message)
            case Succeeded(e2ap.E2SetupRequest()):
                self._tally.setups += 1
            case Failed(e2ap.E2SetupRequest(), e2ap.E2SetupFailure(cause=cause)):
                self._refused_setup(cause, "the RIC refuses the node")
            case TimedOut(e2ap.E2SetupRequest()):
                self._refused_setup("timeout", "the RIC does not answer E2 Setup")
            case Unanswered():
                self._tally.unanswered += 1
            case RemoteProtocolError(cause=cause, reason=reason):
                self._tally.note(self._tally.protocol_errors, cause, reason)
        return None

    def _refused_setup(self, cause: object, reason: str) -> None:
        self._tally.note(self._tally.setup_failures, cause, reason)
        self.ended = True

    def _control(self, request: e2ap.RicControlRequest) -> Message | None:
        try:
            self._tally.controls_applied[self._carry_out(request)] += 1
        except RefusedError as error:
            self._tally.note(self._tally.controls_refused, error.cause, error.reason)
            return e2ap.RicControlFailure(
                request.request_id, request.ran_function_id, error.cause, request.call_process_id
            )
        if request.ack_request is e2ap.ControlAckRequest.NO_ACK:
            return None
        outcome = _OUTCOME if request.ran_function_id == self._offer.ids.rc else None
        return e2ap.RicControlAcknowledge(
            request.request_id, request.ran_function_id, outcome=outcome
        )

    def _carry_out(self, request: e2ap.RicControlRequest) -> str:
        """Change the allocation; returns the service model that had it changed."""
        ids = self._offer.ids
        makers = {ids.rc: ("E2SM-RC", with_rc), ids.spc: ("E2SM-SPC", with_cell_control)}
        if request.call_process_id is not None:
            raise RefusedError(
                CauseRicRequest.CALL_PROCESS_ID_INVALID, "no call process waits for a control"
            )
        if request.ran_function_id not in makers:
            raise RefusedError(
                CauseRicRequest.ACTION_NOT_SUPPORTED,
                f"RAN function {request.ran_function_id} has nothing to control",
            )
        name, make = makers[request.ran_function_id]
        self._cell.apply(make(self._cell.allocation(), request, self._offer.identity.cgi))
        return name

    def _reset(self, request: e2ap.ResetRequest) -> Message:
        self.reports.clear()
        self._tally.resets += 1
        return e2ap.ResetResponse(request.transaction_id)

    def _remove(self, request: e2ap.E2RemovalRequest) -> Message:
        self.reports.clear()
        self._tally.removals += 1
        self.ended = True
        return e2ap.E2RemovalResponse(request.transaction_id)

    def _update_connection(self, request: e2ap.E2ConnectionUpdate) -> Message:
        self._tally.connection_updates += 1
        return e2ap.E2ConnectionUpdateFailure(
            request.transaction_id, CauseTransport.RESOURCE_UNAVAILABLE
        )

    def _query(self, request: e2ap.RicServiceQuery) -> Message | None:
        self._tally.queries += 1
        try:
            transaction_id = self._new_transaction_id()
        except LocalProtocolError as error:  # the RIC asks faster than it takes answers
            self._tally.note(self._tally.unsent, "RicServiceUpdate", error.reason)
            return None
        return self._offer.update(transaction_id, request.accepted or ())

    def _error(self, message: e2ap.ErrorIndication) -> None:
        cause = message.cause or "none"
        self._tally.note(self._tally.error_indications, cause, "an Error Indication came")
