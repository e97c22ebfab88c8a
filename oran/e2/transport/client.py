"""A client that comes back: connect, be served, wait, connect again."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import Final, NoReturn

from oran.e2.connection import Connection, Role
from oran.e2.transport.address import Address
from oran.e2.transport.association import Association
from oran.e2.transport.backoff import Backoff
from oran.e2.transport.endpoint import connect
from oran.e2.transport.errors import TransportError
from oran.e2.transport.link import Wire
from oran.e2.transport.options import LinkOptions

Serve = Callable[[Association], Awaitable[None]]
"""What is done with an association, from its start until it ends or is no longer wanted."""

Wrap = Callable[[Wire], Wire]
"""Puts something before a wire, such as faults."""

DEFAULT_OPTIONS: Final = LinkOptions()
DEFAULT_BACKOFF: Final = Backoff()


@dataclass(frozen=True, slots=True)
class Retry:
    """Why there is no association now.

    Attributes:
        reason: what ended the last one or kept it from being made.
        failures: attempts in a row that did not reach E2 Setup.
        delay_s: seconds until the next attempt.
    """

    reason: str
    failures: int
    delay_s: float


async def keep_connected(
    address: Address,
    role: Role,
    serve: Serve,
    random: Random,
    *,
    options: LinkOptions = DEFAULT_OPTIONS,
    backoff: Backoff = DEFAULT_BACKOFF,
    wrap: Wrap | None = None,
    report: Callable[[Retry], None] | None = None,
    answer_errors: bool = True,
) -> NoReturn:
    """Keep an association to a server, for ever.

    Each association has a new connection. Between two there is a pause: the backoff, which starts
    anew once E2 Setup has succeeded, and no less than the time to wait that the peer asked for.

    Args:
        address: the server.
        role: which end this is.
        serve: called with each association.
        random: draws the jitter.
        options: of the association.
        backoff: of the attempts.
        wrap: what to put before each wire.
        report: called before each pause.
        answer_errors: see `Association`.
    """
    failures = 0
    while True:
        failures += 1
        pause = 0.0
        try:
            link = await connect(address, options)
        except TransportError as error:
            reason = error.reason
        else:
            wire = link if wrap is None else wrap(link)
            association = Association(Connection(role), wire, answer_errors=answer_errors)
            reason = await run(association, serve)
            pause = _time_to_wait(association)
            if association.was_set_up:
                failures = 1
        delay = max(pause, backoff.delay_s(failures, random))
        if report is not None:
            report(Retry(reason, failures, delay))
        await asyncio.sleep(delay)


async def run(association: Association, serve: Serve) -> str:
    """Serve an association to its end, and close it; returns why it ended."""
    try:
        await serve(association)
    except TransportError as error:
        return error.reason
    finally:
        await association.close()
    return "closed here" if association.lost is None else association.lost.reason


def _time_to_wait(association: Association) -> float:
    at = association.connection.setup_not_before
    return 0.0 if at is None else max(0.0, at - asyncio.get_running_loop().time())
