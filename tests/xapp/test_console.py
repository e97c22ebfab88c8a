"""The console: quantiles, rates between frames, and what is drawn."""

import math

import msgspec
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from tests.xapp.rig import Rig, report
from xapp.api.documents import SlicesView
from xapp.console.frame import Frame, Rates
from xapp.console.quantile import quantile
from xapp.console.view import line, live
from xapp.service.metrics import LATENCY_BUCKETS

BOUNDS = (*LATENCY_BUCKETS, math.inf)


@given(st.lists(st.floats(1e-6, 0.09), min_size=1, max_size=200), st.sampled_from([0.5, 0.99]))
def test_a_quantile_lies_in_the_bucket_of_the_true_one(times: list[float], q: float) -> None:
    counts = [sum(t <= bound for t in times) for bound in BOUNDS]
    true = float(np.quantile(times, q, method="inverted_cdf"))
    bucket = next(i for i, bound in enumerate(BOUNDS) if true <= bound)
    low = BOUNDS[bucket - 1] if bucket else 0.0
    assert low <= quantile(q, BOUNDS, counts) <= BOUNDS[bucket]


def test_quantiles_at_the_edges() -> None:
    assert math.isnan(quantile(0.5, (1.0, math.inf), (0.0, 0.0)))
    assert math.isnan(quantile(0.5, (), ()))
    assert quantile(0.5, (1.0, math.inf), (4.0, 4.0)) == 0.5
    assert quantile(0.9, (1.0, math.inf), (1.0, 10.0)) == 1.0


def frame(rig: Rig, at_s: float, decisions: dict[str, float], refusals: float = 0.0) -> Frame:
    view = msgspec.json.decode(rig.send("GET", "/v1/slices").content, type=SlicesView)
    total = sum(decisions.values())
    counts = tuple(total if bound >= 2e-4 else 0.0 for bound in BOUNDS)
    return Frame(at_s, view, decisions, refusals, BOUNDS, counts)


def test_rates_are_of_the_time_between(rig: Rig) -> None:
    old = frame(rig, 10.0, {"policy": 100.0, "rule": 5.0}, 1.0)
    new = frame(rig, 12.0, {"policy": 140.0, "rule": 5.0}, 2.0)
    rates = Rates.between(old, new)
    assert (rates.decisions_per_s, rates.refusals_per_s, rates.rungs) == (20.0, 0.5, {"policy": 40})
    assert 175e-6 < rates.p50_s < rates.p99_s <= 200e-6
    # An xApp that restarted counts from zero.
    again = Rates.between(new, frame(rig, 13.0, {"policy": 3.0}))
    assert (again.decisions_per_s, again.refusals_per_s) == (3.0, 0.0)
    idle = Rates.between(new, new)
    assert math.isnan(idle.decisions_per_s)
    assert math.isnan(idle.p50_s)


def drawn(rig: Rig, rows: int = 20) -> str:
    now = frame(rig, 1.0, {"policy": 2.0})
    console = Console(width=140, height=30, force_terminal=False)
    with console.capture() as capture:
        console.print(live("http://x", now, Rates.between(now, now), rows))
    return capture.get()


def test_what_is_drawn(rig: Rig) -> None:
    assert "no cell has reported yet" in drawn(rig)
    sent = report().to_document()
    sent["slices"][1]["measurements"]["DRB.RlcSduDelayDl"] = 100.0
    sent["slices"][2]["measurements"] = {}
    rig.decide(sent)
    text = drawn(rig)
    rows = {r.split("│")[2].strip(): r for r in text.splitlines() if r.count("│") > 5}
    assert rows.keys() == {"1-000001 eMBB", "2-000001 URLLC", "3-000001 mMTC"}
    urllc = [c.strip() for c in rows["2-000001 URLLC"].split("│")]
    assert urllc[3:7] == ["5.20", "10.0", "0.01", "21.5"]
    assert (urllc[8], urllc[9]) == ("50 %", "policy")
    assert [c.strip() for c in rows["3-000001 mMTC"].split("│")][3:7] == ["-"] * 4
    assert "embedded://" in text
    assert "and 2 more slices" in drawn(rig, rows=1)


def test_a_line_holds_no_control_characters(rig: Rig) -> None:
    rig.decide(report().to_document() | {"node": "a\x1b[2J\nb"})
    assert "\x1b" not in drawn(rig)
    now = frame(rig, 1.0, {"policy": 2.0})
    text = line(now, Rates.between(now, now))
    assert text.isprintable()
    assert "2-000001: 5.20 Mbit/s 4.20 ms 21.5 PRB" in text
    assert text.count("|") == 8
