"""POST /decide: what comes back, what is refused, and what is counted."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from oran.allocation import Allocation
from oran.snssai import Snssai
from tests.xapp.rig import INTENTS, JSON, NOW_MS, SNSSAIS, Rig, report
from xapp.api.problems import KINDS, TYPE_PREFIX
from xapp.decision.shield import Edit
from xapp.service.refusal import Reason
from xapp.service.serving_policy import ServingPolicy

Change = Callable[[dict[str, Any]], object]


def document(change: Change = lambda d: None) -> dict[str, Any]:
    made = report().to_document()
    change(made)
    return made


def test_a_report_gets_a_decision(rig: Rig) -> None:
    rig.time.ns = 5_000
    response = rig.decide(document())
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    answer = response.json()
    allocation = Allocation.from_document(answer.pop("allocation"))
    assert [s.snssai for s in allocation.slices] == SNSSAIS
    assert list(answer.pop("satisfaction")) == [str(s) for s in SNSSAIS]
    assert set(answer.pop("shield_edits")) == {e.name.lower() for e in Edit}
    assert len(answer.pop("report_hash")) == 32
    assert answer == {
        "decision": "rig-1",
        "node": "gnb-001",
        "cell": "cell-001",
        "sequence": 1,
        "rung": "policy",
        "fallback": "none",
        "bundle": rig.serving.bundle.id,
        "latency_us": 0.0,
    }


def test_the_hash_is_of_what_the_report_says(rig: Rig) -> None:
    with Rig(rig.serving) as other, Rig(rig.serving) as third:
        text = json.dumps(document(lambda d: d.update(health={"gnb": "ok"})), indent=3).encode()
        first, same = rig.decide(document()).json(), other.decide(text).json()
        changed = third.decide(document(lambda d: d["measurements"].pop("PEE.AvgPower"))).json()
    assert first["report_hash"] == same["report_hash"] != changed["report_hash"]


MEASURED = 'slices[1].measurements["DRB.UEThpDl"]'
INVALID: list[tuple[Reason, str, Change]] = [
    (Reason.MISSING_FIELD, "cell", lambda d: d.pop("cell")),
    (Reason.MISSING_FIELD, "slices[2].snssai", lambda d: d["slices"][2].pop("snssai")),
    (Reason.UNKNOWN_FIELD, "extra", lambda d: d.update(extra=1)),
    (Reason.UNKNOWN_FIELD, 'measurements["a.b"]', lambda d: d["measurements"].update({"a.b": 1})),
    (Reason.WRONG_TYPE, "sequence", lambda d: d.update(sequence="1")),
    (Reason.WRONG_TYPE, "sequence", lambda d: d.update(sequence=True)),
    (Reason.WRONG_TYPE, "sequence", lambda d: d.update(sequence=1.0)),
    (Reason.WRONG_TYPE, "slices", lambda d: d.update(slices={})),
    (Reason.WRONG_TYPE, "slices[0]", lambda d: d.update(slices=[None])),
    (Reason.WRONG_TYPE, MEASURED, lambda d: set_measured(d, "DRB.UEThpDl", None)),
    (
        Reason.WRONG_TYPE,
        'slices[1].measurements["TB.TotNbrDl"]',
        lambda d: set_measured(d, "TB.TotNbrDl", 5.5),
    ),
    (Reason.OUT_OF_RANGE, MEASURED, lambda d: set_measured(d, "DRB.UEThpDl", -1)),
    (Reason.OUT_OF_RANGE, MEASURED, lambda d: set_measured(d, "DRB.UEThpDl", 1e9)),
    (Reason.OUT_OF_RANGE, "sequence", lambda d: d.update(sequence=2**32)),
    (Reason.OUT_OF_RANGE, "period_ms", lambda d: d.update(period_ms=0)),
    (Reason.OUT_OF_RANGE, "node", lambda d: d.update(node="")),
    (Reason.OUT_OF_RANGE, "health.gnb", lambda d: d.update(health={"gnb": "on fire"})),
    (Reason.OUT_OF_RANGE, "slices", lambda d: d.update(slices=[])),
    (Reason.OUT_OF_RANGE, "slices", lambda d: d.update(slices=[d["slices"][0]] * 17)),
    (Reason.OUT_OF_RANGE, "slices[0].snssai", lambda d: d["slices"][0].update(snssai="1-1")),
    (
        Reason.DUPLICATE_SLICE,
        "slices[1].snssai",
        lambda d: d["slices"][1].update(snssai="01-000001"),
    ),
    (Reason.UNKNOWN_SLICE, "slices[1].snssai", lambda d: d["slices"][1].update(snssai="200")),
    (Reason.TOO_EARLY, "start_ms", lambda d: d.update(start_ms=NOW_MS + 1_001)),
    (Reason.STALE, "start_ms", lambda d: d.update(start_ms=NOW_MS - 2_101)),
]


def set_measured(d: dict[str, Any], name: str, value: Any) -> None:
    d["slices"][1]["measurements"][name] = value


@pytest.mark.parametrize(("reason", "path", "change"), INVALID)
def test_invalid_reports_are_refused_with_the_place(
    rig: Rig, reason: Reason, path: str, change: Change
) -> None:
    response = rig.decide(document(change))
    status, title = KINDS[reason]
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["type"] == TYPE_PREFIX + reason
    assert (problem["status"], problem["title"]) == (status, title)
    assert problem["errors"][0]["path"] == path
    assert problem["errors"][0]["reason"]
    assert rig.refusals() == {reason: 1.0}
    assert len(rig.runtime.cells) == 0
    assert rig.decide(document()).status_code == 200


TEXT = json.dumps(document())


@pytest.mark.parametrize(
    ("reason", "body"),
    [
        (Reason.MALFORMED, b""),
        (Reason.MALFORMED, b"{"),
        (Reason.MALFORMED, TEXT.replace("5200.0", "NaN").encode()),
        (Reason.MALFORMED, TEXT.replace("5200.0", "-Infinity").encode()),
        (Reason.MALFORMED, TEXT.encode("utf-16")),
        (Reason.MALFORMED, TEXT.replace("gnb-001", "\u00fc").encode("latin-1")),
        (Reason.MALFORMED, b"[" * 100_000),
        (Reason.MALFORMED, TEXT[:-1].encode() + b',"x":' + b'{"a":' * 40_000),
        (Reason.NOT_FINITE, TEXT.replace("5200.0", "1e999").encode()),
        (Reason.DUPLICATE_NAME, TEXT.replace('"cell"', '"cell": "x", "cell"').encode()),
        (Reason.DUPLICATE_NAME, TEXT.replace('"cell"', '"c\\u0065ll": "x", "cell"').encode()),
        (Reason.WRONG_TYPE, b"[]"),
        (Reason.UNKNOWN_FIELD, json.dumps({f"k{i}": 0 for i in range(20_000)}).encode()),
        (Reason.TOO_LARGE, b" " * (256 * 1024) + TEXT.encode()),
    ],
)
def test_what_is_not_a_report_is_refused(rig: Rig, reason: Reason, body: bytes) -> None:
    response = rig.decide(body)
    assert response.status_code == KINDS[reason][0], response.text
    assert response.json()["type"] == TYPE_PREFIX + reason
    assert len(response.content) < 4_000
    assert rig.refusals() == {reason: 1.0}


def test_all_flaws_are_told_up_to_a_limit(rig: Rig) -> None:
    def change(d: dict[str, Any]) -> None:
        del d["node"]
        d["slices"] = [{"snssai": "1", "measurements": {f"m{i}": 1 for i in range(30)}}]

    problem = rig.decide(document(change)).json()
    assert [e["path"] for e in problem["errors"]][:2] == ["node", "slices[0].measurements.m0"]
    assert len(problem["errors"]) == 20
    assert "11 more" in problem["detail"]


def test_reports_are_taken_in_order(rig: Rig) -> None:
    def post(start_ms: int, sequence: int, cell: str = "cell-001") -> int:
        sent = report(sequence, start_ms=start_ms).to_document() | {"cell": cell}
        return rig.decide(sent).status_code

    start = NOW_MS - 500
    assert post(start, 7) == 200
    assert post(start, 7) == 409
    assert post(start, 6) == 409
    assert post(start, 7, "another") == 200
    assert post(start, 8) == 200
    assert post(start - 1, 9) == 409
    # A node that restarted counts from the start again, at a later time.
    assert post(start + 100, 0) == 200
    assert rig.refusals() == {Reason.REPEATED: 3.0}


def test_no_more_cells_than_allowed_and_idle_ones_give_way(serving: ServingPolicy) -> None:
    with Rig(serving, {"max_cells": 2, "cell_idle_ms": 10_000}) as rig:

        def post(cell: str) -> int:
            sent = report(start_ms=rig.time.ms).to_document() | {"cell": cell}
            return rig.decide(sent).status_code

        assert [post("a"), post("b"), post("c")] == [200, 200, 503]
        rig.time.ms += 9_999
        assert [post("b"), post("c")] == [200, 503]
        rig.time.ms += 1
        assert [post("c"), post("a")] == [200, 503]
        assert {c.key[1] for c in rig.runtime.cells.all()} == {"b", "c"}
        assert rig.runtime.cells.forgotten == 1
        assert rig.refusals() == {Reason.CELLS_FULL: 3.0}


def test_an_unexpected_failure_is_a_problem_and_the_service_goes_on(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(rig.runtime.decider, "make", lambda *args: 1 / 0)
        response = rig.decide(document())
    assert response.status_code == 500
    assert response.json()["type"] == TYPE_PREFIX + Reason.INTERNAL
    assert rig.refusals() == {Reason.INTERNAL: 1.0}
    assert rig.decide(document()).status_code == 200


def test_every_intent_may_be_reported_in_any_order(rig: Rig) -> None:
    several = [i.snssai for i in INTENTS][::-1][:16]
    assert Snssai(4) in several
    answer = rig.decide(report(snssais=several).to_document()).json()
    assert [s["snssai"] for s in answer["allocation"]["slices"]] == [str(s) for s in several]
    assert rig.send("POST", "/decide", TEXT, JSON).status_code == 409
