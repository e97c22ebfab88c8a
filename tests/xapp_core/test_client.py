"""The client, and the driver's connection, against answers made by hand."""

import asyncio
import json
import time
from dataclasses import replace

import httpx
import pytest
from prometheus_client import CollectorRegistry
from structlog.testing import CapturingLogger

from oran.core.batch import CoreAllocationBatch, CoreReportBatch
from oran.core.topology import Topology
from tests.decision.test_core_rules import TOPOLOGY
from tests.xapp_core.rig import counted, fronted, options, played, until
from xapp.core.client import CoreClient
from xapp.core.driver import CoreDriver, Status
from xapp.core.metrics import CoreMetrics
from xapp.core.refusal import LONGEST_DETAIL, CoreApiError, Failure
from xapp.decision.core_rules import CoreMemory

IN_FORCE = {"slices": [{"snssai": "1", "site": "edge", "split": {"edge-near": 100}}]}
Answers = dict[str, tuple[int, object]]
"""Status and JSON document, or text, by method and target; a cell not named is refused."""


def well() -> Answers:
    return {
        "GET /core/v1/topology": (200, TOPOLOGY.to_document()),
        "GET /core/v1/allocation?cell=0": (200, IN_FORCE),
        "GET /core/v1/report?cell=0": (503, {"detail": "report: not yet"}),
        "PUT /core/v1/allocation?cell=0": (204, ""),
    }


def response(status: int, document: object) -> httpx.Response:
    """Not read yet, as one that comes from a socket."""
    text = document if isinstance(document, str) else json.dumps(document)
    return httpx.Response(status, stream=httpx.ByteStream(text.encode()))


def connected(answers: Answers) -> CoreDriver:
    """A driver connected to these answers; raises what connecting raises."""

    def answer(request: httpx.Request) -> httpx.Response:
        target = f"{request.method} {request.url.raw_path.decode()}"
        return response(*answers.get(target, (400, {"detail": "cell: none"})))

    async def connect() -> CoreDriver:
        transport = httpx.MockTransport(answer)
        made = CoreDriver(options("http://x"), CoreMetrics(CollectorRegistry()), time.perf_counter)
        client = CoreClient("http://x", 30.0, transport)
        await made.connect(client)
        for cell in made.cells:
            await made.serve(client, cell)
            await client.put(cell.index, cell.in_force)
            cell.report = None
            made.clock = lambda: 1e9
            await made._read_back(client, cell)
            await made._read_back(client, cell)
        await client.close()
        return made

    return asyncio.run(connect())


def test_a_connection() -> None:
    driver = connected(well())
    assert driver.known is not None
    assert driver.known.topology == TOPOLOGY
    (cell,) = driver.cells
    assert cell.in_force.to_document() == IN_FORCE
    assert (cell.reason, driver.left_out) == ("report: not yet", False)


@pytest.mark.parametrize(
    ("target", "answer", "kind", "says"),
    [
        (
            "GET /core/v1/topology", (404, {"detail": "unknown"}),
            Failure.STATUS, "topology: status 404: unknown",
        ),
        (
            "GET /core/v1/topology", (200, {"sites": []}), Failure.NONSENSE,
            "topology: links: is required",
        ),
        (
            "GET /core/v1/topology", (302, ""),
            Failure.STATUS, "topology: status 302: ",
        ),
        (
            "GET /core/v1/allocation?cell=0", (400, "[" * 9999),
            Failure.STATUS, "allocation of cell 0: status 400: [[[",
        ),
        (
            "GET /core/v1/allocation?cell=0", (200, {"slices": []}),
            Failure.NONSENSE, "allocation of cell 0: slices: 0 slices, needs 1..16",
        ),
        (
            "GET /core/v1/report?cell=0", (500, ["detail"]), Failure.STATUS,
            'report of cell 0: status 500: ["detail"]',
        ),
        (
            "PUT /core/v1/allocation?cell=0", (422, {"detail": "slices[0]"}),
            Failure.CHANGED, "allocation of cell 0: slices[0]",
        ),
        (
            "PUT /core/v1/allocation?cell=0", (422, {"detail": "\ud800" + "x" * 999}),
            Failure.CHANGED, "allocation of cell 0: ?xxx",
        ),
        (
            "GET /core/v1/allocation?cell=0", (200, {"slices": "x" * 9999}),
            Failure.NONSENSE, "allocation of cell 0: slices: needs a list, got 'xxx",
        ),
        (
            "PUT /core/v1/allocation?cell=0", (429, {"detail": 3}),
            Failure.STATUS, 'allocation of cell 0: status 429: {"detail": 3}',
        ),
    ],
)  # fmt: skip
def test_answers_that_are_none_are_told(
    target: str, answer: tuple[int, object], kind: Failure, says: str
) -> None:
    with pytest.raises(CoreApiError) as raised:
        connected(well() | {target: answer})
    assert raised.value.kind is kind
    assert raised.value.detail.startswith(says)
    assert len(raised.value.detail.encode()) <= LONGEST_DETAIL


def test_a_cell_that_gets_other_slices_is_found_out() -> None:
    answers = well()
    other = json.loads(json.dumps(IN_FORCE).replace('"1"', '"2"'))
    asked = []

    class Turning(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            target = f"{request.method} {request.url.raw_path.decode()}"
            asked.append(target)
            if asked.count(target) > 1 and "allocation?cell=0" in target:
                return response(200, other)
            return response(*answers.get(target, (400, "")))

    async def test() -> None:
        driver = CoreDriver(options("http://x"), CoreMetrics(CollectorRegistry()), lambda: 0.0)
        client = CoreClient("http://x", 30.0, Turning())
        await driver.connect(client)
        (cell,) = driver.cells
        await driver._read_back(client, cell)
        driver.clock = lambda: 1e9
        with pytest.raises(CoreApiError, match="cell 0: gone, or with other slices") as raised:
            await driver._read_back(client, cell)
        assert raised.value.kind is Failure.CHANGED
        await client.close()

    asyncio.run(test())


class Broken:
    """A rule with a flaw."""

    def decide(
        self, topology: Topology, report: CoreReportBatch, memory: CoreMemory
    ) -> tuple[CoreAllocationBatch, CoreMemory]:
        raise ZeroDivisionError("a flaw")


def test_a_flaw_of_the_rule_holds_the_allocation_and_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = CapturingLogger()
    monkeypatch.setattr("xapp.core.driver._log", log)

    async def test() -> None:
        twin, node = played()
        node.play(0)
        registry = CollectorRegistry()
        async with fronted(twin) as (_, url):
            made = replace(options(url), made=Broken())
            clock = asyncio.get_running_loop().time
            driver = CoreDriver(made, CoreMetrics(registry), clock)
            before = twin.core_allocation(0)
            driver.start()
            await until(lambda: driver.failures >= 2)
            assert (driver.status, twin.core_allocation(0)) == (Status.HOLDING, before)
            assert driver.problem == "internal: ZeroDivisionError: a flaw"
            assert counted(registry)["failures internal"] >= 2
            await driver.stop()
        assert [call.method_name for call in log.calls] == ["exception", "warning"], "told once"

    asyncio.run(test())
