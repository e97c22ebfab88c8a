"""The fleet over framed TCP: set-up to control, what breaks and comes back."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress

import pytest

from e2sim.e2.fault import Faults
from e2sim.e2.fleet import FleetSettings, Run
from e2sim.e2.session import SessionOptions
from oran.allocation import Allocation, SliceAllocation
from oran.e2 import e2ap, rc
from oran.e2.actuation import quota_control
from oran.e2.connection import Failed, Notified, Requested, Succeeded
from oran.e2.naming import node_name
from oran.e2.transport import Address, Association, LinkClosedError
from tests.e2sim_e2.ric import fleet, set_up, subscription
from tests.e2sim_e2.rig import IDENTITY, SNSSAIS, grant


def run(test: Awaitable[Run]) -> Run:
    async def main() -> Run:
        async with asyncio.timeout(60.0):
            done = await test
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return done

    return asyncio.run(main())


def test_each_cell_is_a_node_that_reports_and_is_controlled() -> None:
    seen: dict[str, list[int | None]] = {}

    async def ric(association: Association) -> None:
        name = node_name((await set_up(association)).node_id)
        association.send(subscription(association))
        seen[name] = []
        async for item in association:
            if isinstance(item, Notified) and isinstance(item.message, e2ap.RicIndication):
                seen[name].append(item.message.sequence_number)
                if len(seen[name]) == 3:
                    du = int(name.rpartition("_du")[2])
                    allocation = Allocation((SliceAllocation(SNSSAIS[0], 0, 10 * du, 100),))
                    association.send(
                        e2ap.RicControlRequest(
                            association.connection.new_request_id(),
                            3,
                            rc.CONTROL_HEADER.encode(rc.quota_header(IDENTITY.plmn)),
                            rc.CONTROL_MESSAGE.encode(quota_control(allocation, IDENTITY.plmn)),
                            ack_request=e2ap.ControlAckRequest.ACK,
                        )
                    )
            else:
                assert isinstance(item, Succeeded), item

    async def test() -> Run:
        async with fleet(ric, cells=3) as (made, stop, _, twin):
            playing = asyncio.create_task(made.play(0))
            while [a.slices[:, 0, 1].tolist() for a in twin.allocations[-1:]] != [[10, 20, 30]]:
                await asyncio.sleep(0.005)
            stop.request("enough")
            return await playing

    done = run(test())
    assert set(seen) == {f"gnb_001_01_0000e2.22_du{i}" for i in (1, 2, 3)}
    assert all(numbers == list(range(len(numbers))) for numbers in seen.values())
    assert done.tally.setups == done.tally.subscriptions == 3
    assert done.tally.controls_applied == {"E2SM-RC": 3}
    assert done.tally.indications >= sum(map(len, seen.values())) > 0
    assert not done.tally.unsent


def test_a_node_comes_back_after_a_cut_a_removal_and_a_refusal() -> None:
    turns: list[str] = []

    async def ric(association: Association) -> None:
        turns.append("")
        item = await anext(association)
        assert isinstance(item, Requested)
        assert isinstance(item.message, e2ap.E2SetupRequest)
        if len(turns) == 1:
            association.send(
                e2ap.E2SetupFailure(item.message.transaction_id, e2ap.CauseMisc.UNSPECIFIED)
            )
        else:
            association.send(grant(item.message))
        if len(turns) == 2:
            association.send(e2ap.E2RemovalRequest(association.connection.new_transaction_id()))
        if len(turns) == 3:
            association.wire.abort(LinkClosedError("cut"))
        async for _ in association:
            pass

    async def test() -> Run:
        async with fleet(ric) as (made, stop, lines, _):
            playing = asyncio.create_task(made.play(0))
            while len(turns) < 4 or made.run.tally.setups < 3:
                await asyncio.sleep(0.01)
            stop.request("enough")
            done = await playing
            assert any("no association" in line for line in lines)
            assert lines[-1].startswith("set up with")
            return done

    done = run(test())
    assert done.tally.setup_failures == {"unspecified": 1}
    assert (done.tally.setups, done.tally.losses, done.tally.removals) == (3, 3, 1)
    assert done.tally.reconnects == 2


def test_answers_wait_as_long_as_asked() -> None:
    waited: list[float] = []

    async def ric(association: Association) -> None:
        await set_up(association)
        time_ = asyncio.get_running_loop().time
        for _ in range(2):
            start = time_()
            association.send(subscription(association))
            async for item in association:
                if isinstance(item, Succeeded):
                    waited.append(time_() - start)
                    break
        async for _ in association:
            pass

    async def test() -> Run:
        async with fleet(ric, session=SessionOptions(reply_delay_s=0.05)) as (made, stop, *_):
            playing = asyncio.create_task(made.play(0))
            while len(waited) < 2:
                await asyncio.sleep(0.01)
            stop.request("enough")
            return await playing

    assert run(test()).tally.subscriptions == 2
    assert min(waited) >= 0.05


def test_a_delayed_answer_that_is_not_wanted_any_more_is_counted() -> None:
    async def ric(association: Association) -> None:
        await set_up(association)
        association.send(subscription(association))
        association.send(
            e2ap.ResetRequest(
                association.connection.new_transaction_id(), e2ap.CauseMisc.UNSPECIFIED
            )
        )
        async for _ in association:
            pass

    async def test() -> Run:
        async with fleet(ric, session=SessionOptions(reply_delay_s=0.02)) as (made, stop, *_):
            playing = asyncio.create_task(made.play(0))
            while not made.run.tally.unsent:
                await asyncio.sleep(0.01)
            stop.request("enough")
            return await playing

    assert run(test()).tally.unsent == {"RicSubscriptionResponse": 1}


def test_a_limit_ends_the_run() -> None:
    async def ric(association: Association) -> None:
        await set_up(association)
        async for _ in association:
            pass

    async def test() -> Run:
        async with fleet(ric) as (made, *_):
            return await made.play(7)

    done = run(test())
    assert done.periods == 7
    assert done.wall_s > 0.0


def test_a_run_that_meets_no_ric_can_be_stopped() -> None:
    async def test() -> Run:
        async with fleet(_nobody) as (made, stop, lines, _):
            made._settings = FleetSettings(ric=Address("tcp", "127.0.0.1", 9), interval_s=0.005)
            playing = asyncio.create_task(made.play(3))
            while not lines:
                await asyncio.sleep(0.01)
            stop.request("enough")
            return await playing

    done = run(test())
    assert (done.periods, done.tally.setups) == (0, 0)
    assert done.tally.losses == 1


async def _nobody(association: Association) -> None:
    async for _ in association:
        pass


def test_a_defect_of_a_node_ends_the_run_with_its_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr("e2sim.e2.session.Agent.handle", broken)

    async def ric(association: Association) -> None:
        with suppress(AssertionError):
            await set_up(association)
        await _nobody(association)

    async def test() -> Run:
        async with fleet(ric) as (made, *_):
            return await made.play(0)

    with pytest.raises(RuntimeError, match="a defect"):
        run(test())


@pytest.mark.parametrize(
    "faults",
    [
        Faults(garble=0.3),
        Faults(drop=0.1, duplicate=0.2, reorder=0.2),
        Faults(delay_s=(0.0, 0.01), stall=0.05, stall_s=0.05),
    ],
)
def test_a_bad_wire_does_not_end_the_loop(faults: Faults) -> None:
    """A RIC that subscribes anew whenever something fails has reports for as long as it wants."""
    got: list[int] = []
    cut: list[int] = []

    async def ric(association: Association) -> None:
        async for item in association:
            if isinstance(item, Requested) and isinstance(item.message, e2ap.E2SetupRequest):
                association.send(grant(item.message))
                association.send(subscription(association))
            elif isinstance(item, Notified) and isinstance(item.message, e2ap.RicIndication):
                got.append(1)
            elif isinstance(item, Failed):
                with suppress(Exception):
                    association.send(subscription(association))
            if len(got) >= 40 and not cut:
                cut.append(1)
                association.wire.abort(LinkClosedError("again"))

    async def test() -> Run:
        async with fleet(ric, faults=faults) as (made, stop, *_):
            playing = asyncio.create_task(made.play(0))
            while len(got) < 60:
                await asyncio.sleep(0.01)
            stop.request("enough")
            return await playing

    done = run(test())
    assert done.tally.faults.keys() <= {"drop", "duplicate", "reorder", "garble", "stall"}
    assert done.tally.faults
    assert done.tally.setups >= 2
