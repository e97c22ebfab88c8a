"""The fast path and the documented route accept, refuse and answer alike."""

import json
import math
import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oran.measurements import CELL_MEASUREMENTS, SLICE_MEASUREMENTS
from oran.report import CellReport, Health, SliceReport, State
from tests.strategies import values
from tests.xapp.rig import INTENTS, NOW_MS, Rig
from xapp.api import schema, wire
from xapp.service.refusal import Refusal
from xapp.service.serving_policy import ServingPolicy

INFINITE = "<1e999>"  # becomes a number that JSON can write and float64 cannot hold
LONG = "<long>"  # becomes an integer of more digits than Python reads

ODD = st.sampled_from([
    None, True, False, -1, 0, 1, 5.0, 0.5, -0.0, 2**32 - 1, 2**32, 2**53, 2**64, 10**30, LONG,
    1e308, -1e308, INFINITE, "", "ok", "degraded", "x" * 64, "x" * 65, "1-000001", "01-000001",
    "1", "256", "1-00001", "ü" * 64, "\U0001f4f6" * 64, "\U0001f4f6" * 65, "\ud800", 'a"b', "\\",
    [], [1], {}, {"a": 1}, {f"k{i}": 0 for i in range(70)},
]).map(deepcopy)  # fmt: skip  # what is put into a document may be changed there


@st.composite
def cell_reports(draw: st.DrawFn) -> CellReport:
    """A valid report of a few cells, about now."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    missing = draw(st.sampled_from([0.0, 0.3, 1.0]))
    chosen = draw(st.lists(st.sampled_from(INTENTS), min_size=1, max_size=16, unique=True))
    states: tuple[State, ...] = ("ok", "degraded", "failed")
    state = st.sampled_from(states)
    return CellReport(
        draw(st.sampled_from(["gnb-1", "gnb-2", 'g"n\\b', "grün"])),
        draw(st.sampled_from(["a", "b"])),
        draw(st.integers(0, 2**32 - 1)),
        NOW_MS + draw(st.sampled_from([-70_000, -2_000, -100, 0, 900, 1_500])),
        draw(st.sampled_from([1, 100, 60_000])),
        values(CELL_MEASUREMENTS, rng, missing),
        tuple(SliceReport(i.snssai, values(SLICE_MEASUREMENTS, rng, missing)) for i in chosen),
        Health(draw(state), draw(state)),
    )


@st.composite
def documents(draw: st.DrawFn) -> Any:
    """The document of a report, with up to three things changed that may make it invalid."""
    document: Any = draw(cell_reports()).to_document()
    for _ in range(draw(st.integers(0, 3))):
        places = list(_places(document))
        if not places:
            break
        holder, key = draw(st.sampled_from(places))
        match draw(st.sampled_from(["replace", "delete", "add"])):
            case "replace":
                holder[key] = draw(ODD)
            case "delete":
                del holder[key]
            case "add" if isinstance(holder, dict):
                holder[draw(st.sampled_from(["x", "node", "DRB.UEThpDl", "a.b", "ä"]))] = draw(ODD)
            case _:
                holder.append(draw(ODD) if draw(st.booleans()) else holder[0])
    return document


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every holder and key (or index) in a document."""
    if isinstance(value, dict):
        for key in value:
            yield value, key
            yield from _places(value[key])
    elif isinstance(value, list):
        for i in range(len(value)):
            yield value, i
            yield from _places(value[i])


def body_of(document: Any) -> bytes:
    text = json.dumps(document).replace(f'"{INFINITE}"', "1e999")
    return text.replace(f'"{LONG}"', "-" + "9" * 5000).encode()


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """A document as bytes; sometimes cut, with a byte changed, or with a name put in twice."""
    body = body_of(draw(documents()))
    at = draw(st.integers(0, max(len(body) - 1, 0)))
    match draw(st.sampled_from(["whole"] * 5 + ["cut", "change", "twice", "space", "utf-16"])):
        case "cut":
            return body[:at]
        case "change":
            return body[:at] + bytes([draw(st.integers(0, 255))]) + body[at + 1 :]
        case "twice":
            name = draw(st.sampled_from([b'"node"', b'"snssai"', b'"DRB.UEThpDl"', b'"gnb"']))
            return body.replace(name, name + b":1," + name, 1)
        case "space":
            return b" \n" + body.replace(b",", b" ,\t") + b"\r "
        case "utf-16":
            return body.decode().encode("utf-16")
    return body


