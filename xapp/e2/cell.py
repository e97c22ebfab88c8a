"""A served cell: its subscription, its channels of control, and whether these take effect."""

from dataclasses import dataclass
from typing import Final

from oran.e2.e2ap import RicIndication, RicRequestId
from oran.e2.kpm import Measurement
from oran.report import CellReport
from oran.snssai import Snssai
from xapp.e2.channel import Channel, Count
from xapp.e2.columns import asked_for, columns_of
from xapp.e2.effect import EffectCheck, Trust, Verdict
from xapp.e2.encoding import QuotaMessages, SpcMessages
from xapp.e2.metrics import Function
from xapp.e2.offer import Measuring, Offer, Place
from xapp.e2.reading import Reading
from xapp.e2.uplink import Uplink
from xapp.e2.users import UserReading, asked_of_ues
from xapp.e2.watchdog import Life, Watchdog

SHORTEST_SILENCE_S: Final = 2.0
"""A subscription is not given up sooner, however short its period."""


@dataclass(frozen=True, slots=True)
class E2Options:
    """How nodes are served.

    Attributes:
        period_ms: reporting period, 1..60,000 ms.
        stale_periods: a subscription that is silent for so many periods, and at least
            `SHORTEST_SILENCE_S`, is deleted and made anew.
        refresh_reports: an allocation that did not change is sent again after so many reports; 0,
            never.
        tolerance: share of a cell's PRBs by which a slice may miss its bounds, 0..1.
        strikes: ineffective reports in a row that end the sending of controls to a cell.
        pause_s: for how long at first, seconds; also after controls that fail in a row.
    """

    period_ms: int = 100
    stale_periods: int = 10
    refresh_reports: int = 100
    tolerance: float = 0.05
    strikes: int = 5
    pause_s: float = 30.0

    @property
    def silence_s(self) -> float:
        """Silence after which a subscription is stale, seconds."""
        return max(SHORTEST_SILENCE_S, self.stale_periods * self.period_ms / 1000.0)


@dataclass(slots=True)
class Control:
    """One RAN function of one cell: a channel, and the octets that go through it.

    Attributes:
        model: which service model.
        function_id: its RAN function id.
        messages: makes the octets.
        channel: what is under way.
        request_id: of every control, as one is under way at a time; changed when one timed out.
        rollback: what a cell that is not trusted is to have; None while it is trusted.
        rollbacks: how often it was sent.
    """

    model: Function
    function_id: int
    messages: QuotaMessages | SpcMessages
    channel: Channel
    request_id: RicRequestId
    rollback: bytes | None = None
    rollbacks: int = 0


@dataclass(slots=True)
class Stream:
    """One subscription of a cell.

    Attributes:
        snssai: the slice whose UEs it is about; None where it is about the cell and all its slices.
        watchdog: when to subscribe.
        request_id: while there is one.
        refusal: why the node refused it last; empty where it did not.
    """

    snssai: Snssai | None
    watchdog: Watchdog
    request_id: RicRequestId | None = None
    refusal: str = ""


