"""The driver against the emulator's core control API."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry

from e2sim.core.joint import JointNetwork
from e2sim.core.server import CoreAddress, serving
from e2sim.node.node import Node
from e2sim.scenario.faults import Fault
from e2sim.scenario.scenario import check_scenario
from oran.core.allocation import CoreAllocation
from tests.e2sim.cores import EDGE
from tests.xapp_core.rig import SEEDS, counted, driven, fronted, options, played, until
from xapp.core.driver import MAX_STRIKES, CoreDriver, Status
from xapp.core.metrics import CoreMetrics
from xapp.core.refusal import CoreApiError, Failure
from xapp.core.view import core_view
from xapp.decision.core_pipeline import CorePipeline, CoreState
from xapp.decision.core_rules import CORE_RULES
from xapp.decision.core_shield import CoreLimits

PERIODS = 60


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        await test()

    asyncio.run(whole())


def directly(rule: str, min_stay_ms: int) -> list[list[CoreAllocation]]:
    """What a rule decides for both cells in each period, without any wire."""
    joint = JointNetwork.of(EDGE, SEEDS)
    pipeline = CorePipeline(CORE_RULES[rule], CoreLimits(min_stay_ms))
    state = CoreState.begin(joint.core.first())
    radio = Node(joint.radio, "n")._in_force
    course = []
    for _ in range(PERIODS):
        _, report = joint.step(radio, state.asked)
        state = pipeline.decide(joint.core.topology, report, state, EDGE.period_ms).state
        names = joint.core.snssais
        course.append([state.asked.one(c, joint.core.topology, names) for c in (0, 1)])
    return course


@pytest.mark.parametrize("rule", sorted(CORE_RULES))
def test_the_same_rule_decides_the_same_over_the_wire(rule: str) -> None:
    async def test() -> None:
        twin, node = played()
        course = []
        async with serving(twin, CoreAddress("127.0.0.1", 0)) as server:
            assert server is not None
            url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            async with driven(options(url, rule=rule, min_stay_ms=500)) as core:
                for _ in range(PERIODS):
                    node.play(0)
                    await core.look()
                    course.append([twin.core_allocation(c) for c in (0, 1)])
                found = counted(core.registry)
        wanted = directly(rule, 500)
        assert course == wanted
        assert len({str(c) for c in wanted}) > 1, "something has to be decided"
        assert made(core.registry) == 2 * PERIODS
        assert not any("ineffective" in k or "overridden" in k or "refusals" in k for k in found)

    run(test)


def test_it_follows_the_outage_of_a_site_away_and_back() -> None:
    outage = Fault(kind="site_outage", name="edge", at_s=4.0, for_s=1.5)
    scenario = replace(EDGE, faults=(outage,))
    check_scenario(scenario)

    async def test() -> None:
        twin, node = played(scenario)
        sites: list[str] = []
        async with serving(twin, CoreAddress("127.0.0.1", 0)) as server:
            assert server is not None
            url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            async with driven(options(url, min_stay_ms=500)) as core:
                for _ in range(150):
                    node.play(0)
                    await core.look()
                    report = twin.core_report(0, "n", "cell-0")
                    assert report is not None
                    sites.append(report.slices[1].site)
                found = counted(core.registry)
                view = core_view(core.driver)
        assert sites[39] == "edge"
        # A copy of the state is lost with the site; three periods are the wish, the restart and
        # the report that shows it.
        assert "edge" not in sites[44:55]
        assert sites[-1] == "edge"
        assert found["migrations"] == found["effects site effective"] >= 2
        assert not any("ineffective" in name or "overridden" in name for name in found)
        assert found["effects allocation effective"] >= 1
        (urllc,) = (s for s in view.cells[0].slices if s.snssai == "2-000001")
        assert (urllc.site, urllc.site_wanted, urllc.effect) == ("edge", "edge", "effective")
        assert sum(urllc.split.values()) == 100

    run(test)


def made(registry: CollectorRegistry) -> float:
    """Decisions."""
    return sum(n for name, n in counted(registry).items() if name.startswith("decisions "))


def problem(status: int) -> bytes:
    return f"HTTP/1.1 {status} X\r\nContent-Length: 17\r\n\r\n".encode() + b'{"detail": "why"}'


NONSENSE = b'HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{"node": NaN, ]'


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("hang", "timeout"),
        ("drop", "unreachable"),
        (b"\x16\x03\x01 no HTTP\r\n\r\n", "unreachable"),
        (NONSENSE, "nonsense"),
        (b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]', "nonsense"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b" " * (2**18 + 1), "nonsense"),
        (problem(500), "status"),
    ],
)  # fmt: skip
def test_it_holds_while_the_api_fails_and_comes_back_by_itself(
    mode: str | bytes, kind: str
) -> None:
    async def test() -> None:
        twin, node = played()
        node.play(0)
        registry = CollectorRegistry()
        async with fronted(twin) as (front, url):
            patience = 500 if mode == "hang" else 30_000
            quick = options(url, period_ms=10, timeout_ms=patience)
            driver = CoreDriver(quick, CoreMetrics(registry), asyncio.get_running_loop().time)
            driver.start()
            await until(lambda: driver.status is Status.DRIVING, lambda: node.play(0))
            front.mode = mode
            await until(lambda: driver.status is Status.HOLDING)
            held = [twin.core_allocation(c) for c in (0, 1)]
            await until(lambda: driver.failures >= 2)
            assert driver.problem.startswith(f"{kind}: ")
            assert [twin.core_allocation(c) for c in (0, 1)] == held
            view = core_view(driver)
            assert (view.status, len(view.cells)) == ("holding", 2)
            front.release.set()
            front.mode = "well"
            decided = counted(registry)
            await until(lambda: driver.status is Status.DRIVING, lambda: node.play(0))
            assert decided[f"failures {kind}"] >= 2
            await driver.stop()

    run(test)


def test_an_api_that_comes_late_goes_and_comes_with_another_topology() -> None:
    """As a process that restarts: its connections end, then there is nobody, then a new core."""
    core = EDGE.core
    assert core is not None
    links = tuple(link for link in core.links if link.name != "microwave")
    paths = tuple(path for path in core.paths if "microwave" not in path.links)
    smaller = replace(EDGE, core=replace(core, links=links, paths=paths))
    check_scenario(smaller)

    async def test() -> None:
        registry = CollectorRegistry()
        async with serving(*address(played()[0], 0)) as reserved:
            assert reserved is not None
            port = reserved.sockets[0].getsockname()[1]
        quick = options(f"http://127.0.0.1:{port}", period_ms=10)
        driver = CoreDriver(quick, CoreMetrics(registry), asyncio.get_running_loop().time)
        driver.start()
        await until(lambda: driver.failures > 0)
        ids = []
        for scenario in (EDGE, smaller):
            twin, node = played(scenario)
            async with serving(*address(twin, port)):
                node.play(0)
                await until(lambda: driver.status is Status.DRIVING, lambda: node.play(0))  # noqa: B023
                assert driver.known is not None
                ids.append(driver.known.id)
            await until(lambda: driver.status is Status.HOLDING)
        assert len(set(ids)) == 2
        assert driver.known is not None
        assert driver.known.topology == twin.topology
        await driver.stop()

    def address(twin: object, port: int) -> tuple[object, CoreAddress]:
        return twin, CoreAddress("127.0.0.1", port)

    run(test)


def test_a_core_that_begins_anew_on_the_same_connection_is_found_out() -> None:
    """As behind a proxy: nothing but the reports tells of it."""

    async def test() -> None:
        twin, node = played()
        for _ in range(5):
            node.play(0)
        async with fronted(twin) as (front, url), driven(options(url)) as core:
            await core.look()
            again, other = played()
            other.play(0)
            front.api = type(front.api)(again, "n")
            for _ in range(MAX_STRIKES - 1):
                await core.look()
            with pytest.raises(CoreApiError, match=r"start_ms: 0 is before 400") as raised:
                await core.look()
            assert raised.value.kind is Failure.CHANGED
            assert counted(core.registry)["refusals out_of_order"] == 2 * MAX_STRIKES - 1
            before = made(core.registry)
            await core.driver.connect(core.client)
            await core.look()
            assert made(core.registry) == before + 2

    run(test)


def test_reports_are_refused_and_counted_and_what_is_in_force_stays() -> None:
    async def test() -> None:
        twin, node = played()
        async with fronted(twin) as (_, url), driven(options(url)) as core:
            await core.look()
            node.play(0)
            await core.look()
            await core.look()
            core.driver.clock = lambda: 1e9
            await core.look()
            found = counted(core.registry)
            names = ("not_yet", "repeated", "stale")
            assert [found[f"refusals {n}"] for n in names] == [2, 2, 2]
            view = core_view(core.driver)
            assert "is the last one for " in view.cells[0].reason
            assert all(c.strikes == 0 for c in core.driver.cells)

    run(test)


def test_what_another_client_puts_is_found_out_and_put_right() -> None:
    async def test() -> None:
        twin, node = played()
        own = options("http://x", rule="nearest-site", min_stay_ms=0)
        async with fronted(twin) as (_, url), driven(replace(own, url=url)) as core:
            now = 0.0
            core.driver.clock = lambda: now
            for i in range(60):
                if i == 30:
                    document = twin.core_allocation(0).to_document()
                    document["slices"][2] |= {"site": "central", "split": {"central-metro": 100}}
                    other = CoreAllocation.from_document(document, twin.topology)
                    twin.apply_core(0, other)
                now += 0.1
                node.play(0)
                await core.look()
            found = counted(core.registry)
            assert found["effects site overridden"] == 1
            assert found["effects allocation overridden"] == 1
            assert found["migrations"] == found["effects site effective"] == 5
            assert {s.site for s in twin.core_allocation(0).slices} == {"edge"}

    run(test)


def test_cells_beyond_the_most_are_left_out() -> None:
    async def test() -> None:
        twin, node = played()
        node.play(0)
        async with fronted(twin) as (_, url), driven(options(url, max_cells=1)) as core:
            assert (len(core.driver.cells), core.driver.left_out) == (1, True)
            await core.look()
            assert core_view(core.driver).left_out

    run(test)