def _same(a: CellReport, b: CellReport) -> bool:
    # NaN is not equal to itself, and integers may be floats: compare what is printed.
    def plain(r: CellReport) -> Any:
        floats = [[float(v) for v in vs] for vs in (r.values, *(s.values for s in r.slices))]
        names = [s.snssai for s in r.slices]
        return repr((r.node, r.cell, r.sequence, r.start_ms, r.period_ms, names, floats, r.health))

    return bool(plain(a) == plain(b))


@settings(max_examples=400, deadline=None)
@given(bodies())
def test_both_decoders_agree(body: bytes) -> None:
    refusal, found = schema.explain(body), _decoded(body)
    if refusal is None:
        assert isinstance(found, CellReport)
        document = schema.ReportDocument.model_validate(json.loads(body))
        assert _same(found, document.to_report())
    elif isinstance(found, Refusal):
        assert (refusal.reason, refusal.detail) == (found.reason, found.detail)
    else:
        assert isinstance(found, (ValueError, RecursionError))
        _check_place(str(found), refusal)


def _decoded(body: bytes) -> CellReport | Exception:
    """What the fast path makes of a body."""
    try:
        return wire.decode(body)
    except (ValueError, RecursionError, Refusal) as error:
        return error


def _check_place(message: str, refusal: Refusal) -> None:
    """The one place that msgspec names is one that pydantic names, or above or below one."""
    found = re.search(r" - at `\$\.?(.*)`$", message)
    if not refusal.flaws or len(refusal.flaws) == Refusal.MAX_FLAWS or "unknown field" in message:
        return
    place = found[1] if found else ""
    paths = [re.sub(r'\["([^"]*)"\]', r".\1", flaw.path) for flaw in refusal.flaws]
    near = (path.startswith(place) or place.startswith(path) for path in paths)
    assert any(near), (message, paths)


@given(cell_reports())
@settings(deadline=None)
def test_a_report_survives_the_wire(report: CellReport) -> None:
    assert _same(wire.decode(msgspec.json.encode(report.to_document())), report)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(bodies(), min_size=1, max_size=4))
def test_both_doors_answer_alike(serving: ServingPolicy, sent: list[bytes]) -> None:
    with Rig(serving) as ours, Rig(serving) as plain:
        for body in sent:
            fast, slow = ours.decide(body), plain.decide(body, app=plain.inner)
            assert fast.status_code == slow.status_code, (fast.text, slow.text)
            assert fast.headers == slow.headers
            assert fast.json() == slow.json()
        assert len(ours.runtime.cells) == len(plain.runtime.cells)


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"content-type": "text/plain"}, b"{}"),
        ({}, b"{}"),
        ({"content-type": "application/json", "content-encoding": "gzip"}, b"{}"),
        ({"content-type": "application/json"}, b" " * (256 * 1024 + 1)),
        ({"content-type": "Application/JSON; charset=utf-8"}, b""),
    ],
)
def test_both_doors_take_in_alike(rig: Rig, headers: dict[str, str], body: bytes) -> None:
    fast = rig.send("POST", "/decide", body, headers)
    slow = rig.send("POST", "/decide", body, headers, app=rig.inner)
    assert (fast.status_code, fast.json()) == (slow.status_code, slow.json())
    assert fast.is_client_error


def test_the_wire_types_have_a_field_for_each_measurement() -> None:
    full = {m.name: 1 for m in SLICE_MEASUREMENTS}
    made = msgspec.convert(full, wire.SliceMeasurements)
    assert msgspec.structs.astuple(made) == (1,) * len(SLICE_MEASUREMENTS)
    absent = msgspec.structs.astuple(wire.CellMeasurements())
    assert len(absent) == len(CELL_MEASUREMENTS)
    assert all(math.isnan(v) for v in absent)