class ServedCell:
    """One cell of a node.

    Args:
        node: the node's name.
        place: the cell.
        measuring: how the node reports.
        options: how nodes are served.

    Attributes:
        place: the cell.
        asked: the measurements that are asked for.
        streams: its subscriptions.
        quota, rest: the channels of control, where the node offers them.
        effect: judges its reports.
        trust: whether controls are sent.
        verdict: the last verdict.
        reports: how many were decided on.
        rejected: how many indications made no report, or no decision.
        reason: why the last of them.
    """

    def __init__(self, node: str, place: Place, measuring: Measuring, options: E2Options) -> None:
        names, snssais, period_ms = measuring.names, place.snssais, options.period_ms
        self.place: Final = place
        self._by_ue: UserReading | None = None
        if measuring.by_ue:
            self.asked: tuple[Measurement, ...] = asked_of_ues(names)
            self._by_ue = UserReading(node, place.name, names, self.asked, snssais, period_ms)
        else:
            self.asked = asked_for(names, snssais) if snssais else ()
        columns = columns_of(self.asked, names, snssais)
        self._reading = Reading(node, place.name, names, columns, period_ms)
        wanted = snssais if measuring.by_ue else (None,) if snssais else ()
        self.streams: Final = tuple(Stream(s, Watchdog(options.silence_s)) for s in wanted)
        self.quota: Control | None = None
        self.rest: Control | None = None
        self.effect: Final = EffectCheck(options.tolerance)
        self.trust: Final = Trust(options.strikes, options.pause_s)
        self.verdict = Verdict.UNDETERMINED
        self.reports = 0
        self.rejected = 0
        self.reason = ""

    @property
    def unknown(self) -> tuple[str, ...]:
        """Columns of its indications that are no known measurement."""
        return self._reading.unknown if self._by_ue is None else self._by_ue.unknown

    @property
    def uplink(self) -> Uplink:
        """What its slices sent, where the node tells; of nodes that report UEs alone, nothing."""
        return self._reading.uplink

    @property
    def life(self) -> Life:
        """Where its subscriptions stand: as far as the one that is least far."""
        return min((s.watchdog.life for s in self.streams), key=_FAR.index, default=Life.ABSENT)

    @property
    def refusal(self) -> str:
        """Why there is no subscription, or a part is refused; empty where all were admitted."""
        if not self.streams:
            return "none of its slices has an intent"
        return next((s.refusal for s in self.streams if s.refusal), "")

    def report(self, stream: Stream, indication: RicIndication, now_ms: int) -> CellReport | None:
        """The report of an indication; None where it is a part of one that is not whole yet.

        Raises:
            DecodeError, ValueError, Refusal, PassedOver: as `Reading.report`, or as
                `UserReading.report`.
        """
        if self._by_ue is None or stream.snssai is None:
            return self._reading.report(indication, now_ms)
        return self._by_ue.report(stream.snssai, indication, now_ms)

    def clock_was_set(self) -> bool:
        """Whether the node's clock was set, or this host's, since it was asked last."""
        if self._by_ue is not None:
            return self._by_ue.clock_was_set()
        return self._reading.clock_was_set()

    def accepted(self, report: CellReport) -> None:
        """A report was decided on."""
        self.reports += 1
        self._reading.uplink.accept(report)

    def restart(self, stream: Stream) -> None:
        """A subscription has ended; another one may follow."""
        if self._by_ue is None or stream.snssai is None:
            self._reading.restart()
        else:
            self._by_ue.restart(stream.snssai)


_FAR: Final = tuple(Life)


def quota_control_of(
    offer: Offer,
    place: Place,
    plmn: bytes,
    options: E2Options,
    id_: RicRequestId,
    count: Count,
    *,
    several: bool,
) -> Control | None:
    """The channel of PRB quotas of a cell.

    Args:
        offer: of the node.
        place: the cell.
        plmn: PLMN identity of the slices, 3 octets.
        options: how nodes are served.
        id_: request id of the controls.
        count: told of controls that are not sent.
        several: whether the node has other cells too.

    Returns:
        None where the node takes none, or has several cells and does not let a quota name its own.
    """
    if offer.quota is None or not place.snssais:
        return None
    if several and not (offer.quota.by_cell and place.cell):
        return None
    cell = place.cell if offer.quota.by_cell else None
    messages = QuotaMessages(place.snssais, plmn, cell)
    return Control(
        Function.RC,
        offer.quota.function_id,
        messages,
        Channel(options.refresh_reports, options.pause_s, count),
        id_,
    )


def spc_control_of(
    offer: Offer, place: Place, options: E2Options, id_: RicRequestId, count: Count
) -> Control | None:
    """The channel of everything else, where the node has E2SM-SPC; arguments as above."""
    if offer.spc_id is None or place.cell is None or not place.snssais:
        return None
    return Control(
        Function.SPC,
        offer.spc_id,
        SpcMessages(place.snssais, place.cell),
        Channel(options.refresh_reports, options.pause_s, count),
        id_,
    )
