"""A RIC by script over framed TCP, and a fleet against it."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from e2sim.e2.fault import Faults
from e2sim.e2.fleet import Fleet, FleetSettings
from e2sim.e2.identity import Identity
from e2sim.e2.offer import Offer
from e2sim.e2.session import SessionOptions
from e2sim.e2.site import Site
from e2sim.stop import Stop
from oran.e2 import e2ap
from oran.e2.connection import Requested, Role
from oran.e2.transport import Address, Association, Server
from tests.e2sim_e2.rig import IDENTITY, SNSSAIS, FakeTwin, asking, grant, of_cell
from tests.e2sim_e2.rig import Pair as _Pair

LOAD = of_cell(*asking("RRU.PrbTotDl"), cell=None)
"""The node's one cell, without its name."""

Serve = Callable[[Association], Awaitable[None]]


def subscription(association: Association) -> e2ap.RicSubscriptionRequest:
    pair = _Pair.__new__(_Pair)
    pair.ric, pair.ids = association.connection, _Pair.ids
    return pair.subscription(LOAD)


async def set_up(association: Association) -> e2ap.E2SetupRequest:
    """Take the node; a bad wire may want several."""
    item = await anext(association)
    assert isinstance(item, Requested), item
    assert isinstance(item.message, e2ap.E2SetupRequest)
    association.send(grant(item.message))
    return item.message


@asynccontextmanager
async def fleet(
    serve: Serve,
    *,
    cells: int = 1,
    session: SessionOptions = SessionOptions(),  # noqa: B008 - frozen
    faults: Faults = Faults(),  # noqa: B008 - frozen
) -> AsyncIterator[tuple[Fleet, Stop, list[str], FakeTwin]]:
    lines: list[str] = []
    async with await Server.start(Address.parse("tcp://127.0.0.1:0"), Role.RIC, serve) as server:
        twin = FakeTwin(cells)
        site, stop = Site(twin), Stop()
        settings = FleetSettings(
            ric=server.address, interval_s=0.005, session=session, faults=faults, seed=5
        )
        offers = [Offer(Identity(IDENTITY.plmn, 0xE2, i), SNSSAIS) for i in range(cells)]
        made = Fleet(
            site,
            offers,
            settings,
            clock_ms=lambda: time.time() * 1e3,
            timer=time.perf_counter,
            stop=stop,
            say=lines.append,
        )
        yield made, stop, lines, twin
