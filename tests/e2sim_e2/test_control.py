"""RIC Control: what it changes, what it leaves, and why it is refused."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oran.allocation import Allocation, SliceAllocation
from oran.e2 import e2ap, rc, spc
from oran.e2.actuation import CELL_PARAMETER, quota_control, spc_control
from oran.e2.common.cell import NrCgi
from oran.e2.common.plmn import plmn_octets
from oran.e2.connection import Failed, Succeeded
from oran.e2.e2ap import CauseRicRequest, ControlAckRequest
from oran.e2.per.string import Bits
from oran.e2.rc import Element, Parameter
from oran.snssai import Snssai
from tests.e2sim_e2.rig import IDENTITY, SNSSAIS, FakeTwin, Pair

INVALID = CauseRicRequest.CONTROL_MESSAGE_INVALID
FAILED = CauseRicRequest.CONTROL_FAILED_TO_EXECUTE
UNSUPPORTED = CauseRicRequest.ACTION_NOT_SUPPORTED
CELL = IDENTITY.cgi
PLMN = IDENTITY.plmn
HEADER = rc.quota_header(PLMN)
QUOTA = rc.SliceQuota((rc.SliceMember(PLMN, SNSSAIS[0]),), 40, 90, 10)


def control(
    pair: Pair,
    function_id: int,
    header: bytes,
    message: bytes,
    ack: ControlAckRequest | None = ControlAckRequest.ACK,
    call: bytes | None = None,
) -> e2ap.RicControlRequest:
    return e2ap.RicControlRequest(
        pair.ric.new_request_id(), function_id, header, message, call, ack
    )


def quota(
    pair: Pair, message: rc.ControlMessage, header: rc.ControlHeader = HEADER
) -> e2ap.RicControlRequest:
    return control(pair, 3, rc.CONTROL_HEADER.encode(header), rc.CONTROL_MESSAGE.encode(message))


def cell_control(
    pair: Pair, message: spc.ControlMessage, cell: NrCgi = CELL
) -> e2ap.RicControlRequest:
    header = spc.CONTROL_HEADER.encode(spc.ControlHeader(cell))
    return control(pair, 200, header, spc.CONTROL_MESSAGE.encode(message))


def in_force(pair: Pair) -> Allocation:
    """What the next period is played under."""
    pair.tick()
    assert isinstance(pair.twin, FakeTwin)
    return pair.twin.allocations[-1].one(0, SNSSAIS)


@st.composite
def allocations(draw: st.DrawFn) -> Allocation:
    left, slices = 100, []
    for snssai in SNSSAIS:
        minimum = draw(st.integers(0, left))
        left -= minimum
        slices.append(
            SliceAllocation(
                snssai,
                draw(st.integers(0, minimum)),
                minimum,
                draw(st.integers(minimum, 100)),
                draw(st.integers(0, 6)),
                draw(st.integers(0, 100)),
            )
        )
    return Allocation(tuple(slices), draw(st.integers(-9, 0)))


@settings(deadline=None, max_examples=40)
@given(st.lists(allocations(), min_size=1, max_size=4))
def test_what_the_ric_wants_is_in_force_from_the_next_period_on(wanted: list[Allocation]) -> None:
    """The reference is the allocation itself, not the messages that carry it."""
    pair = Pair()
    before = None
    for allocation in wanted:
        answer = pair.ask(quota(pair, quota_control(allocation, PLMN)))
        assert isinstance(answer, Succeeded), answer
        assert isinstance(answer.response, e2ap.RicControlAcknowledge)
        assert answer.response.outcome == b"\0\0"
        message = spc_control(allocation, before)
        if message is not None:
            answer = pair.ask(cell_control(pair, message))
            assert isinstance(answer, Succeeded), answer
        assert in_force(pair) == allocation
        before = allocation
    assert pair.tally.controls_applied["E2SM-RC"] == len(wanted)
    assert not pair.tally.controls_refused


def test_slices_that_are_not_named_stay_as_they_are() -> None:
    pair = Pair()
    before = in_force(pair)
    quota_33 = rc.SliceQuota((rc.SliceMember(PLMN, SNSSAIS[1]),), 33, 50, 20)
    assert isinstance(pair.ask(quota(pair, rc.quota_message((quota_33,)))), Succeeded)
    after = in_force(pair)
    assert (after.slices[0], after.slices[2]) == (before.slices[0], before.slices[2])
    assert after.slices[1] == SliceAllocation(SNSSAIS[1], 20, 33, 50)


@pytest.mark.parametrize("ids", [rc.STANDARD, rc.COMPACT])
def test_both_numberings_are_taken(ids: rc.Numbering) -> None:
    pair = Pair()
    quota_0 = replace(QUOTA, minimum=30)
    assert isinstance(pair.ask(quota(pair, rc.quota_message((quota_0,), ids))), Succeeded)
    assert in_force(pair).slices[0] == SliceAllocation(SNSSAIS[0], 10, 30, 90)


def named(cell: NrCgi) -> rc.ControlMessage:
    allocation = Allocation((SliceAllocation(SNSSAIS[0], 1, 2, 3),))
    return quota_control(allocation, PLMN, cell)


def test_the_cell_may_be_named() -> None:
    pair = Pair()
    assert isinstance(pair.ask(quota(pair, named(CELL))), Succeeded)
    assert in_force(pair).slices[0] == SliceAllocation(SNSSAIS[0], 1, 2, 3)


ELSEWHERE = NrCgi(PLMN, Bits(7, 36))
OTHER = plmn_octets("50501")


def _quotas(*quotas: rc.SliceQuota) -> rc.ControlMessage:
    return rc.quota_message(quotas)


@pytest.mark.parametrize(
    ("message", "cause", "reason"),
    [
        (rc.ControlMessage(()), INVALID, "needs parameter 1"),
        (rc.ControlMessage((Parameter(1, Element(7)),)), INVALID, "needs a list"),
        (
            rc.ControlMessage((*_quotas(QUOTA).parameters, Parameter(CELL_PARAMETER, Element(1)))),
            INVALID, "needs an element with octets",
        ),
        (
            _quotas(replace(QUOTA, members=(rc.SliceMember(PLMN, Snssai(77)),))),
            FAILED, "77 is no slice of this cell",
        ),
        (
            _quotas(replace(QUOTA, members=(rc.SliceMember(OTHER, SNSSAIS[0]),))),
            FAILED, "is not that of the cell, 00101",
        ),
        (_quotas(replace(QUOTA, members=QUOTA.members * 2)), FAILED, "needs one member"),
        (_quotas(QUOTA, QUOTA), FAILED, "stands before already"),
        (_quotas(replace(QUOTA, minimum=91)), FAILED, "dedicated <= min <= max"),
        (_quotas(replace(QUOTA, dedicated=41)), FAILED, "dedicated <= min <= max"),
        (_quotas(replace(QUOTA, maximum=101)), FAILED, "dedicated <= min <= max"),
        (_quotas(replace(QUOTA, minimum=60)), FAILED, "sum of min_prb_ratio is 126"),
        (named(ELSEWHERE), FAILED, "is no cell of this node"),
    ],
)  # fmt: skip
def test_quotas_that_do_not_fit_are_refused(
    message: rc.ControlMessage, cause: e2ap.Cause, reason: str
) -> None:
    pair = Pair()
    before = in_force(pair)
    refused(pair, quota(pair, message), cause, reason)
    assert in_force(pair) == before


@pytest.mark.parametrize(
    ("message", "cell", "reason"),
    [
        (spc.ControlMessage(-10), CELL, "tx_power_offset_db: -10 is outside"),
        (spc.ControlMessage(sleep_state=spc.SleepState.DEEP), CELL, "the cell has none"),
        (spc.ControlMessage(-1), ELSEWHERE, "is no cell of this node"),
        (spc.ControlMessage(slices=(spc.SliceControl(Snssai(77), 1),)), CELL, "77 is no slice"),
        (spc.ControlMessage(slices=(spc.SliceControl(SNSSAIS[0], 7),)), CELL, "mcs_backoff: 7"),
        (
            spc.ControlMessage(slices=(spc.SliceControl(SNSSAIS[0]),) * 2),
            CELL, "stands before already",
        ),
    ],
)  # fmt: skip
def test_cell_controls_that_do_not_fit_are_refused(
    message: spc.ControlMessage, cell: NrCgi, reason: str
) -> None:
    pair = Pair()
    before = in_force(pair)
    refused(pair, cell_control(pair, message, cell), FAILED, reason)
    assert in_force(pair) == before


HEADER_OCTETS = rc.CONTROL_HEADER.encode(HEADER)
MESSAGE_OCTETS = rc.CONTROL_MESSAGE.encode(_quotas(QUOTA))
SPC_HEADER = spc.CONTROL_HEADER.encode(spc.ControlHeader(CELL))


@pytest.mark.parametrize(
    ("function_id", "header", "message", "cause"),
    [
        (3, b"\xff\xff", MESSAGE_OCTETS, INVALID),
        (3, HEADER_OCTETS, b"", INVALID),
        (3, HEADER_OCTETS, MESSAGE_OCTETS + b"\0", INVALID),
        (3, rc.CONTROL_HEADER.encode(replace(HEADER, style=1)), MESSAGE_OCTETS, UNSUPPORTED),
        (3, rc.CONTROL_HEADER.encode(replace(HEADER, action=5)), MESSAGE_OCTETS, UNSUPPORTED),
        (3, bytes.fromhex("4000020000"), MESSAGE_OCTETS, UNSUPPORTED),  # header format 2
        (200, b"", b"\0", INVALID),
        (200, SPC_HEADER, b"\xff", INVALID),
        (2, b"\0", b"\0", UNSUPPORTED),
    ],
)
def test_controls_that_cannot_be_read_are_refused(
    function_id: int, header: bytes, message: bytes, cause: e2ap.Cause
) -> None:
    pair = Pair()
    refused(pair, control(pair, function_id, header, message), cause, "")


def test_no_call_process_waits_for_a_control() -> None:
    pair = Pair()
    request = control(pair, 3, HEADER_OCTETS, MESSAGE_OCTETS, call=b"call")
    refused(pair, request, CauseRicRequest.CALL_PROCESS_ID_INVALID, "no call process")


def refused(pair: Pair, request: e2ap.RicControlRequest, cause: e2ap.Cause, reason: str) -> None:
    answer = pair.ask(request)
    assert isinstance(answer, Failed), answer
    assert isinstance(answer.failure, e2ap.RicControlFailure)
    assert answer.failure.cause is cause
    assert pair.tally.controls_refused == {str(cause): 1}
    assert reason in pair.tally.first[str(cause)]
    assert not pair.tally.controls_applied


@pytest.mark.parametrize(
    ("ack", "answered"),
    [(ControlAckRequest.ACK, True), (None, True), (ControlAckRequest.NO_ACK, False)],
)
def test_who_wants_no_answer_gets_one_only_where_it_failed(
    ack: ControlAckRequest | None, answered: bool
) -> None:
    pair = Pair()
    good = control(
        pair, 3, HEADER_OCTETS, rc.CONTROL_MESSAGE.encode(_quotas(replace(QUOTA, minimum=20))), ack
    )
    assert (pair.ask(good) is not None) == answered
    assert in_force(pair).slices[0].min_prb_ratio == 20
    bad = control(pair, 3, HEADER_OCTETS, b"", ack)
    assert isinstance(pair.ask(bad), Failed)
