"""The report service of one node: its subscriptions, and what is due for them."""

from collections.abc import Mapping
from typing import Final

from e2sim.e2.offer import KpmVersion, Offer
from e2sim.e2.period import Period
from e2sim.e2.refusal import RefusedError
from e2sim.e2.reporter import Report, Reporter, UserContent
from e2sim.e2.subscription import Measured, reporter, reporting_period
from e2sim.e2.tally import Tally
from oran.e2 import e2ap, kpm
from oran.e2.connection import Subscription
from oran.e2.connection.subscription import REPORTING
from oran.e2.e2ap import CauseRicRequest, Message, RicRequestId
from oran.e2.errors import EncodeError

MAX_SUBSCRIPTIONS: Final = 64
"""Most subscriptions of one node; each holds the periods of the report it is about to make."""


class ReportService:
    """Subscriptions of one association.

    Args:
        offer: what the node offers.
        period_ms: the twin's period.
        users: how many users the cell has.
        tally: takes the counts.
        names: whether indications repeat the names of what they carry.
    """

    def __init__(
        self, offer: Offer, period_ms: int, users: int, tally: Tally, *, names: bool = False
    ) -> None:
        self._offer = offer
        self._tally = tally
        identity = offer.identity
        self._measured = Measured(
            identity.cgi, offer.snssais, period_ms, users, identity.ue, names, offer.uplink
        )
        self._reporters: dict[RicRequestId, dict[int, Reporter]] = {}

    @property
    def wants_users(self) -> bool:
        """Whether a subscription is about single users."""
        return any(
            isinstance(reporter.content, UserContent)
            for actions in self._reporters.values()
            for reporter in actions.values()
        )

    def subscribe(self, request: e2ap.RicSubscriptionRequest) -> Message:
        """Serve a subscription, as far as can be; returns the answer."""
        asked = request.details.actions
        admitted: dict[int, Reporter] = {}
        refused: dict[int, RefusedError] = {}
        try:
            reporting_ms = self._reporting_ms(request)
            for action in asked:
                try:
                    admitted[action.id] = reporter(action, reporting_ms, self._measured)
                except RefusedError as error:
                    refused[action.id] = error
        except RefusedError as error:
            refused = {action.id: error for action in asked}
        for refusal in refused.values():
            self._tally.note(self._tally.actions_refused, refusal.cause, refusal.reason)
        ids = request.request_id, request.ran_function_id
        if not admitted:
            # E2AP knows no response without an action; the first refusal stands for all.
            return e2ap.RicSubscriptionFailure(*ids, next(iter(refused.values())).cause)
        self._reporters[request.request_id] = admitted
        self._tally.subscriptions += 1
        not_admitted = tuple(e2ap.ActionNotAdmitted(i, r.cause) for i, r in refused.items())
        return e2ap.RicSubscriptionResponse(
            *ids, tuple(map(e2ap.ActionAdmitted, admitted)), not_admitted or None
        )

    def unsubscribe(self, request: e2ap.RicSubscriptionDeleteRequest) -> Message:
        """End a subscription; returns the answer."""
        self._reporters.pop(request.request_id, None)
        self._tally.deleted += 1
        return e2ap.RicSubscriptionDeleteResponse(request.request_id, request.ran_function_id)

    def clear(self) -> None:
        """End all subscriptions."""
        self._reporters.clear()

    def due(
        self, period: Period, known: Mapping[RicRequestId, Subscription]
    ) -> list[e2ap.RicIndication]:
        """The indications that are due after one more period.

        Args:
            period: what the cell measured.
            known: the connection's subscriptions; others are forgotten here too.
        """
        self._reporters = {i: made for i, made in self._reporters.items() if i in known}
        made = [
            self._indication(request_id, action_id, report)
            for request_id, actions in self._reporters.items()
            if known[request_id].state in REPORTING
            for action_id, reporter in actions.items()
            if (report := self._report(reporter, period)) is not None
        ]
        return [indication for indication in made if indication is not None]

    def _report(self, made: Reporter, period: Period) -> Report | None:
        before = made.empty
        report = made.take(period)
        self._tally.empty += made.empty - before
        lost = made.content.lost
        if lost:
            for (name, reason), count in lost.items():
                self._tally.note(self._tally.values_lost, reason, f"{name}: told as noValue", count)
            lost.clear()
        return report

    def _indication(
        self, request_id: RicRequestId, action_id: int, report: Report
    ) -> e2ap.RicIndication | None:
        try:
            message = kpm.INDICATION_MESSAGE.encode(report.message)
        except EncodeError as error:  # names make a message longer than a packet may be
            self._tally.note(self._tally.unsent, "RicIndication", str(error))
            return None
        v3 = self._offer.version is KpmVersion.V3_00
        stamp = (kpm.timestamp_v3 if v3 else kpm.timestamp_v2)(report.start_ms)
        return e2ap.RicIndication(
            request_id,
            self._offer.ids.kpm,
            action_id,
            e2ap.IndicationType.REPORT,
            kpm.INDICATION_HEADER.encode(kpm.IndicationHeader(stamp)),
            message,
            sequence_number=report.sequence,
        )

    def _reporting_ms(self, request: e2ap.RicSubscriptionRequest) -> int:
        """The reporting period; raises what refuses all actions."""
        if request.ran_function_id != self._offer.ids.kpm:
            raise RefusedError(
                CauseRicRequest.ACTION_NOT_SUPPORTED,
                f"RAN function {request.ran_function_id} has nothing to subscribe to",
            )
        if request.start_time is not None or request.end_time is not None:
            raise RefusedError(
                CauseRicRequest.UNSPECIFIED, "subscriptions begin at once and end when deleted"
            )
        if len(self._reporters) >= MAX_SUBSCRIPTIONS:
            raise RefusedError(
                CauseRicRequest.FUNCTION_RESOURCE_LIMIT,
                f"there are {MAX_SUBSCRIPTIONS} subscriptions already",
            )
        return reporting_period(request.details.event_trigger, self._measured.period_ms)
