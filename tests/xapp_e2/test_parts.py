"""The pure parts: columns, stamps, sequence numbers, watchdog, channel and encoding."""

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oran.allocation import Allocation, SliceAllocation
from oran.e2 import e2ap, kpm, rc, spc
from oran.e2.actuation import quota_cell, quota_control, with_quotas, with_spc
from oran.intent import Intent
from oran.report import CellReport
from oran.snssai import Snssai
from tests import strategies
from tests.xapp.rig import NOW_MS
from tests.xapp_e2.node import EVERYTHING, PLMN, cgi, values_of
from xapp.decision.pipeline import Rows
from xapp.e2.backlog import MOST_IN_A_ROW, Backlog
from xapp.e2.channel import MAX_FAILURES, Channel, Offered
from xapp.e2.columns import Names, asked_for, columns_of
from xapp.e2.encoding import QuotaMessages, SpcMessages, ratios_of, rest_of
from xapp.e2.reading import Reading, Sequence32
from xapp.e2.stamp import start_ms
from xapp.e2.watchdog import FIRST_REPORT_S, LAST_PAUSE_S, Life, Step, Watchdog
from xapp.service.refusal import Reason, Refusal

OFFERED = tuple(kpm.OfferedMeasurement(n, i + 1) for i, n in enumerate(EVERYTHING))


def same(a: CellReport, b: CellReport) -> bool:
    """Equal, NaN included."""
    return repr(_floats(a)) == repr(_floats(b))


def _floats(report: CellReport) -> CellReport:
    def floats(values: Sequence[float]) -> tuple[float, ...]:
        return tuple(float(v) + 0.0 for v in values)

    slices = tuple(replace(s, values=floats(s.values)) for s in report.slices)
    return replace(report, values=floats(report.values), slices=slices)


@given(strategies.reports(), st.booleans(), st.booleans(), st.randoms())
def test_a_report_survives_the_wire(
    made: tuple[CellReport, tuple[Intent, ...]], named: bool, numbered: bool, order: object
) -> None:
    report, _ = made
    snssais = [s.snssai for s in report.slices]
    names = Names(OFFERED)
    asked = list(asked_for(names, snssais))
    order.shuffle(asked)  # type: ignore[attr-defined]
    columns = columns_of(asked, names, snssais)
    reading = Reading(report.node, report.cell, names, columns, report.period_ms)
    carried = tuple(
        replace(m, type=EVERYTHING.index(str(m.type)) + 1) if numbered else m for m in asked
    )
    message = kpm.IndicationFormat1(
        (kpm.Record(values_of(report, asked)),),
        carried if named else None,
        report.period_ms if named else None,
    )
    # NTP era 0 ends in 2036.
    report = replace(report, start_ms=report.start_ms % 2_085_978_496_000)
    indication = e2ap.RicIndication(
        e2ap.RicRequestId(1, 1), 2, 1, e2ap.IndicationType.REPORT,
        kpm.INDICATION_HEADER.encode(kpm.IndicationHeader(kpm.timestamp_v3(report.start_ms))),
        kpm.INDICATION_MESSAGE.encode(message),
        report.sequence % 65_536,
    )  # fmt: skip
    for _ in range(2):  # the second time from what was learned
        found = Reading.report(reading, indication, report.start_ms)
        assert same(found, replace(report, sequence=0))
    assert not reading.unknown


def test_columns_that_are_no_measurement_of_the_report_are_listed() -> None:
    names = Names(OFFERED)
    strange = (
        kpm.Measurement("Vendor.Secret", (kpm.NO_LABEL,)),
        kpm.Measurement("RRU.PrbTotDl", (kpm.MeasurementLabel(slice=Snssai(1, 1)),)),
        kpm.Measurement("RRU.PrbUsedDl", (kpm.NO_LABEL,)),
        kpm.Measurement("RRU.PrbUsedDl", (kpm.MeasurementLabel(slice=Snssai(7)),)),
        kpm.Measurement("RRU.PrbUsedDl", (kpm.MeasurementLabel(slice=Snssai(1, 1), five_qi=9),)),
        kpm.Measurement(999, (kpm.NO_LABEL,)),
        kpm.Measurement("RRU.PrbUsedDl", (kpm.MeasurementLabel(slice=Snssai(1, 1)),) * 2),
    )
    columns = columns_of(strange, names, [Snssai(1, 1)])
    assert columns.count == 8
    assert len(columns.unknown) == 7
    columns.check([math.inf] * 6 + [3, math.nan])
    with pytest.raises(Refusal) as refused:
        columns.check([1] * 6 + [276, 1])
    assert refused.value.reason is Reason.OUT_OF_RANGE
    with pytest.raises(Refusal) as refused:
        columns.check([1] * 6 + [math.inf, 1])
    assert refused.value.reason is Reason.NOT_FINITE
    with pytest.raises(Refusal, match="7 values for 8 columns"):
        columns.check([1] * 7)


