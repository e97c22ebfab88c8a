import json
import re

import pytest

from deploy.dashboards.document import FOLDER, documents, queries
from deploy.dashboards.panels import FAST_BURN, SLOW_BURN
from tests.deploy.files import alerts
from tests.deploy.names import existing, selected

DOCUMENTS = {name: json.loads(text) for name, text in documents().items()}
QUERIES = [(name, q) for name, document in DOCUMENTS.items() for q in queries(document)]
PANELS = [(name, p) for name, document in DOCUMENTS.items() for p in document["panels"]]


def test_files_are_what_the_code_makes() -> None:
    found = {path.name: path.read_text("utf-8") for path in FOLDER.iterdir()}
    assert found == documents(), "run: python -m deploy.dashboards"


@pytest.mark.parametrize("interval", ["20s", "4m"])
def test_every_query_parses_and_reads_series_that_exist(interval: str) -> None:
    there = existing()
    for document in DOCUMENTS.values():
        for q in queries(document, interval):
            assert "$" not in q.expr, q
            assert selected(q.expr) <= there, q
    assert len(QUERIES) >= 40


def test_names_that_do_not_exist_would_be_found() -> None:
    assert selected("rate(slicepilot_descisions_total[1m])") - existing()
    with pytest.raises(ValueError, match="unclosed left parenthesis"):
        selected("sum by (rung) (rate(slicepilot_decisions_total[1m])")


def test_all_documented_series_are_on_a_dashboard_or_in_a_rule() -> None:
    shown = {name for _, q in QUERIES for name in selected(q.expr)}
    ours = {name for name in existing() if name.startswith("slicepilot_")}
    shown |= {name for alert in alerts() for name in selected(alert["expr"])}
    # Sums of histograms whose mean nobody asks for.
    assert ours - shown <= {"slicepilot_inference_seconds_count"}


def test_panels_say_what_they_show_in_which_unit() -> None:
    for name, panel in PANELS:
        where = f"{name}: {panel['title']}"
        assert panel["description"].endswith("."), where
        assert panel["targets"], where
        if panel["type"] == "timeseries":
            assert panel["fieldConfig"]["defaults"]["unit"], where
            assert panel["options"]["legend"]["calcs"], where
        for target in panel["targets"]:
            assert target["datasource"]["uid"] == "${datasource}", where
    titles = [(name, panel["title"]) for name, panel in PANELS]
    assert len(set(titles)) == len(titles)
    uids = [document["uid"] for document in DOCUMENTS.values()]
    assert len(set(uids)) == len(uids)


def test_panels_fill_the_grid_without_overlap() -> None:
    for name, document in DOCUMENTS.items():
        taken: set[tuple[int, int]] = set()
        for panel in document["panels"]:
            at = panel["gridPos"]
            cells = {(x, y) for x in range(at["x"], at["x"] + at["w"])
                     for y in range(at["y"], at["y"] + at["h"])}  # fmt: skip
            assert not cells & taken, f"{name}: {panel['title']}"
            taken |= cells
        rows = {y for _, y in taken}
        assert taken == {(x, y) for x in range(24) for y in rows}, f"{name}: a gap"


def test_lines_of_burn_rates_are_those_of_the_alerts() -> None:
    factors = {float(f) for alert in alerts() for f in re.findall(r"\((\S+) \*", alert["expr"])}
    assert factors == {FAST_BURN, SLOW_BURN}
