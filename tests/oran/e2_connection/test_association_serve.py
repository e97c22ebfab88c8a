"""What the pump gives to whoever serves in place of iterating."""

import asyncio

import pytest

from oran.e2 import e2ap
from oran.e2.connection import Aborted, Notified, Requested, Unanswered
from oran.e2.e2ap import Message
from oran.e2.transport import Association, Item
from oran.e2.transport.framing import frame
from oran.e2.transport.tcp import TcpLink
from tests.oran.e2_connection import messages
from tests.oran.e2_connection.loopback import node, run, serving, set_up


def test_who_serves_goes_on_where_iterating_stopped() -> None:
    """Packets that were taken from the kernel at once, and events of one moment, are not lost."""
    told: list[Item] = []
    asked: list[Message] = []
    enough = asyncio.Event()

    async def ric(association: Association) -> None:
        def take(item: Item) -> bool:
            told.append(item)
            if len(told) == 6:
                enough.set()
            return True

        async for item in association:
            match item:
                case Requested(message=e2ap.E2SetupRequest() as request):
                    association.send(messages.success(request))
                    for _ in range(3):
                        request_id = association.connection.new_request_id()
                        asked.append(messages.subscription_request(request_id))
                        association.send(asked[-1])
                case Requested(message=e2ap.ResetRequest()):
                    pass
                case _:
                    told.append(item)
                    break
        await association.serve(take)

    async def test() -> None:
        async with serving("tcp", ric) as server, node(server) as association:
            await set_up(association)
            for _ in range(3):
                assert isinstance(await anext(association), Requested)
            # A reset aborts what was asked; what follows comes in the same segment.
            packets = [
                association.connection.send(message, 0.0)
                for message in (
                    e2ap.ResetRequest(1, e2ap.CauseMisc.OM_INTERVENTION),
                    e2ap.ErrorIndication(cause=e2ap.CauseMisc.UNSPECIFIED),
                    e2ap.ErrorIndication(cause=e2ap.CauseMisc.OM_INTERVENTION),
                    e2ap.ErrorIndication(cause=e2ap.CauseMisc.HARDWARE_FAILURE),
                )
            ]
            assert isinstance(association.wire, TcpLink)
            association.wire._sock.sendall(b"".join(map(frame, packets)))
            await asyncio.wait_for(enough.wait(), 10.0)

    run(test)
    assert [i.request for i in told[:3] if isinstance(i, Aborted)] == asked
    causes = [getattr(i.message, "cause", None) for i in told[3:] if isinstance(i, Notified)]
    unspecified = e2ap.CauseMisc.UNSPECIFIED
    assert causes[:3] == [
        unspecified, e2ap.CauseMisc.OM_INTERVENTION, e2ap.CauseMisc.HARDWARE_FAILURE
    ]  # fmt: skip


@pytest.mark.slow  # the time that a request may go unanswered
def test_a_request_that_its_taker_leaves_unanswered_is_told_when_served_too() -> None:
    """`serve` arms the timers that arrivals set, as `async for` does."""
    told: list[Item] = []
    ended = asyncio.Event()

    async def ric(association: Association) -> None:
        def take(item: Item) -> bool:
            told.append(item)
            if isinstance(item, Unanswered):
                ended.set()
            return not ended.is_set()

        await association.serve(take)

    async def test() -> None:
        async with serving("tcp", ric) as server, node(server) as association:
            association.send(messages.setup_request())
            await asyncio.wait_for(ended.wait(), 30.0)

    run(test)
    assert [type(item) for item in told] == [Requested, Unanswered]