@given(st.integers(0, 2_085_978_495_000), st.integers(-86_400_000, 86_400_000))
def test_every_way_to_write_the_time_is_read(at_ms: int, skew: int) -> None:
    now = at_ms + skew
    micros = at_ms * 1000
    swapped = ((micros & 0xFFFF_FFFF) << 32 | micros >> 32).to_bytes(8, "big")
    for stamp, unit in (
        (kpm.timestamp_v3(at_ms), 1),
        (swapped, 1),
        (micros.to_bytes(8, "big"), 1),
        (kpm.timestamp_v2(at_ms), 1000),
        ((at_ms // 1000).to_bytes(4, "big"), 1000),
    ):
        # In the first days of 1970 the readings cannot be told apart, and need not be.
        if at_ms > 10**11:
            assert start_ms(stamp, now) // unit == at_ms // unit


@given(st.integers(0, 65_535), st.lists(st.integers(0, 30_000), max_size=40))
def test_sequence_numbers_go_on_over_their_end(first: int, steps: list[int]) -> None:
    numbers = Sequence32()
    whole = 0
    assert numbers.take(first) == 0
    for step in steps:
        whole += step
        assert numbers.take((first + whole) & 0xFFFF) == whole
    assert numbers.take((first + whole - 1) & 0xFFFF) == max(whole - 1, 0)
    numbers.restart()
    assert numbers.take(17) == whole + 1
    assert numbers.take(None) == whole + 2


def test_a_watchdog_asks_waits_and_renews() -> None:
    dog = Watchdog(2.0)
    assert dog.next(0.0) is Step.SUBSCRIBE
    dog.asked()
    assert dog.next(1e9) is Step.NOTHING, "the procedure has its own timer"
    dog.admitted(10.0)
    assert dog.next(10.0 + FIRST_REPORT_S - 0.01) is Step.NOTHING
    dog.heard(14.0)
    assert dog.next(15.99) is Step.NOTHING
    assert dog.next(16.0) is Step.RENEW
    assert dog.life is Life.ABSENT
    assert dog.next(16.9) is Step.NOTHING
    assert dog.next(17.0) is Step.SUBSCRIBE


def test_pauses_double_until_a_report_comes() -> None:
    dog, now, pauses = Watchdog(2.0), 0.0, []
    for _ in range(9):
        dog.absent(now)
        until = now
        while dog.next(until) is Step.NOTHING:
            until += 0.5
        pauses.append(until - now)
        now = until
    assert pauses == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, LAST_PAUSE_S, LAST_PAUSE_S, LAST_PAUSE_S]
    dog.admitted(now)
    dog.heard(now)
    dog.absent(now)
    assert dog.next(now + 1.0) is Step.SUBSCRIBE


@pytest.mark.parametrize("step_ms", [2_000, 600_000])
def test_a_clock_that_is_set_back_is_followed_after_a_few_reports(step_ms: int) -> None:
    backlog = Backlog(100)
    assert not any(backlog.passes_over(s, s + 130) for s in range(0, 5_000, 100))
    set_back = range(5_000, 10_000, 100)
    found = [backlog.passes_over(s - step_ms, s + 130) for s in set_back]
    assert found == [True] * MOST_IN_A_ROW + [False] * (len(set_back) - MOST_IN_A_ROW)
    assert backlog.steps == 1
    # Reports that wait are found as before.
    assert backlog.passes_over(10_000 - step_ms, 10_000 + 130 + 210)


@pytest.mark.parametrize("pace_ms", [1, 10, 60])
def test_a_stall_is_no_clock_that_was_set(pace_ms: int) -> None:
    """Reports that waited come faster than they were made, until they are fresh again."""
    backlog = Backlog(100)
    assert not any(backlog.passes_over(s, s + 130) for s in range(0, 5_000, 100))
    now, passed = 8_000, 0
    for start in range(5_000, 20_000, 100):
        now = max(now + pace_ms, start + 130)
        passed += backlog.passes_over(start, now)
    assert backlog.steps == 0
    assert passed > 10


@given(st.lists(st.sampled_from(["a", "b", "c", "ack", "fail", "forget"]), max_size=60))
def test_a_channel_has_one_control_under_way_and_ends_with_the_newest(steps: list[str]) -> None:
    ended: list[Offered] = []
    channel, sent, newest = Channel(0, 0.0, ended.append), [], None
    offered = 0
    for now, step in enumerate(steps):
        if step in ("ack", "fail"):
            if channel.under_way is None:
                continue
            done = channel.acknowledged if step == "ack" else channel.failed
            following = done(float(now))
            if following is not None:
                sent.append(following)
                assert channel.under_way == following
        elif step == "forget":
            channel.forget()
            newest = None
        else:
            newest = step.encode()
            offered += 1
            if channel.offer(newest, float(now)):
                sent.append(newest)
            assert channel.under_way is not None or channel.in_force == newest
        assert len(sent) + len(ended) <= offered <= len(sent) + len(ended) + 1
    while channel.under_way is not None:
        last = channel.acknowledged(1e9)
        if last is not None:
            sent.append(last)
    assert len(sent) + len(ended) == offered, "each control is sent, or counted with its reason"
    if newest is not None and sent and "fail" not in steps:
        assert channel.in_force == newest
        assert sent[-1] == newest


def test_reports_that_waited_are_passed_over_but_not_for_ever() -> None:
    backlog = Backlog(100)
    starts = range(0, 100_000, 100)
    # The clocks differ by 40 s, which is nobody's lateness.
    assert not any(backlog.passes_over(s, s + 40_130 + s // 100 % 7) for s in starts[:50])
    assert not backlog.passes_over(starts[50], starts[50] + 40_330)
    found = [backlog.passes_over(s, s + 40_400) for s in starts[51:75]]
    assert found == [*([True] * MOST_IN_A_ROW), False] * 3
    assert not backlog.passes_over(starts[75], starts[75] + 40_130)


def test_a_clock_that_was_set_is_followed() -> None:
    backlog = Backlog(100)
    backlog.passes_over(0, 130)
    found = [backlog.passes_over(s * 100, s * 100 + 830) for s in range(1, 800)]
    assert found[0]
    assert not any(found[510:])
    assert not backlog.passes_over(90_000, 90_010)


def test_a_channel_that_fails_too_often_is_held() -> None:
    ended: list[Offered] = []
    channel = Channel(0, 10.0, ended.append)
    for now in range(MAX_FAILURES):
        assert channel.offer(b"x", float(now))
        assert channel.failed(float(now)) is None
    assert not channel.offer(b"x", 11.9)
    assert ended == [Offered.HELD]
    assert channel.offer(b"x", 12.0)


_shares = st.tuples(st.integers(0, 100), st.integers(0, 100), st.integers(0, 100)).map(sorted)


@given(st.lists(strategies.snssais, min_size=1, max_size=16, unique=True), st.booleans(), st.data())
def test_controls_carry_the_allocation(
    snssais: list[Snssai], by_cell: bool, data: st.DataObject
) -> None:
    cell = cgi(5)
    left = 100
    slices = []
    for snssai in snssais:
        low = data.draw(st.integers(0, left))
        left -= low
        dedicated = data.draw(st.integers(0, low))
        slices.append(
            SliceAllocation(
                snssai, dedicated, low, data.draw(st.integers(low, 100)),
                data.draw(st.integers(0, 6)), data.draw(st.integers(0, 100)),
            )
        )  # fmt: skip
    wanted = Allocation(tuple(slices), data.draw(st.integers(-9, 0)))
    quota = QuotaMessages(snssais, PLMN, cell if by_cell else None)
    octets = quota.message(ratios_of(Rows.of(wanted)))
    message = rc.CONTROL_MESSAGE.decode(octets)
    assert isinstance(message, rc.ControlMessage)
    assert octets == rc.CONTROL_MESSAGE.encode(
        quota_control(wanted, PLMN, cell if by_cell else None)
    )
    assert quota_cell(message) == (cell if by_cell else None)
    rest = SpcMessages(snssais, cell)
    said = spc.CONTROL_MESSAGE.decode(rest.message(rest_of(Rows.of(wanted))))
    assert spc.CONTROL_HEADER.decode(rest.header).cell == cell
    before = Allocation(tuple(SliceAllocation(s, 0, 0, 100) for s in snssais))
    assert with_spc(with_quotas(before, rc.slice_quotas(message)), said) == wanted


def test_the_time_of_tests_is_after_the_era_s_start() -> None:
    assert start_ms(kpm.timestamp_v3(NOW_MS), NOW_MS) == NOW_MS
