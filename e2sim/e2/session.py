"""A session: the agent of one cell over one association at a time."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from e2sim.e2.agent import Agent, Cell
from e2sim.e2.offer import Offer
from e2sim.e2.period import Period
from e2sim.e2.service import ReportService
from e2sim.e2.tally import Tally
from oran.e2.connection import LocalProtocolError, State
from oran.e2.e2ap import Message
from oran.e2.transport import Association, LinkClosedError


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOptions:
    """How a node behaves.

    Attributes:
        names: whether indications repeat the names of what they carry.
        reply_delay_s: time that each answer waits; some RICs miss answers that come at once.
    """

    names: bool = False
    reply_delay_s: float = 0.0


class Session:
    """One cell's connection, which may break and come back.

    Attributes:
        offer: what the node offers.
    """

    def __init__(
        self,
        offer: Offer,
        cell: Cell,
        period_ms: int,
        users: int,
        tally: Tally,
        options: SessionOptions,
        on_setup: Callable[[], None],
    ) -> None:
        """Make a session without an association.

        Args:
            offer: what the node offers.
            cell: the cell behind it.
            period_ms: the twin's period.
            users: how many users the cell has.
            tally: takes the counts.
            options: how the node behaves.
            on_setup: called after each E2 Setup that succeeded.
        """
        self.offer: Final = offer
        self._cell = cell
        self._period_ms = period_ms
        self._users = users
        self._before = False
        self._tally = tally
        self._options = options
        self._on_setup = on_setup
        self._association: Association | None = None
        self._agent: Agent | None = None

    @property
    def wants_users(self) -> bool:
        """Whether a subscription is about single users."""
        return self._agent is not None and self._agent.reports.wants_users

    async def serve(self, association: Association) -> None:
        """Set up, answer and report until the association ends or is no longer wanted."""
        reports = ReportService(
            self.offer, self._period_ms, self._users, self._tally, names=self._options.names
        )
        agent = Agent(
            self.offer, self._cell, reports, association.connection.new_transaction_id, self._tally
        )
        self._association, self._agent = association, agent
        replies: set[asyncio.Task[None]] = set()
        try:
            self._send(association, agent.setup())
            set_up = False
            async for item in association:
                message = agent.handle(item)
                if message is not None:
                    self._reply(association, message, replies)
                if agent.ended:
                    break
                if not set_up and association.connection.state is State.ACTIVE:
                    set_up = True
                    self._tally.reconnects += self._before
                    self._before = True
                    self._on_setup()
            if agent.ended and replies:
                await asyncio.wait(replies)
        finally:
            for task in replies:
                task.cancel()
            self._association = self._agent = None

    def report(self, period: Period) -> None:
        """Send what is due after one more period."""
        association, agent = self._association, self._agent
        if association is None or agent is None:
            return
        for indication in agent.reports.due(period, association.connection.subscriptions):
            if self._send(association, indication):
                self._tally.indications += 1

    def _reply(
        self, association: Association, message: Message, replies: set[asyncio.Task[None]]
    ) -> None:
        if not self._options.reply_delay_s:
            self._send(association, message)
            return
        task = asyncio.create_task(self._later(association, message))
        replies.add(task)
        task.add_done_callback(replies.discard)

    async def _later(self, association: Association, message: Message) -> None:
        await asyncio.sleep(self._options.reply_delay_s)
        self._send(association, message)

    def _send(self, association: Association, message: Message) -> bool:
        """Whether the message went out."""
        try:
            association.send(message)
        except LocalProtocolError as error:
            self._tally.note(self._tally.unsent, type(message).__name__, error.reason)
            return False
        except LinkClosedError:  # whoever reads the association is told
            return False
        return True
