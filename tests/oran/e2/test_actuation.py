"""Allocations as control messages: what the two ends agree on beyond the service models."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oran.allocation import Allocation, SliceAllocation
from oran.e2 import rc, spc
from oran.e2.actuation import (
    CELL_PARAMETER,
    quota_cell,
    quota_control,
    quota_offer,
    quota_style,
    spc_control,
    with_quotas,
    with_spc,
)
from oran.e2.common.cell import NrCgi
from oran.e2.common.function import RanFunctionName
from oran.e2.per.string import Bits
from oran.e2.rc.function import ControlStyle, FunctionDefinition
from oran.snssai import Snssai

PLMN = b"\x00\xf1\x10"
CELL = NrCgi(PLMN, Bits(7, 36))
SLICES = (Snssai(1, 1), Snssai(2), Snssai(3, 0xFFFFFF))
AT_REST = Allocation(tuple(SliceAllocation(s, 0, 20, 100) for s in SLICES))


@st.composite
def allocations(draw: st.DrawFn) -> Allocation:
    left, slices = 100, []
    for snssai in SLICES:
        low = draw(st.integers(0, left))
        left -= low
        slices.append(
            SliceAllocation(
                snssai, draw(st.integers(0, low)), low, draw(st.integers(low, 100)),
                draw(st.integers(0, 6)), draw(st.integers(0, 100)),
            )
        )  # fmt: skip
    return Allocation(tuple(slices), draw(st.integers(-9, 0)))


def definition(*styles: ControlStyle) -> FunctionDefinition:
    return FunctionDefinition(RanFunctionName(rc.SHORT_NAME, rc.OID, "x"), controls=styles)


@given(allocations(), allocations(), st.sampled_from([None, CELL]))
def test_both_controls_together_set_the_allocation(
    before: Allocation, after: Allocation, cell: NrCgi | None
) -> None:
    octets = rc.CONTROL_MESSAGE.encode(quota_control(after, PLMN, cell))
    message = rc.CONTROL_MESSAGE.decode(octets)
    assert isinstance(message, rc.ControlMessage)
    assert quota_cell(message) == cell
    made = with_quotas(before, rc.slice_quotas(message))
    rest = spc_control(after, before)
    if rest is not None:
        made = with_spc(made, spc.CONTROL_MESSAGE.decode(spc.CONTROL_MESSAGE.encode(rest)))
    assert made == after


@given(allocations())
def test_only_what_changes_is_said(allocation: Allocation) -> None:
    assert spc_control(allocation, allocation) is None
    everything = spc_control(allocation, None)
    assert everything is not None
    assert len(everything.slices) == len(SLICES)
    power = allocation.tx_power_offset_db
    other = replace(allocation, tx_power_offset_db=0 if power else -1)
    assert spc_control(other, allocation) == spc.ControlMessage(other.tx_power_offset_db)


def test_a_quota_message_names_the_cell_where_the_action_offers_it() -> None:
    for by_cell in (False, True):
        octets = rc.FUNCTION_DEFINITION.encode(definition(quota_style(by_cell=by_cell)))
        offer = quota_offer(rc.FUNCTION_DEFINITION.decode(octets))
        assert offer is not None
        assert offer.by_cell is by_cell
    style = quota_style(by_cell=True)
    assert quota_offer(definition()) is None
    assert quota_offer(definition(replace(style, type=3))) is None
    assert quota_offer(definition(replace(style, header_format=2))) is None
    assert quota_offer(definition(replace(style, actions=None))) is None


@pytest.mark.parametrize(
    ("quota", "told"),
    [
        ((Snssai(9), 0, 10, 0), "9 is no slice of this cell; it has 1-000001, 2, 3-ffffff"),
        ((SLICES[0], 61, 100, 0), "the sum of min_prb_ratio is 101"),
        ((SLICES[0], 10, 5, 0), "needs 0 <= dedicated <= min <= max <= 100, got 0, 10, 5"),
    ],
)
def test_quotas_that_cannot_be_followed_are_refused(
    quota: tuple[Snssai, int, int, int], told: str
) -> None:
    snssai, low, high, dedicated = quota
    made = rc.SliceQuota((rc.SliceMember(PLMN, snssai),), low, high, dedicated)
    with pytest.raises(ValueError, match=told):
        with_quotas(AT_REST, [made])


def test_a_slice_stands_once_and_alone() -> None:
    one = rc.SliceMember(PLMN, SLICES[0])
    quota = rc.SliceQuota((one,), 0, 100, 0)
    with pytest.raises(ValueError, match="policy ratio 1: 1-000001 stands before already"):
        with_quotas(AT_REST, [quota, quota])
    with pytest.raises(ValueError, match="policy ratio 0: needs one member, has 2"):
        with_quotas(AT_REST, [rc.SliceQuota((one, one), 0, 100, 0)])
    control = spc.SliceControl(SLICES[0], 1)
    with pytest.raises(ValueError, match="slice 1: 1-000001 stands before already"):
        with_spc(AT_REST, spc.ControlMessage(slices=(control, control)))
    with pytest.raises(ValueError, match="mcs_backoff: 9 is outside"):
        with_spc(AT_REST, spc.ControlMessage(slices=(replace(control, mcs_backoff=9),)))


def test_a_cell_that_is_no_octet_string_is_refused() -> None:
    named = rc.Parameter(CELL_PARAMETER, rc.Element(7))
    with pytest.raises(ValueError, match="needs an element with octets"):
        quota_cell(rc.ControlMessage((named,)))
    with pytest.raises(ValueError, match="CGI"):
        quota_cell(rc.ControlMessage((rc.Parameter(CELL_PARAMETER, rc.Element(b"")),)))
