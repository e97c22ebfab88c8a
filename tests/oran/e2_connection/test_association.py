"""The pump over real sockets: TCP everywhere, SCTP where the kernel has it."""

import asyncio
from random import Random

import pytest

from oran.e2 import e2ap
from oran.e2.connection import Notified, Requested
from oran.e2.e2ap import Message
from oran.e2.transport import MAX_PDU, Association, LinkOptions
from tests.oran.e2_connection import messages
from tests.oran.e2_connection.loopback import SCHEMES, node, run, serving, set_up, until

BIG = 300_000


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_conversation(scheme: str) -> None:
    """Set-up, subscription, reports up to the largest PDU, control, an orderly end."""
    received: list[Message] = []
    ended = asyncio.Event()

    async def ric(association: Association) -> None:
        async for item in association:
            match item:
                case Requested(message=e2ap.E2SetupRequest() as request):
                    association.send(messages.success(request))
                    request_id = association.connection.new_request_id()
                    association.send(messages.subscription_request(request_id))
                case Notified(message=e2ap.RicIndication() as report):
                    received.append(report)
                    control = association.connection.new_request_id()
                    association.send(messages.control_request(control))
        assert association.lost is not None
        ended.set()

    async def test() -> None:
        sizes = [1, 1000, 65_535, 65_536, BIG]
        if scheme == "tcp":
            sizes.append(MAX_PDU - 100)
        async with serving(scheme, ric) as server:
            async with node(server) as association:
                await set_up(association)
                request = await anext(association)
                assert isinstance(request, Requested)
                association.send(messages.success(request.message))
                (request_id,) = association.connection.subscriptions
                for size in sizes:
                    association.send(messages.indication(request_id, message=bytes(size)))
                    control = await anext(association)
                    assert isinstance(control, Requested)
                    association.send(messages.success(control.message))
            await ended.wait()
        assert [len(m.message) for m in received if isinstance(m, e2ap.RicIndication)] == sizes

    run(test)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_many_reports_in_a_row_keep_their_order(scheme: str) -> None:
    count = 5_000
    numbers: list[int | None] = []

    async def ric(association: Association) -> None:
        async for item in association:
            if isinstance(item, Requested):
                association.send(messages.success(item.message))
                request_id = association.connection.new_request_id()
                association.send(messages.subscription_request(request_id))
            elif isinstance(item, Notified):
                assert isinstance(item.message, e2ap.RicIndication)
                numbers.append(item.message.sequence_number)

    async def test() -> None:
        async with serving(scheme, ric) as server, node(server) as association:
            await set_up(association)
            request = await anext(association)
            assert isinstance(request, Requested)
            association.send(messages.success(request.message))
            (request_id,) = association.connection.subscriptions
            for i in range(count):
                report = e2ap.RicIndication(
                    request_id, messages.KPM, 0, e2ap.IndicationType.REPORT, b"h", b"m", i
                )
                association.send(report)
                if i % 100 == 0:
                    await asyncio.sleep(0)
            await until(lambda: len(numbers) == count)

    run(test)
    assert numbers == list(range(count))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_was_sent_last_arrives(scheme: str) -> None:
    """More than the kernel's buffers hold, in order, before an orderly end."""
    arrived: list[bytes] = []
    ended = asyncio.Event()
    sent = [Random(i).randbytes(BIG) for i in range(24)]

    async def ric(association: Association) -> None:
        async for item in association:
            if isinstance(item, Requested):
                association.send(messages.success(item.message))
                request_id = association.connection.new_request_id()
                association.send(messages.subscription_request(request_id))
            elif isinstance(item, Notified):
                assert isinstance(item.message, e2ap.RicIndication)
                arrived.append(item.message.message)
        ended.set()

    async def test() -> None:
        async with serving(scheme, ric) as server:
            async with node(server, LinkOptions(linger_s=30.0)) as association:
                await set_up(association)
                request = await anext(association)
                assert isinstance(request, Requested)
                association.send(messages.success(request.message))
                (request_id,) = association.connection.subscriptions
                for message in sent:
                    association.send(messages.indication(request_id, message=message))
            await ended.wait()

    run(test)
    assert arrived == sent
