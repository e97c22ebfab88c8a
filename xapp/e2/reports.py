"""The reports of one node: what its indications become."""

from collections.abc import Callable

from structlog.typing import FilteringBoundLogger

from oran.e2.e2ap import RicIndication
from oran.e2.errors import DecodeError
from oran.report import CellReport
from xapp.e2.cell import ServedCell, Stream
from xapp.e2.control import Controls
from xapp.e2.effect import Verdict
from xapp.e2.metrics import E2Metrics, Indicated
from xapp.e2.reading import PassedOver
from xapp.e2.subscriptions import Subscriptions, Tell
from xapp.e2.watchdog import Life
from xapp.service.decider import Decider
from xapp.service.decision import Made
from xapp.service.refusal import Reason, Refusal


class Waiting:
    """An indication that waits for its round, see `xapp.e2.round`.

    Args:
        reports: of its node.
        cell: whose report it is, or a part of it.
        stream: its subscription.
        indication: as it came.
        since_ns: when, monotonic.
        now: when, in seconds of the session's clock.
    """

    __slots__ = ("cell", "indication", "now", "reports", "since_ns", "stream")

    def __init__(
        self,
        reports: "Reports",
        cell: ServedCell,
        stream: Stream,
        indication: RicIndication,
        since_ns: int,
        now: float,
    ) -> None:
        self.reports = reports
        self.cell = cell
        self.stream = stream
        self.indication = indication
        self.since_ns = since_ns
        self.now = now


class Reports:
    """Takes the indications of one node through the steps of a round.

    Nothing that a node sends raises; a flaw of this program in carrying a decision out ends the
    node's association.

    Args:
        decider: decides.
        metrics: what is counted.
        subscriptions: tell whose an indication is.
        controls: carry decisions out.
        gather: takes an indication for the next round.
        tell: told of trouble.
        log: where flaws and lost trust are told, with the node's name.
        give_up: ends the association.
    """

    def __init__(
        self,
        decider: Decider,
        metrics: E2Metrics,
        subscriptions: Subscriptions,
        controls: Controls,
        gather: Callable[[Waiting], None],
        tell: Tell,
        log: Callable[[], FilteringBoundLogger],
        give_up: Callable[[Exception], None],
    ) -> None:
        self._decider = decider
        self._metrics = metrics
        self._subscriptions = subscriptions
        self._controls = controls
        self._gather = gather
        self._tell = tell
        self._log = log
        self._give_up = give_up
        self._monotonic_ns = decider.clock.monotonic_ns

    def take(self, message: RicIndication, now: float) -> None:
        """Take an indication, which waits for its round."""
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
        self._gather(Waiting(self, cell, stream, message, since, now))

    def read(self, waiting: Waiting, now_ms: int) -> CellReport | None:
        """The report of an indication; None where it makes none, which is counted."""
        cell = waiting.cell
        try:
            report = cell.report(waiting.stream, waiting.indication, now_ms)
        except Exception as error:
            self.undecided(cell, error, reading=True)
            return None
        if report is None:
            self._metrics.indications[Indicated.PART].inc()
        return report

    def undecided(self, cell: ServedCell, error: Exception, *, reading: bool = False) -> None:
        """Count why there is no decision on an indication.

        `reading`, a ValueError is the message's fault; behind that, one of this program.
        """
        refusals = self._decider.metrics.refusals
        if isinstance(error, PassedOver):
            outcome = Indicated.PASSED_OVER
        elif isinstance(error, Refusal):
            refusals[error.reason].inc()
            outcome = self._rejected(cell, Indicated.REFUSED, error.reason, error.detail)
        elif reading and isinstance(error, DecodeError | ValueError):
            outcome = self._rejected(cell, Indicated.UNREADABLE, "unreadable", str(error))
        else:
            # As at the HTTP door: a flaw of this program costs one decision, and no node.
            self._log().error("decide", cell=cell.place.name, exc_info=error)
            refusals[Reason.INTERNAL].inc()
            outcome = self._rejected(cell, Indicated.FAILED, Reason.INTERNAL, "see the log")
        self._metrics.indications[outcome].inc()

    def judge(self, cell: ServedCell, report: CellReport, now: float) -> Verdict | None:
        """What a report that was decided on says of the controls before it; None after a flaw."""
        try:
            cell.accepted(report)
            verdict = cell.verdict = cell.effect.judge(report, now)
        except Exception as error:
            self._give_up(error)
            return None
        return verdict

    def carry_out(self, waiting: Waiting, made: Made, verdict: Verdict) -> None:
        """Let a decision take effect."""
        cell, now = waiting.cell, waiting.now
        try:
            self._controls.actuate(cell, made.outcome.allocation, now)
            self._metrics.verdicts[verdict].inc()
            if cell.trust.take(verdict, now):
                self.distrust(cell, now)
        except Exception as error:
            self._give_up(error)
            return
        self._metrics.indications[Indicated.DECIDED].inc()
        self._metrics.loop.observe((self._monotonic_ns() - waiting.since_ns) * 1e-9)

    def distrust(self, cell: ServedCell, now: float) -> None:
        """Take back what a cell was told, as it does not follow."""
        self._log().warning(
            "controls have no effect", cell=cell.place.name,
            reason=cell.effect.reason, pause_s=(cell.trust.until or now) - now,
        )  # fmt: skip
        slices = self._decider.slice_sets.get(cell.place.snssais)
        self._controls.roll_back(cell, slices.at_rest, now)

    def _rejected(self, cell: ServedCell, outcome: Indicated, kind: str, detail: str) -> Indicated:
        cell.rejected += 1
        cell.reason = detail
        self._tell(f"indication: {kind}", detail, cell.place.name)
        return outcome
