"""The loop over E2, as `.env` shows it: the emulator's cells are E2 nodes of the xApp."""

import json
import time
from collections.abc import Generator
from pathlib import Path
from typing import Final

import pytest
from prometheus_client.parser import text_string_to_metric_families

from deploy.dashboards.document import FOLDER, queries
from tests.deploy.live.engine import inspect, wait_for
from tests.deploy.live.stack import Stack

pytestmark = [pytest.mark.deploy, pytest.mark.timeout(900)]

SETTINGS: Final = {"XAPP_E2__LISTEN": "tcp://0.0.0.0:36421", "E2SIM_RIC": "tcp://xapp:36421"}
NODES: Final = 2
"""Each cell is one."""

LOST: Final = "SlicepilotE2NodeLost"


@pytest.fixture(scope="module")
def stack(images: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> Generator[Stack]:
    made = Stack(Path(tmp_path_factory.mktemp("e2")), SETTINGS, "slicepilot-ci-e2")
    assert made.left() == [], (
        "a former run left something: docker compose -p slicepilot-ci-e2 down -v"
    )
    try:
        yield made
    finally:
        made.close()


def _sum(stack: Stack, name: str, **labels: str) -> float:
    """Sum of the series that have these labels; 0 where there is none yet."""
    families = text_string_to_metric_families(stack.xapp.get("/metrics").text)
    samples = [s for family in families for s in family.samples if s.name == f"slicepilot_{name}"]
    return sum(s.value for s in samples if labels.items() <= s.labels.items())


def test_decisions_reach_the_nodes_over_e2(stack: Stack) -> None:
    start = time.monotonic()
    stack.compose("up", "--detach", "--no-build", "xapp", "e2sim", "prometheus")
    wait_for("decisions", lambda: stack.decisions() > 0, 60, 0.1)
    print(f"first decision over E2 after {time.monotonic() - start:.1f} s")
    assert _sum(stack, "e2_nodes") == NODES
    answers = "e2_control_answers_total"

    def acknowledged(model: str) -> float:
        return _sum(stack, answers, model=model, outcome="acknowledged")

    wait_for("quotas", lambda: acknowledged("rc") > NODES, 30)
    wait_for("the rest", lambda: acknowledged("spc") > NODES, 30)
    wait_for("verdicts", lambda: _sum(stack, "e2_effects_total") > 10 * NODES, 30)
    assert _sum(stack, "e2_effects_total", verdict="ineffective") == 0
    for outcome in ("refused", "timed_out", "aborted"):
        assert _sum(stack, answers, outcome=outcome) == 0
    assert _sum(stack, "e2_cell_distrusted") == 0
    reporting = {row["node"] for row in stack.xapp.get("/v1/slices").json()["cells"]}
    served = {row["node"] for row in stack.xapp.get("/v1/nodes").json()["nodes"]}
    assert reporting == served, "nobody reports over HTTP"


def test_the_emulator_is_healthy_by_its_association(stack: Stack) -> None:
    emulator = stack.compose("ps", "--quiet", "e2sim").split()[-1]
    wait_for("health", lambda: inspect(emulator)["State"]["Health"]["Status"] == "healthy", 60)
    exposed = inspect(stack.compose("ps", "--quiet", "xapp").split()[-1])["Config"]["ExposedPorts"]
    assert "36421/tcp" in exposed


def test_every_query_of_the_dashboard_of_nodes_has_data(stack: Stack) -> None:
    left = list(queries(json.loads((FOLDER / "nodes.json").read_text("utf-8"))))
    assert len(left) >= 20

    def empty() -> list[str]:
        asked = {q.expr: stack.prometheus.now(q.expr) for q in left}
        left[:] = [q for q in left if all(curve.empty for curve in asked[q.expr])]
        return [q.expr for q in left]

    wait_for("data in every panel", lambda: not empty(), 60, 1.0)


def test_nodes_that_go_are_seen_and_come_back(stack: Stack) -> None:
    stack.compose("kill", "e2sim")
    wait_for("nodes gone", lambda: _sum(stack, "e2_nodes") == 0, 15)
    assert stack.ready()["status"] == "ready"
    alerts = stack.prometheus.alerts
    wait_for("firing", lambda: alerts().get(LOST) == "firing", 90)
    stack.compose("start", "e2sim")
    wait_for("nodes back", lambda: _sum(stack, "e2_nodes") == NODES, 60)
    wait_for("the alert's end", lambda: LOST not in alerts(), 45)
    before = _sum(stack, "e2_control_answers_total", outcome="acknowledged")
    wait_for(
        "controls",
        lambda: _sum(stack, "e2_control_answers_total", outcome="acknowledged") > before,
        30,
    )


def test_stop_is_clean_and_down_leaves_nothing(stack: Stack) -> None:
    containers = [stack.compose("ps", "--quiet", name).split()[-1] for name in ("xapp", "e2sim")]
    stack.compose("stop", "--timeout", "10", "e2sim")
    stack.compose("stop", "--timeout", "10")
    assert [inspect(one)["State"]["ExitCode"] for one in containers] == [0, 0]
    stack.compose("down", "--volumes", "--remove-orphans")
    assert stack.left() == []
