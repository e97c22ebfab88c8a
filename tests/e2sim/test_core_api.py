"""The core control API: answers, sockets, and the twin behind it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from typer.testing import CliRunner

from e2sim.cli import app
from e2sim.core.api import CoreApi
from e2sim.core.joint import JointNetwork
from e2sim.core.network import CoreNetwork
from e2sim.core.server import MAX_BODY, CoreAddress, serving
from e2sim.core.twin import CoredTwin
from e2sim.network import Network
from e2sim.node.node import Node
from e2sim.scenario import Fault, load_scenario
from e2sim.scenario.scenario import check_scenario
from oran.core.allocation import CoreAllocation
from oran.core.measurements import CORE_SLICE_COLUMN
from oran.measurements import SLICE_COLUMN
from tests.e2sim.cores import EDGE

SEEDS = np.array([5, 6], np.uint64)


@pytest.fixture
def twin() -> CoredTwin:
    return CoredTwin(Network(EDGE, SEEDS), CoreNetwork(EDGE, SEEDS))


def moved(twin: CoredTwin) -> dict[str, Any]:
    """The allocation in force with URLLC at the regional site, over two paths."""
    document = twin.core_allocation(0).to_document()
    document["slices"][1] |= {
        "site": "regional",
        "split": {"regional-metro": 70, "regional-microwave": 30},
    }
    return document


def test_delays_of_radio_and_core_add_up_and_the_radio_is_what_it_was(twin: CoredTwin) -> None:
    joint = JointNetwork.of(EDGE, SEEDS)
    alone = Network(EDGE, SEEDS)
    with pytest.raises(RuntimeError, match="no period"):
        joint.end_to_end()
    allocation = Node(alone, "n")._in_force
    for _ in range(3):
        radio, core = joint.step(allocation, joint.core.first())
        np.testing.assert_array_equal(radio.slices, alone.step(allocation).slices)
    e = joint.end_to_end()
    detail = joint.core.detail()
    np.testing.assert_allclose(
        detail.offered[..., 0], joint.radio.detail().offered_packets, rtol=1e-12
    )
    radio_ms = radio.slices[..., SLICE_COLUMN["DRB.RlcSduDelayDl"]] / 10.0
    np.testing.assert_allclose(e.delay_ms, radio_ms + detail.core_ms + detail.transport_ms)
    told_us = core.slices[..., CORE_SLICE_COLUMN["DelayE2EDlNs"]]
    np.testing.assert_allclose(told_us, 1e3 * e.delay_ms, atol=0.51)
    assert ((e.loss >= 0.0) & (e.loss <= 1.0)).all()
    # A slice at the central site has 5 ms of propagation, and more, on its way.
    assert (e.transport_ms[:, 0] > 5.0).all()
    with pytest.raises(ValueError, match=r"^core: 1 cores of 3 slices are not behind 2 cells of 3"):
        JointNetwork(alone, CoreNetwork(EDGE, SEEDS[:1]))


def test_the_api_answers_and_what_it_is_told_is_played(twin: CoredTwin) -> None:
    api, node = CoreApi(twin, "gnb-7"), Node(twin, "gnb-7")
    waiting = api.answer("GET", "/core/v1/report", b"")
    assert (waiting.status, waiting.media_type) == (503, "application/problem+json")
    node.play(0)
    put = api.answer("PUT", "/core/v1/allocation?cell=1", json.dumps(moved(twin)).encode())
    assert (put.status, put.document) == (204, None)
    for _ in range(4):
        node.play(0)
    reports = [api.answer("GET", f"/core/v1/report?cell={c}", b"").document for c in (0, 1)]
    assert reports[0] is not None
    assert reports[1] is not None
    assert [r["slices"][1]["site"] for r in reports if r] == ["edge", "regional"]
    assert (reports[1]["node"], reports[1]["cell"]) == ("gnb-7", "cell-1")
    assert (reports[1]["sequence"], reports[1]["start_ms"]) == (4, 400)
    assert "DelayE2EDlNs" in reports[1]["slices"][0]["measurements"]
    now = api.answer("GET", "/core/v1/allocation?cell=1", b"").document
    assert CoreAllocation.from_document(now) == CoreAllocation.from_document(moved(twin))
    topology = api.answer("GET", "/core/v1/topology", b"").document
    assert topology is not None
    assert topology["sites"] == ["edge", "regional", "central"]


@pytest.mark.parametrize(
    ("method", "target", "body", "status", "detail"),
    [
        ("GET", "/core/v2/report", b"", 404, "/core/v2/report: known are /core/v1/topology, "),
        ("GET", "//[x", b"", 400, "//[x: "),
        ("GET", "http://[::1/core/v1/report", b"", 400, "http://[::1/core/v1/report: "),
        ("POST", "/core/v1/report", b"", 405, "POST: /core/v1/report takes GET"),
        ("GET", "/core/v1/report?cell=2", b"", 400, "cell: '2' is not an integer of 0..1"),
        ("GET", "/core/v1/report?cell=-1", b"", 400, "cell: '-1' is not"),
        ("GET", "/core/v1/report?cell=", b"", 400, "cell: '' is not"),
        ("GET", "/core/v1/report?cel=1", b"", 400, "cel: unknown parameter"),
        ("PUT", "/core/v1/allocation", b"{", 400, "body: not JSON"),
        ("PUT", "/core/v1/allocation", b"[" * 100_000, 400, "body: "),
        ("PUT", "/core/v1/allocation", b"[]", 422, "allocation: needs a mapping"),
        ("PUT", "/core/v1/allocation", b'{"slices": []}', 422, "slices: are ; needs 1-000001, "),
        (
            "PUT",
            "/core/v1/allocation",
            b'{"slices": [{"snssai": "1-000001", "site": "edge", "split": {"edge-access": 99}}]}',
            422,
            "slices[0].split: the shares sum to 99, not to 100",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_path(
    twin: CoredTwin, method: str, target: str, body: bytes, status: int, detail: str
) -> None:
    before = twin.core_allocation(0)
    answer = CoreApi(twin).answer(method, target, body)
    assert answer.status == status
    assert answer.document is not None
    assert answer.document["detail"].startswith(detail)
    assert twin.core_allocation(0) == before


def test_over_sockets() -> None:
    asyncio.run(over_sockets())


async def over_sockets() -> None:
    twin = CoredTwin(Network(EDGE, SEEDS), CoreNetwork(EDGE, SEEDS))
    Node(twin, "n").play(0)
    async with serving(twin, CoreAddress("127.0.0.1", 0), "gnb-7") as server:
        assert server is not None
        host, port = server.sockets[0].getsockname()
        async with httpx.AsyncClient(base_url=f"http://{host}:{port}") as client:
            for _ in range(2):  # on the connection that was kept
                report = await client.get("/core/v1/report")
                assert (report.status_code, report.json()["sequence"]) == (200, 0)
                assert report.json()["node"] == "gnb-7"
            put = await client.put("/core/v1/allocation", json=moved(twin))
            assert (put.status_code, put.content) == (204, b"")
            long = await client.put("/core/v1/allocation", content=b" " * (MAX_BODY + 1))
            assert long.status_code == 413
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(b"\x16\x03\x01 this is no HTTP\r\n\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.1 400 ")
        writer.close()
        await writer.wait_closed()
    assert twin.core_allocation(0).slices[1].site == "regional"
    async with serving(twin, None) as server:
        assert server is None


@pytest.mark.parametrize(
    "text", ["8081", ":8081", "localhost:", "localhost:x", "h:65536", "::1:80"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not HOST:PORT"):
        CoreAddress.parse(text)


def test_addresses() -> None:
    assert CoreAddress.parse("127.0.0.1:8081") == CoreAddress("127.0.0.1", 8081)
    assert CoreAddress.parse("[::1]:0") == CoreAddress("::1", 0)


def test_the_command_plays_the_core_and_refuses_what_has_none(tmp_path: Path) -> None:
    out = tmp_path / "reports.jsonl"
    arguments = ["run", "--target", str(out), "--periods", "3", "--speed", "0"]
    with_core = [*arguments, "--scenario", "edge", "--core", "127.0.0.1:0"]
    result = CliRunner().invoke(app, with_core)
    assert result.exit_code == 0, result.output
    assert len(out.read_text().splitlines()) == 3
    for change, message in (
        (["--core", "127.0.0.1:0"], "--core: scenario 'mixed' has no core network"),
        (["--scenario", "edge", "--core", "nowhere"], "--core: 'nowhere' is not HOST:PORT"),
    ):
        refused = CliRunner().invoke(app, [*arguments, *change])
        assert refused.exit_code == 2
        assert message in refused.output


def test_the_core_has_the_health_that_the_scenarios_faults_leave_it() -> None:
    outage = Fault(kind="site_outage", name="regional", severity=0.5, at_s=0.1, for_s=0.1)
    cut = Fault(kind="link_outage", name="metro", at_s=0.1, for_s=0.1)
    spoof = Fault(
        kind="spoofed_report", measurements=("DRB.RlcSduDelayDl",), severity=50.0, at_s=0.0,
        for_s=9.0,
    )  # fmt: skip
    scenario = replace(EDGE, faults=(outage, cut, spoof))
    check_scenario(scenario)
    struck, told = JointNetwork.of(scenario, SEEDS), JointNetwork.of(EDGE, SEEDS)
    allocation = Node(told.radio, "n")._in_force
    sites = np.ones((2, len(told.core.topology.sites)))
    links = np.ones((2, len(told.core.topology.links)))
    for i in range(3):
        down = i == 1
        sites[:, told.core.topology.sites.index("regional")] = 0.5 if down else 1.0
        links[:, told.core.topology.links.index("metro")] = 0.0 if down else 1.0
        _, one = struck.step(allocation, struck.core.first())
        _, other = told.step(allocation, told.core.first(), site_health=sites, link_health=links)
        np.testing.assert_array_equal(one.slices, other.slices)
        np.testing.assert_array_equal(struck.end_to_end().delay_ms, told.end_to_end().delay_ms)
    with pytest.raises(ValueError, match=r"^faults\[0\]\.name: there is no moon; there are edge,"):
        check_scenario(replace(scenario, faults=(replace(outage, name="moon"),)))


def test_a_failure_of_a_core_that_is_not_there_is_refused_with_its_line(tmp_path: Path) -> None:
    mixed = files("e2sim.scenarios").joinpath("mixed.yaml").read_text("utf-8")
    fault = "faults:\n  - at_s: 1.0\n    for_s: 1.0\n    name: edge\n    kind: site_outage\n"
    (tmp_path / "x.yaml").write_text(mixed + fault, "utf-8")
    line = len(mixed.splitlines()) + 5
    with pytest.raises(
        ValueError, match=rf"line {line}: faults\[0\]\.kind: site_outage .* needs core, or another"
    ):
        load_scenario(str(tmp_path / "x.yaml"))


def test_the_command_names_the_node_in_the_cores_reports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named: list[str] = []

    @asynccontextmanager
    async def noted(*arguments: Any) -> AsyncIterator[None]:
        named.append(arguments[2])
        yield

    monkeypatch.setattr("e2sim.command.run.serving", noted)
    arguments = ["run", "--target", str(tmp_path / "r.jsonl"), "--periods", "1", "--speed", "0"]
    arguments += ["--scenario", "edge", "--core", "127.0.0.1:0", "--node-id", "gnb-9"]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    assert named == ["gnb-9"]
