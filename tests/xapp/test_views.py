"""GET resources and metrics: what the service tells of itself, and that it is documented."""

import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.xapp.rig import NOW_MS, Rig, report
from xapp.api.problems import KINDS
from xapp.service.refusal import Reason
from xapp.service.serving_policy import ServingPolicy

DOCUMENT = Path(__file__).parents[2] / "docs" / "metrics.md"


def rows(heading: str) -> list[list[str]]:
    """Cells of the table under a heading of docs/metrics.md, without back-ticks."""
    section = DOCUMENT.read_text().split(heading, 1)[1].split("\n#", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    return [[c.strip().replace("`", "") for c in line.strip("|").split("|")] for line in lines]


def sample(rig: Rig, name: str, **labels: str) -> float | None:
    return rig.runtime.registry.get_sample_value(name, labels)


def test_the_table_lists_exactly_the_metrics_there_are(rig: Rig) -> None:
    rig.decide(report().to_document())
    rig.runtime.metrics.store_failures.labels("timeout")
    text = rig.send("GET", "/metrics").text
    found = {}
    for family in text_string_to_metric_families(text):
        # The command turns the series of creation times off.
        if family.name.startswith("slicepilot_") and not family.name.endswith("_created"):
            suffix = "_total" if family.type == "counter" else ""
            kind = "gauge" if family.name.endswith("_info") else family.type
            labels = {k for s in family.samples for k in s.labels} - {"le"}
            assert family.samples, family.name
            found[family.name + suffix] = (kind, labels)
    documented = {}
    for name, kind, text, meaning in rows("# Metrics"):
        assert meaning
        named = {label for label in text.split(", ") if label}
        documented[name] = (kind.split(",")[0], named)
    assert found == documented


def test_every_reason_is_documented_with_its_status() -> None:
    documented = {reason: status for reason, status, _ in rows("## Reasons of refusals")}
    assert documented == {
        r.value: "none" if r is Reason.DISCONNECTED else str(status)
        for r, (status, _) in KINDS.items()
    }


def test_gauges_are_what_was_reported_in_base_units(rig: Rig) -> None:
    sent = report(start_ms=NOW_MS - 1_100).to_document()
    sent["slices"][1]["measurements"] |= {
        "DRB.UEThpDl": 8_000.0, "DRB.RlcSduDelayDl": 55.0, "DRB.RlcPacketDropRateDl": 2_500,
        "RRU.PrbUsedDl": 12.5,
    }  # fmt: skip
    del sent["slices"][1]["measurements"]["CARR.WBCQIDist"]
    answer = rig.decide(sent).json()
    place = {"node": "gnb-001", "cell": "cell-001", "snssai": "2-000001"}
    gauge = "slicepilot_slice_"
    assert sample(rig, gauge + "ue_throughput_bytes_per_second", **place) == 1e6
    assert sample(rig, gauge + "delay_seconds", **place) == pytest.approx(5.5e-3)
    assert sample(rig, gauge + "drop_ratio", **place) == pytest.approx(2.5e-3)
    assert sample(rig, gauge + "prbs_used", **place) == 12.5
    share = answer["allocation"]["slices"][1]["min_prb_ratio"] / 100
    assert sample(rig, gauge + "min_prb_ratio", **place) == share
    # 5 ms asked, 5.5 measured; a drop rate of 1e-3 asked, 2.5e-3 measured.
    assert answer["satisfaction"]["2-000001"] == pytest.approx(0.4)
    assert sample(rig, gauge + "sla_satisfaction_ratio", **place) == pytest.approx(0.4)
    assert sample(rig, gauge + "sla_periods_total", **place) == 1
    assert sample(rig, gauge + "sla_violations_total", **place) == 1
    place.pop("snssai")
    assert sample(rig, "slicepilot_report_age_seconds", **place) == pytest.approx(1.0)


def test_what_was_not_measured_has_no_gauge_and_no_verdict(rig: Rig) -> None:
    sent = report().to_document()
    sent["slices"][0]["measurements"] = {"RRC.ConnMean": 3}
    answer = rig.decide(sent).json()
    assert answer["satisfaction"]["1-000001"] is None
    place = {"node": "gnb-001", "cell": "cell-001", "snssai": "1-000001"}
    for name in ("delay_seconds", "sla_satisfaction_ratio", "sla_periods_total"):
        assert sample(rig, f"slicepilot_slice_{name}", **place) is None
    view = rig.send("GET", "/v1/slices").json()["cells"][0]["slices"][0]
    assert (view["delay_ms"], view["satisfaction"], view["sla_met"]) == (None, None, None)


def test_a_scrape_makes_no_wire_form_and_tells_what_it_says(rig: Rig) -> None:
    """Over E2 most decisions are never told: a scrape of many cells shall not make them anew."""
    rig.runtime.decider.make(report(), 0)
    (cell,) = rig.runtime.cells.all()
    assert cell.made is not None
    assert rig.send("GET", "/metrics").status_code == 200
    assert cell.made._wire is None
    decision = cell.made.decision
    place = {"node": "gnb-001", "cell": "cell-001"}
    for s in decision.allocation.slices:
        share = sample(rig, "slicepilot_slice_min_prb_ratio", **place, snssai=s.snssai)
        assert share == s.min_prb_ratio / 100
        met = sample(rig, "slicepilot_slice_sla_satisfaction_ratio", **place, snssai=s.snssai)
        assert met == decision.satisfaction[s.snssai]


def test_shield_edits_and_latency_are_counted(rig: Rig) -> None:
    total = dict.fromkeys(rig.runtime.metrics.edits, 0)
    for n in range(5):
        sent = report(n).to_document()
        sent["slices"][n % 3]["measurements"]["DRB.BufferSize.Qos"] = 4_000_000_000
        for name, count in rig.decide(sent).json()["shield_edits"].items():
            total[name] += count
    assert any(total.values())
    for name, count in total.items():
        assert sample(rig, "slicepilot_shield_edits_total", reason=name) == count
    assert sample(rig, "slicepilot_decision_latency_seconds_count") == 5
    assert sample(rig, "slicepilot_inference_seconds_count") == 5
    assert sample(rig, "slicepilot_decisions_total", rung="policy") == 5


def test_slices_tell_the_last_state(rig: Rig) -> None:
    for n in range(3):
        rig.decide(report(n).to_document())
    answer = rig.decide(report(9).to_document()).json()
    view = rig.send("GET", "/v1/slices").json()
    assert view["bundle"] == rig.serving.bundle.id
    assert view["store"]["store"] == "embedded://"
    assert view["store"]["durable"] is False
    (cell,) = view["cells"]
    assert (cell["node"], cell["cell"], cell["sequence"]) == ("gnb-001", "cell-001", 9)
    assert (cell["rung"], cell["fallback"], cell["report_age_ms"]) == ("policy", "none", 0)
    asked = {s["snssai"]: s for s in answer["allocation"]["slices"]}
    for s in cell["slices"]:
        assert s["min_prb_ratio"] == asked[s["snssai"]]["min_prb_ratio"]
        assert s["ue_throughput_kbps"] == 5200.0
        assert s["delay_ms"] == pytest.approx(4.2)
        assert s["sla_met"] is (answer["satisfaction"][s["snssai"]] >= 1.0)


def test_the_policy_is_told_with_its_manifest(rig: Rig) -> None:
    view = rig.send("GET", "/v1/policy").json()
    assert view["bundle"] == rig.serving.bundle.id
    assert view["graph"] in view["benchmark_us"]
    assert view["manifest"]["training"] == {"seed": 1}
    assert view["schema"] == view["manifest"]["schema"]
    labels = {"bundle": view["bundle"], "graph": view["graph"], "schema": view["schema"]}
    assert sample(rig, "slicepilot_bundle_info", **labels) == 1.0


def test_readiness_follows_the_runtime_not_the_store(rig: Rig) -> None:
    ready = rig.send("GET", "/readyz")
    # The rig's writer never started, so the store is degraded.
    assert (ready.status_code, ready.json()["store"]["status"]) == (200, "degraded")
    rig.runtime.ready = False
    assert rig.send("GET", "/readyz").status_code == 503
    assert rig.send("GET", "/healthz").json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/decide", 405), ("HEAD", "/decide", 405), ("PUT", "/decide", 405),
        ("POST", "/healthz", 405), ("GET", "/nothing", 404), ("POST", "/decide/", 404),
        ("HEAD", "/healthz", 200), ("HEAD", "/metrics", 200),
    ],
)  # fmt: skip
def test_other_methods_and_paths(rig: Rig, method: str, path: str, status: int) -> None:
    response = rig.send(method, path)
    assert response.status_code == status
    if status != 200:
        assert response.headers["content-type"] == "application/problem+json"
        assert method == "HEAD" or response.json()["status"] == status
    if status == 405:
        assert re.fullmatch("GET|POST", response.headers["allow"])


def test_names_from_the_network_do_no_harm_in_the_exposition(serving: ServingPolicy) -> None:
    with Rig(serving) as rig:
        odd = 'a"} 1\nslicepilot_cells 99\n\\'
        sent = report().to_document() | {"node": odd}
        assert rig.decide(sent).status_code == 200
        families = text_string_to_metric_families(rig.send("GET", "/metrics").text)
        samples = [s for f in families for s in f.samples if s.name == "slicepilot_cells"]
        assert [s.value for s in samples] == [1.0]
        assert rig.send("GET", "/v1/slices").json()["cells"][0]["node"] == odd
