"""The effect check: bounds by hand, and the trust that follows from verdicts."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oran.report import CellReport, SliceReport
from tests.xapp_e2.node import SNSSAIS
from xapp.e2.effect import EffectCheck, History, Trust, Verdict

PRBS = 100.0
"""So that shares and PRBs are the same numbers."""


def report(at_s: float, *slices: tuple[float, float], sent: float = 800.0) -> CellReport:
    """Used PRBs and octets waiting of each slice; `sent` kbit by each that used any."""
    made = tuple(
        SliceReport.of(
            snssai,
            {
                "RRU.PrbUsedDl": used,
                "DRB.BufferSize.Qos": waiting,
                "DRB.RlcSduTransmittedVolumeDL": sent if used else 0.0,
                "RRC.ConnMean": 1.0,
            },
        )
        for snssai, (used, waiting) in zip(SNSSAIS, slices, strict=False)
    )
    values = CellReport.cell_values({"RRU.PrbAvailDl": PRBS})
    start = round(at_s * 1000) - 100
    return CellReport("n", "c", 0, start, 100, values, made)


def ratios(*slices: tuple[int, int, int]) -> bytes:
    return bytes(number for s in slices for number in s)


def check(*slices: tuple[int, int, int], tolerance: float = 0.05) -> EffectCheck:
    """A check whose only control was acknowledged long ago."""
    made = EffectCheck(tolerance)
    made.history.sent(ratios(*slices))
    made.history.acknowledged(0.0)
    return made


# 800 kbit over 10 PRBs: 10,000 octets a PRB. With 40 guaranteed, 30 are missing: 300,000 octets.
@pytest.mark.parametrize(
    ("used", "waited", "verdict"),
    [
        (10.0, 300_000.0, Verdict.INEFFECTIVE),
        (10.0, 299_999.0, Verdict.UNDETERMINED),
        (10.0, 0.0, Verdict.UNDETERMINED),
        (34.9, 1e9, Verdict.INEFFECTIVE),
        (35.0, 1e9, Verdict.EFFECTIVE),
        (60.0, 1.0, Verdict.EFFECTIVE),
        (60.0, 0.0, Verdict.UNDETERMINED),
        # 100,000 octets were sent: with less waiting before, the slice may have run out of data.
        (30.0, 99_999.0, Verdict.UNDETERMINED),
        (30.0, 100_000.0, Verdict.INEFFECTIVE),
    ],
)
def test_a_slice_whose_data_waited_gets_its_guarantee(
    used: float, waited: float, verdict: Verdict
) -> None:
    made = check((40, 100, 0), (0, 100, 0))
    made.judge(report(10.0, (0.0, waited), (0.0, 0.0)), 10.0)
    assert made.judge(report(10.1, (used, 1.0), (0.0, 0.0)), 10.1) is verdict
    if verdict is Verdict.INEFFECTIVE:
        assert made.judge(report(10.2, (used, 0.0), (0.0, 0.0)), 10.2) is not verdict


@pytest.mark.parametrize(
    ("used", "other_waited", "other_waits", "verdict"),
    [
        (60.0, 200_000.0, 1.0, Verdict.EFFECTIVE),
        (60.0, 100_000.0, 1.0, Verdict.UNDETERMINED),  # the other one may have run out of data
        (60.0, 200_000.0, 0.0, Verdict.UNDETERMINED),
        (55.0, 200_000.0, 1.0, Verdict.UNDETERMINED),  # an equal share gives that as well
        (76.0, 200_000.0, 1.0, Verdict.UNDETERMINED),  # more than its guarantee: free PRBs
    ],
)
def test_a_slice_that_is_favoured_while_another_waits_bears_its_guarantee_out(
    used: float, other_waited: float, other_waits: float, verdict: Verdict
) -> None:
    made = check((70, 100, 0), (0, 100, 0))
    made.judge(report(10.0, (0.0, 0.0), (0.0, other_waited)), 10.0)
    assert made.judge(report(10.1, (used, 0.0), (24.0, other_waits)), 10.1) is verdict


@pytest.mark.parametrize("ratio", [(40, 100, 0), (0, 100, 40), (30, 100, 40)])
def test_the_guarantee_is_the_larger_of_minimum_and_dedicated(ratio: tuple[int, int, int]) -> None:
    made = check(ratio)
    made.judge(report(10.0, (0.0, 1e9)), 10.0)
    assert made.judge(report(10.1, (10.0, 1e9)), 10.1) is Verdict.INEFFECTIVE
    assert "40 are its guarantee" in made.reason


@pytest.mark.parametrize(
    ("used", "waiting", "verdict"),
    [
        (35.1, 0.0, Verdict.INEFFECTIVE),
        (35.0, 0.0, Verdict.UNDETERMINED),
        (30.0, 1.0, Verdict.EFFECTIVE),
        (24.0, 1.0, Verdict.UNDETERMINED),
    ],
)
def test_a_slice_stays_below_its_maximum(used: float, waiting: float, verdict: Verdict) -> None:
    made = check((0, 30, 0))
    assert made.judge(report(10.0, (used, waiting)), 10.0) is verdict


def test_a_slice_without_any_prb_is_starved_if_nothing_of_its_data_went_away() -> None:
    made = check((40, 100, 0))
    made.judge(report(10.0, (0.0, 5_000.0)), 10.0)
    assert made.judge(report(10.1, (0.0, 4_999.0)), 10.1) is Verdict.UNDETERMINED
    assert made.judge(report(10.2, (0.0, 4_999.0)), 10.2) is Verdict.INEFFECTIVE


def test_before_the_first_acknowledgement_nothing_is_known() -> None:
    made = EffectCheck(0.05)
    assert made.judge(report(10.0, (90.0, 0.0)), 10.0) is Verdict.UNDETERMINED
    made.history.sent(ratios((0, 30, 0)))
    assert made.judge(report(10.1, (90.0, 0.0)), 10.1) is Verdict.UNDETERMINED
    made.history.acknowledged(10.15)
    assert made.judge(report(10.2, (90.0, 0.0)), 10.2) is Verdict.UNDETERMINED
    assert made.judge(report(10.4, (90.0, 0.0)), 10.4) is Verdict.INEFFECTIVE


def test_while_a_control_is_under_way_either_may_be_in_force() -> None:
    made = check((0, 60, 0))
    made.history.sent(ratios((0, 30, 0)))
    assert made.judge(report(10.0, (58.0, 9.0)), 10.0) is Verdict.EFFECTIVE
    made.history.acknowledged(10.05)
    assert made.judge(report(10.1, (58.0, 9.0)), 10.1) is not Verdict.INEFFECTIVE
    assert made.judge(report(10.4, (58.0, 9.0)), 10.4) is Verdict.INEFFECTIVE


def test_a_gap_between_reports_hides_what_waited() -> None:
    made = check((40, 100, 0))
    made.judge(report(10.0, (0.0, 1e9)), 10.0)
    assert made.judge(report(10.3, (10.0, 0.0)), 10.3) is Verdict.UNDETERMINED


def test_what_was_not_measured_breaks_no_bound() -> None:
    made = check((40, 50, 0))
    assert made.judge(report(10.0, (math.nan, math.nan)), 10.0) is Verdict.UNDETERMINED
    assert made.judge(report(10.1, (math.nan, 1e9)), 10.1) is Verdict.UNDETERMINED


@given(
    st.lists(
        st.tuples(st.sampled_from(["sent", "acknowledged", "forget", "look"]), st.integers(0, 100)),
        max_size=200,
    )
)
def test_bounds_hold_everything_that_may_be_in_force(steps: list[tuple[str, int]]) -> None:
    """Against a record of everything that ever happened."""
    history, now = History(), 0.0
    events: list[tuple[float, str, int]] = []
    for what, number in steps:
        now += 0.07
        if what == "sent":
            history.sent(bytes((number, 100, 0)))
        elif what == "acknowledged":
            if not any(e[1] == "sent" for e in events):
                continue
            history.acknowledged(now)
        elif what == "forget":
            history.forget()
            events = []
        events.append((now, what, number))
        since = now - 0.2
        found = history.bounds(since)
        acks = [i for i, e in enumerate(events) if e[1] == "acknowledged" and e[0] < since]
        if found is None or not acks:
            assert found is None
            continue
        # What the last acknowledgement before was about, and everything sent since.
        sent = [i for i, e in enumerate(events) if e[1] == "sent"]
        first = max(i for i in sent if i < acks[-1])
        candidates = [events[i][2] for i in sent if i >= first]
        assert found == [(min(candidates), 100)]


def test_strikes_in_a_row_end_the_trust_and_the_pause_doubles() -> None:
    trust = Trust(3, 10.0)
    now = 0.0
    for pause in (10.0, 20.0, 40.0, 80.0, 160.0, 160.0):
        assert [trust.take(Verdict.INEFFECTIVE, now) for _ in range(3)] == [False, False, True]
        assert not trust.granted(now)
        assert not trust.granted(now + pause - 0.1)
        now += pause
        assert trust.granted(now)
    assert trust.lost == 6


def test_an_effective_report_forgives_and_an_undetermined_one_does_nothing() -> None:
    trust = Trust(2, 10.0)
    trust.take(Verdict.INEFFECTIVE, 0.0)
    trust.take(Verdict.UNDETERMINED, 0.0)
    trust.take(Verdict.EFFECTIVE, 0.0)
    assert not trust.take(Verdict.INEFFECTIVE, 0.0)
    assert trust.take(Verdict.INEFFECTIVE, 0.0)
    assert trust.until == 10.0
