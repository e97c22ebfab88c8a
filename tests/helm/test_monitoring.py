"""What Prometheus and Grafana get out of the chart: the files of the repository, unchanged."""

import json
import re
import tarfile
from pathlib import Path

import yaml

from tests.helm.chart import CHART, Helm, Manifests, values_of

RULES = CHART / "files" / "prometheus" / "rules.yml"
DASHBOARDS = CHART / "files" / "dashboards"
MOST_BYTES = 2**20
"""Kubernetes' limit for a ConfigMap."""


def test_rules_are_the_file(rendered: dict[str, Manifests]) -> None:
    rule = rendered["production"].one("PrometheusRule")
    assert rule["spec"] == yaml.safe_load(RULES.read_text("utf-8"))
    assert rule["metadata"]["labels"]["release"] == "prometheus"


def test_dashboards_are_the_files(rendered: dict[str, Manifests]) -> None:
    files = {p.name: p.read_text("utf-8") for p in DASHBOARDS.glob("*.json")}
    maps = rendered["production"].of("ConfigMap", "dashboards")
    found = {name: text for d in maps for name, text in d["data"].items()}
    assert files
    assert {n: json.loads(t) for n, t in found.items()} == {
        n: json.loads(t) for n, t in files.items()
    }
    assert len(maps) == len(files)
    assert all(len(text.encode()) < MOST_BYTES for text in found.values())
    assert all(d["metadata"]["labels"]["grafana_dashboard"] == "1" for d in maps)
    assert all(d["metadata"]["annotations"] == {"grafana_folder": "Slicepilot"} for d in maps)


def test_a_package_of_the_chart_carries_the_files(helm: Helm, tmp_path: Path) -> None:
    helm.run("package", str(CHART), "--destination", str(tmp_path))
    (package,) = tmp_path.glob("slicepilot-*.tgz")
    with tarfile.open(package) as archive:
        names = {n.removeprefix("slicepilot/") for n in archive.getnames()}
    wanted = {str(p.relative_to(CHART)) for p in (*DASHBOARDS.glob("*.json"), RULES)}
    assert wanted | {"values.schema.json", "README.md", "files/smoke.py"} <= names
    assert not any(n.startswith("ci/") for n in names)


def test_nothing_of_it_unless_asked_for(rendered: dict[str, Manifests]) -> None:
    for name in ("default", "embedded", "external", "emulator"):
        assert not rendered[name].kinds() & {"ServiceMonitor", "PrometheusRule"}
        assert not rendered[name].of("ConfigMap", "dashboards")


def test_the_monitor_scrapes_the_service_as_the_job_of_the_rules(
    rendered: dict[str, Manifests],
) -> None:
    manifests = rendered["production"]
    monitor, service = manifests.one("ServiceMonitor"), manifests.one("Service")
    wanted = monitor["spec"]["selector"]["matchLabels"].items()
    matched = [d for d in manifests if d["kind"] == "Service"]
    matched = [d for d in matched if wanted <= d["metadata"]["labels"].items()]
    assert matched == [service]
    (endpoint,) = monitor["spec"]["endpoints"]
    assert endpoint["port"] in {p["name"] for p in service["spec"]["ports"]}
    (relabeling,) = endpoint["relabelings"]
    jobs = set(re.findall(r'job="([^"]+)"', RULES.read_text("utf-8")))
    assert jobs == {relabeling["replacement"]}
    assert relabeling["targetLabel"] == "job"


def test_the_monitor_looks_into_its_own_namespace(helm: Helm) -> None:
    monitor = helm.template(values_of("production")).one("ServiceMonitor")
    assert monitor["spec"]["namespaceSelector"] == {"matchNames": ["ricxapp"]}
