"""The fleet: the twin in real time, and an association with the RIC for each of its cells."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from e2sim.e2.fault import Faults
from e2sim.e2.offer import Offer
from e2sim.e2.session import Session, SessionOptions
from e2sim.e2.site import Site
from e2sim.e2.tally import Tally
from e2sim.e2.wire import bad_wires
from e2sim.stop import Stop
from oran.e2.connection import Role
from oran.e2.transport import Address, LinkOptions, Retry, keep_connected


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetSettings:
    """How the fleet plays.

    Attributes:
        ric: where the RIC listens.
        interval_s: time between periods, above 0.
        link: of the associations.
        session: how the nodes behave.
        faults: on the wire, both ways.
        seed: of the faults, and of the jitter between attempts to connect.
    """

    ric: Address
    interval_s: float
    link: LinkOptions = field(default_factory=LinkOptions)
    session: SessionOptions = field(default_factory=SessionOptions)
    faults: Faults = field(default_factory=Faults)
    seed: int = 1


@dataclass(slots=True)
class Run:
    """What a run did.

    Attributes:
        tally: what happened on the connections.
        periods: periods played.
        overruns: periods that began after they were due; the pace starts anew from there.
        wall_s: time it took, from the first set-up on.
    """

    tally: Tally = field(default_factory=Tally)
    periods: int = 0
    overruns: int = 0
    wall_s: float = 0.0


class Fleet:
    """Plays a site against a RIC.

    Args:
        site: the cells.
        offers: what the node of each cell offers.
        settings: how.
        clock_ms: milliseconds since 1970-01-01 UTC; stamps the indications.
        timer: seconds, monotonic; keeps the pace.
        stop: ends the run between two periods.
        say: takes a line for the user, where what keeps nodes from the RIC changes.
    """

    def __init__(
        self,
        site: Site,
        offers: list[Offer],
        settings: FleetSettings,
        *,
        clock_ms: Callable[[], float],
        timer: Callable[[], float],
        stop: Stop,
        say: Callable[[str], None],
    ) -> None:
        self.run = Run()
        self._site = site
        self._settings = settings
        self._clock_ms = clock_ms
        self._timer = timer
        self._stop = stop
        self._say = say
        self._said = ""
        self._set_up = asyncio.Event()
        self._sessions = [
            Session(
                offer,
                site.cell(i),
                site.period_ms,
                site.users,
                self.run.tally,
                settings.session,
                self._announce,
            )
            for i, offer in enumerate(offers)
        ]

    async def play(self, limit: int) -> Run:
        """Play `limit` periods (0: without end) from the first set-up on, or until stopped."""
        tasks = [asyncio.create_task(self._connect(i)) for i in range(len(self._sessions))]
        waiting = asyncio.create_task(self._set_up.wait())
        stopping = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait((waiting, stopping, *tasks), return_when=asyncio.FIRST_COMPLETED)
            await self._periods(
                lambda: (
                    not (
                        self._stop.requested
                        or (limit and self.run.periods >= limit)
                        or any(task.done() for task in tasks)  # a defect, raised below
                    )
                )
            )
        finally:
            for task in (waiting, stopping, *tasks):
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
        for error in results:
            if isinstance(error, BaseException) and not isinstance(error, asyncio.CancelledError):
                raise error
        return self.run

    async def _periods(self, going: Callable[[], bool]) -> None:
        started = due = self._timer()
        while going():
            due = await self._next(due)
            if going():
                self._period()
        self.run.wall_s = self._timer() - started

    async def _next(self, due: float) -> float:
        """Wait for the next period; returns when it was due."""
        due += self._settings.interval_s
        left = due - self._timer()
        if left < 0.0:
            self.run.overruns += 1
            due -= left
        await self._stop.pause(left)
        return due

    def _period(self) -> None:
        with_users = any(session.wants_users for session in self._sessions)
        periods = self._site.play(int(self._clock_ms()), with_users=with_users)
        self.run.periods += 1
        for session, period in zip(self._sessions, periods, strict=True):
            session.report(period)

    async def _connect(self, cell: int) -> None:
        settings = self._settings
        await keep_connected(
            settings.ric,
            Role.NODE,
            self._sessions[cell].serve,
            Random(f"{settings.seed}/{cell}/jitter"),  # noqa: S311 - not for secrets
            options=settings.link,
            wrap=bad_wires(settings.faults, settings.seed, cell, self.run.tally.faults)
            if settings.faults.any
            else None,
            report=self._lost,
        )

    def _lost(self, retry: Retry) -> None:
        self.run.tally.losses += 1
        if retry.reason != self._said:
            self._said = retry.reason
            self._say(f"no association: {retry.reason}; trying again")

    def _announce(self) -> None:
        self._set_up.set()
        if self._said:
            self._said = ""
            self._say(f"set up with {self._settings.ric}")
