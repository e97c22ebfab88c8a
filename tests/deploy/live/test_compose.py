import json
import re
import time
from collections.abc import Callable

import pytest

from deploy.dashboards.document import FOLDER, PAGES, queries
from tests.deploy.live.conftest import ALL_SERVICES
from tests.deploy.live.engine import inspect, wait_for
from tests.deploy.live.stack import Stack

pytestmark = [pytest.mark.deploy, pytest.mark.timeout(900)]

CELLS = 2
STORE_ALERT = "SlicepilotStoreDegraded"


def _health(stack: Stack) -> dict[str, str]:
    rows = stack.compose("ps", "--format", "json").splitlines()
    found = [json.loads(row) for row in rows if row.startswith("{")]
    return {row["Service"]: row["Health"] for row in found if row["Service"] != "webhook"}


def _rising(ask: Callable[[], float], seconds: float) -> float:
    before = ask()
    time.sleep(seconds)
    return ask() - before


def test_up_decides_within_30_s_and_becomes_healthy(stack: Stack) -> None:
    start = time.monotonic()
    stack.compose("up", "--detach", "--no-build", *ALL_SERVICES)
    returned = time.monotonic() - start
    wait_for("decisions", lambda: stack.decisions() > 0, 60, 0.1)
    decided = time.monotonic() - start
    print(f"up returned after {returned:.1f} s, first decision after {decided:.1f} s")
    assert decided <= 30.0
    wait_for("health", lambda: set(_health(stack).values()) == {"healthy"}, 60)
    assert stack.ready()["store"]["status"] == "ok"
    expected = 10 * CELLS  # a report each 100 ms and cell
    assert _rising(stack.decisions, 5.0) / 5.0 >= 0.5 * expected


def test_prometheus_scrapes_the_xapp_and_evaluates_every_rule(stack: Stack) -> None:
    ask = stack.prometheus.now
    took = wait_for("scraped", lambda: ask("sum(slicepilot_decisions_total) > 0"), 60)
    print(f"Prometheus has decisions after {took:.1f} s more")
    wait_for("three targets up", lambda: [c.values[0] for c in ask("up")] == [1.0] * 3, 60)
    wait_for("recorded", lambda: ask('slicepilot:slo_errors:ratio_rate5m{slo="latency"}'), 60)
    failures = "sum(prometheus_rule_evaluation_failures_total)"
    wait_for("Prometheus's figures of itself", lambda: ask(failures), 60)
    assert ask(failures)[0].values == (0.0,)


def test_redis_is_killed_and_comes_back(stack: Stack) -> None:
    stack.compose("kill", "redis")
    wait_for("degraded", lambda: stack.ready()["store"]["status"] == "degraded", 15)
    assert stack.ready()["status"] == "ready"
    assert _rising(stack.decisions, 5.0) > 5 * CELLS, "decisions go on"
    down = stack.prometheus.now
    wait_for("seen by Prometheus", lambda: down("slicepilot_store_up == 0"), 20)
    alerts = stack.prometheus.alerts
    wait_for("pending", lambda: alerts().get(STORE_ALERT) == "pending", 20)
    wait_for("firing", lambda: alerts().get(STORE_ALERT) == "firing", 90)
    took = wait_for("sent", lambda: (STORE_ALERT, "firing") in stack.alerted(), 60)
    print(f"the receiver was told {took:.1f} s after the alert fired")
    assert _rising(stack.decisions, 5.0) > 5 * CELLS, "decisions still go on"

    stack.compose("start", "redis")
    took = wait_for("recovered", lambda: stack.ready()["store"]["status"] == "ok", 30)
    print(f"the state was back in Redis {took:.1f} s after its start")
    kept = stack.compose("exec", "-T", "redis", "redis-cli", "hlen", "slicepilot:cells")
    assert int(kept) == CELLS
    wait_for("the alert's end", lambda: STORE_ALERT not in alerts(), 30)


def test_every_query_of_every_panel_has_data(stack: Stack) -> None:
    # The page of E2 nodes has its own check (test_e2.py): there are none in this stack, nor a core.
    pages = [name for name in PAGES if name not in ("nodes", "core")]
    documents = [json.loads((FOLDER / f"{name}.json").read_text("utf-8")) for name in pages]
    # After the outage: failures of the store are a series from the first one on.
    left = [q for document in documents for q in queries(document)]
    assert len(left) >= 40
    legends = 0
    # What is divided by a rate needs two scrapes, and rules of it one evaluation more.
    deadline = time.monotonic() + 60.0
    while left and time.monotonic() < deadline:
        for q in left[:]:
            curves = [curve for curve in stack.prometheus.now(q.expr) if not curve.empty]
            if curves:
                left.remove(q)
                named = set(re.findall(r"{{(\w+)}}", q.legend))
                assert all(named <= set(curve.labels) for curve in curves), q
                legends += len(named)
        time.sleep(1.0 if left else 0.0)
    assert left == []
    assert legends >= 20


def test_a_restart_of_the_xapp_takes_up_the_state(stack: Stack) -> None:
    stack.compose("restart", "xapp")
    wait_for("decisions", lambda: stack.decisions() > 0, 60)
    read = [json.loads(line) for line in stack.logs("xapp") if "states read back" in line]
    assert read[-1]["cells"] == CELLS
    assert _rising(stack.decisions, 3.0) > 3 * CELLS


def test_the_emulator_takes_scenario_cells_and_speed_from_the_environment(stack: Stack) -> None:
    chosen = {"E2SIM_SCENARIO": "overload", "E2SIM_CELLS": "4", "E2SIM_SPEED": "0.25"}
    up = ("up", "--detach", "--no-build", "--no-deps", "e2sim")
    stack.compose(*up, settings=chosen)

    def cells() -> set[str]:
        return {row["cell"] for row in stack.xapp.get("/v1/slices").json()["cells"]}

    wait_for("four cells", lambda: cells() == {f"cell-{i}" for i in range(4)}, 60)
    decided = _rising(stack.decisions, 8.0)
    assert 0 < decided < 0.5 * 8.0 * 10 * 4, "a quarter of the speed"
    stack.compose("stop", "e2sim")
    assert any("overload" in line for line in stack.logs("e2sim")), "it says so at its end"


def test_stop_is_clean_and_down_leaves_nothing(stack: Stack) -> None:
    containers = {
        service: stack.compose("ps", "--all", "--quiet", service).split()[-1]
        for service in ("xapp", "e2sim", "redis", "prometheus", "alertmanager")
    }
    stack.compose("stop", "--timeout", "10")
    codes = {service: inspect(one)["State"]["ExitCode"] for service, one in containers.items()}
    assert codes == dict.fromkeys(containers, 0)
    assert stack.left() != []
    stack.compose("down", "--volumes", "--remove-orphans")
    assert stack.left() == []
