"""State of cells: what is in force, across order, sets of slices, restarts and other cells."""

from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oran.allocation import Allocation
from oran.intent import Intent
from oran.measurements import CELL_MEASUREMENTS, SLICE_MEASUREMENTS
from oran.report import CellReport, Health, SliceReport
from tests.strategies import values
from tests.xapp.rig import INTENTS, NOW_MS, Rig, options, report
from xapp.api.views import slices_view
from xapp.decision.heuristics import RuleParameters
from xapp.decision.pipeline import Pipeline, Rows, reservation
from xapp.decision.targets import Targets
from xapp.service.serving_policy import ServingPolicy
from xapp.store.record import Record

INTENT_OF = {i.snssai: i for i in INTENTS}


@st.composite
def reports_of_cells(draw: st.DrawFn) -> list[CellReport]:
    """Reports of two cells in order, with sets of slices that often stay, in changing order."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    sets = draw(st.lists(_intent_lists, min_size=1, max_size=2))
    found = []
    for n in range(draw(st.integers(1, 8))):
        chosen = draw(st.permutations(draw(st.sampled_from(sets))))
        found.append(
            CellReport(
                "gnb",
                draw(st.sampled_from(["a", "b"])),
                n,
                NOW_MS,
                100,
                values(CELL_MEASUREMENTS, rng, 0.1),
                tuple(SliceReport(i.snssai, values(SLICE_MEASUREMENTS, rng, 0.1)) for i in chosen),
                Health(gnb=draw(st.sampled_from(_GNB))),
            )
        )
    return found


_intent_lists: st.SearchStrategy[list[Intent]] = st.lists(
    st.sampled_from(INTENTS), min_size=1, max_size=5, unique=True
)
_GNB: Any = ["ok", "ok", "degraded", "failed"]


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(reports_of_cells())
def test_decisions_are_those_of_the_core_on_the_allocation_in_force(
    serving: ServingPolicy, sent: list[CellReport]
) -> None:
    """Against a model: a dictionary by cell and slice, and the decision core itself."""
    core = Pipeline(serving.policy, options().limits, RuleParameters())
    in_force: dict[str, Allocation] = {}
    with Rig(serving) as rig:
        for r in sent:
            answer = rig.decide(r.to_document()).json()
            expected = _expected(core, r, in_force.get(r.cell))
            in_force[r.cell] = expected
            assert answer["allocation"] == expected.to_document()


def _expected(core: Pipeline, r: CellReport, last: Allocation | None) -> Allocation:
    names = [s.snssai for s in r.slices]
    previous = reservation(len(names))
    if last is not None:
        rows = dict(zip([s.snssai for s in last.slices], Rows.of(last).slices, strict=True))
        if rows.keys() == set(names):
            previous = Rows([rows[n] for n in names], last.tx_power_offset_db)
    outcome = core.decide(r, Targets.of([INTENT_OF[n] for n in names]), previous)
    return outcome.allocation.allocation(names)


def test_a_rate_limit_holds_from_one_report_to_the_next(rig: Rig) -> None:
    shares = []
    for n in range(6):
        r = report(n).to_document()
        r["slices"][n % 3]["measurements"]["DRB.BufferSize.Qos"] = 100_000_000
        answer = rig.decide(r).json()
        shares.append([s["min_prb_ratio"] for s in answer["allocation"]["slices"]])
    moves = np.abs(np.diff(np.array(shares), axis=0))
    assert 0 < moves.max() <= options().limits.max_share_step


def test_a_failed_node_gets_the_reservation_and_recovers(rig: Rig) -> None:
    bad = report(1).to_document() | {"health": {"gnb": "failed", "backhaul": "ok"}}
    answer = rig.decide(bad).json()
    assert (answer["rung"], answer["fallback"]) == ("static", "node_failed")
    assert rig.decide(report(2).to_document()).json()["rung"] == "policy"
    count = rig.runtime.registry.get_sample_value
    assert count("slicepilot_fallbacks_total", {"reason": "node_failed"}) == 1.0
    assert count("slicepilot_decisions_total", {"rung": "static"}) == 1.0


def test_a_policy_that_fails_hands_over_to_the_rule(serving: ServingPolicy) -> None:
    with Rig(serving) as rig:
        policy = rig.serving.policy
        real, policy._run = policy._run, lambda binding: 1 / 0  # type: ignore[attr-defined]
        try:
            answer = rig.decide(report(1).to_document()).json()
        finally:
            policy._run = real  # type: ignore[attr-defined]
        assert (answer["rung"], answer["fallback"]) == ("rule", "policy_failed")
        assert rig.decide(report(2).to_document()).json()["rung"] == "policy"


def test_a_record_brings_a_cell_back(rig: Rig, serving: ServingPolicy) -> None:
    rig.decide(report(1).to_document())
    cell = rig.runtime.cells.all()[0]
    with Rig(serving) as other:
        record, allocation = Record.from_bytes(Record.of(cell).to_bytes())
        decider = other.runtime.decider
        last = record.start_ms, record.sequence
        assert decider.restore(record.key, allocation, last, record.seen_ms)
        assert not decider.restore(record.key, allocation, last, record.seen_ms)
        restored = other.runtime.cells.all()[0]
        assert Record.of(restored) == Record.of(cell)
        view = slices_view(other.runtime, None).cells[0]  # type: ignore[arg-type]
        assert (view.rung, view.report_age_ms, view.slices[0].delay_ms) == (None, None, None)
        assert other.decide(report(1).to_document()).status_code == 409
        both = [r.decide(report(2).to_document()).json() for r in (rig, other)]
        assert both[0]["allocation"] == both[1]["allocation"]
