import os
import re
import shutil
import subprocess

import pytest

from tests.deploy.files import ROOT, RULES, RUNBOOKS, alerts, document, rules
from tests.deploy.names import existing, exported, selected

TESTS = ROOT / "deploy" / "prometheus" / "rules_test.yml"
SUBJECTS = {
    "Sla", "Latency", "Stale", "Fallback", "XappDown", "StoreDegraded", "CellSilent", "NodeLost",
    "ControlsIneffective",
}  # fmt: skip


def _tool(name: str, *arguments: str) -> str:
    """Run a tool of Prometheus or Alertmanager; CI has them."""
    if shutil.which(name) is None and not os.environ.get("CI"):
        pytest.skip(f"needs {name}")
    done = subprocess.run([name, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_prometheus_takes_configuration_and_rules() -> None:
    _tool("promtool", "check", "config", "--syntax-only", "deploy/prometheus/prometheus.yml")
    assert f"{len(rules())} rules found" in _tool("promtool", "check", "rules", str(RULES))


def test_rules_pass_their_unit_tests() -> None:
    assert "SUCCESS" in _tool("promtool", "test", "rules", str(TESTS))


def test_every_alert_is_seen_firing_and_quiet_in_a_unit_test() -> None:
    cases = [
        case for test in document(*TESTS.parts[-3:])["tests"] for case in test["alert_rule_test"]
    ]
    for alert in alerts():
        name, severity = alert["alert"], alert["labels"]["severity"]
        expected = [case["exp_alerts"] for case in cases if case["alertname"] == name]
        fired = [{one["exp_labels"]["severity"] for one in case} for case in expected]
        assert any(severity in severities for severities in fired), f"{name} {severity} never fires"
        assert any(severities == set() for severities in fired), f"{name} is never quiet"


def test_rules_read_series_that_exist() -> None:
    there = existing()
    for rule in rules():
        if not rule["expr"].startswith("vector("):
            assert selected(rule["expr"]) <= there, rule


def test_ratios_recorded_for_alerts_have_four_windows_and_a_budget() -> None:
    recorded: dict[str, set[str]] = {}
    for rule in rules():
        if rule.get("record", "").startswith("slicepilot:slo_"):
            recorded.setdefault(rule["labels"]["slo"], set()).add(rule["record"])
            window = rule["record"].rpartition("ratio_rate")[2]
            assert set(re.findall(r"\[(\w+)\]", rule["expr"])) <= {window}
    windows = {f"slicepilot:slo_errors:ratio_rate{w}" for w in ("5m", "30m", "1h", "6h")}
    every = windows | {"slicepilot:slo_budget:ratio"}
    assert recorded == dict.fromkeys(("sla", "latency", "stale", "fallback"), every)


def test_every_alert_has_a_page_and_every_page_an_alert() -> None:
    pages = {path.stem for path in RUNBOOKS.glob("*.md")} - {"README"}
    assert pages == {alert["alert"] for alert in alerts()}
    listed = re.findall(r"^\| \[(\w+)\]\((\w+)\.md\)", (RUNBOOKS / "README.md").read_text(), re.M)
    assert {name for name, _ in listed} == pages
    for alert in alerts():
        page = ROOT / alert["annotations"]["runbook"]
        text = page.read_text("utf-8")
        assert text.startswith(f"# {alert['alert']}\n")
        for heading in ("**Means.**", "**Harm.**", "**Look**", "**Ends**"):
            assert heading in text, page
        # A misspelt name in a command would find nothing, in the middle of the night.
        known = {re.sub(r"_(total|bucket|count|sum)$", "", name) for name in exported()}
        for name in re.findall(r"\bslicepilot_\w*[a-z]\b", text):
            assert any(k.startswith(re.sub(r"_total$", "", name)) for k in known), name
    for subject in SUBJECTS:
        assert any(subject in name for name in pages)


def test_alertmanager_takes_its_configuration_and_routes_all_alerts() -> None:
    path = "deploy/alertmanager/alertmanager.yml"
    _tool("amtool", "check-config", path)
    for severity in ("critical", "warning"):
        labels = (f"severity={severity}", "alertname=SlicepilotXappDown")
        routed = _tool("amtool", "config", "routes", "test", f"--config.file={path}", *labels)
        assert routed.strip() == "operators"
