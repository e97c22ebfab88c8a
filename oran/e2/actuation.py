"""Allocations as control messages and back: what RIC and node agree on beyond the service models.

The PRB ratios travel in E2SM-RC, style 2 action 6; transmit power, MCS backoff and admission in
E2SM-SPC. A node that offers one of the two is controlled by that one alone.

E2SM-RC v1.03 has no place in action 6 to say which cell is meant. A node with several cells offers
`CELL_PARAMETER` among the parameters of the action, and the RIC adds it beside the policy ratio
list: an octet string, the aligned-PER encoding of the cell's global identity. A node that does not
offer it is not sent it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from oran.allocation import Allocation, SliceAllocation
from oran.e2 import spc
from oran.e2.common.cell import CGI, Cgi
from oran.e2.per.type import Payload
from oran.e2.rc.control import ControlMessage
from oran.e2.rc.function import ControlAction, ControlStyle, FunctionDefinition, OfferedParameter
from oran.e2.rc.parameter import Element, KeyElement, Parameter
from oran.e2.rc.quota import ACTION, STYLE, SliceMember, SliceQuota, quota_message
from oran.snssai import Snssai

CELL_PARAMETER: Final = 65_001
"""RAN parameter id of "NR CGI" in style 2 action 6; this project's own."""

CELL_IDENTITY: Final = Payload("CGI", CGI)
"""Encoding of its value."""


@dataclass(frozen=True, slots=True)
class QuotaOffer:
    """A node's offer of style 2 action 6.

    Attributes:
        by_cell: whether a message may name the cell it is for.
    """

    by_cell: bool


def quota_offer(definition: FunctionDefinition) -> QuotaOffer | None:
    """What a RAN function definition says of style 2 action 6; None where it is not offered."""
    for style in definition.controls or ():
        if (style.type, style.header_format, style.message_format) != (STYLE, 1, 1):
            continue
        for action in style.actions or ():
            if action.id == ACTION:
                offered = {parameter.id for parameter in action.parameters or ()}
                return QuotaOffer(CELL_PARAMETER in offered)
    return None


def quota_style(*, by_cell: bool) -> ControlStyle:
    """The style to announce: with action 6 alone, `by_cell` as in `QuotaOffer`."""
    names = (
        (1, "RRM Policy Ratio List"), (2, "RRM Policy Ratio Group"), (3, "RRM Policy"),
        (5, "RRM Policy Member List"), (6, "RRM Policy Member"), (7, "PLMN Identity"),
        (8, "S-NSSAI"), (9, "SST"), (10, "SD"), (11, "Min PRB Policy Ratio"),
        (12, "Max PRB Policy Ratio"), (13, "Dedicated PRB Policy Ratio"),
        *(((CELL_PARAMETER, "NR CGI"),) if by_cell else ()),
    )  # fmt: skip
    action = ControlAction(
        ACTION, "Slice-level PRB quota", tuple(OfferedParameter(i, name) for i, name in names)
    )
    return ControlStyle(STYLE, "Radio Resource Allocation Control", 1, 1, 1, (action,))


def quota_control(allocation: Allocation, plmn: bytes, cell: Cgi | None = None) -> ControlMessage:
    """The message that sets the PRB ratios of an allocation.

    Args:
        allocation: what to set.
        plmn: the slices' PLMN identity, 3 octets.
        cell: in which cell; None where the node does not ask.
    """
    message = quota_message(
        tuple(
            SliceQuota(
                (SliceMember(plmn, s.snssai),),
                s.min_prb_ratio,
                s.max_prb_ratio,
                s.dedicated_prb_ratio,
            )
            for s in allocation.slices
        )
    )
    if cell is None:
        return message
    named = Parameter(CELL_PARAMETER, Element(CELL_IDENTITY.encode(cell)))
    return replace(message, parameters=(*message.parameters, named))


def quota_cell(message: ControlMessage) -> Cgi | None:
    """The cell that a quota message names, None where it names none.

    Raises:
        ValueError: the parameter has another form.
    """
    for parameter in message.parameters:
        if parameter.id == CELL_PARAMETER:
            value = parameter.value
            if isinstance(value, Element | KeyElement) and isinstance(value.value, bytes):
                return CELL_IDENTITY.decode(value.value)
            raise ValueError(f"parameter {CELL_PARAMETER}: needs an element with octets")
    return None


def with_quotas(in_force: Allocation, quotas: Iterable[SliceQuota]) -> Allocation:
    """The allocation in force with the ratios of a quota message; the rest stays.

    Raises:
        ValueError: a slice is unknown, shares its policy or stands twice, or the result is not
            feasible.
    """
    ratios: dict[Snssai, SliceQuota] = {}
    for i, quota in enumerate(quotas):
        if len(quota.members) != 1:
            raise ValueError(f"policy ratio {i}: needs one member, has {len(quota.members)}")
        snssai = quota.members[0].snssai
        if snssai in ratios:
            raise ValueError(f"policy ratio {i}: {snssai} stands before already")
        ratios[snssai] = quota
    _check_known(in_force, ratios)
    made = replace(in_force, slices=tuple(_quota(s, ratios) for s in in_force.slices))
    made.check()
    return made


def _quota(s: SliceAllocation, ratios: dict[Snssai, SliceQuota]) -> SliceAllocation:
    quota = ratios.get(s.snssai)
    if quota is None:
        return s
    return replace(
        s,
        dedicated_prb_ratio=quota.dedicated,
        min_prb_ratio=quota.minimum,
        max_prb_ratio=quota.maximum,
    )


def spc_control(allocation: Allocation, before: Allocation | None) -> spc.ControlMessage | None:
    """The message that sets the rest: power, MCS backoff and admission, where they changed.

    Args:
        allocation: what to set.
        before: what the node has; None where that is not known, so that everything is set.

    Returns:
        The message, or None where nothing changes.
    """
    had = {} if before is None else {s.snssai: s for s in before.slices}
    power = allocation.tx_power_offset_db
    same = before is not None and before.tx_power_offset_db == power
    changed_power = None if same else power
    slices = [c for s in allocation.slices if (c := _change(s, had.get(s.snssai))) is not None]
    if changed_power is None and not slices:
        return None
    return spc.ControlMessage(power_offset_db=changed_power, slices=tuple(slices))


def _change(s: SliceAllocation, before: SliceAllocation | None) -> spc.SliceControl | None:
    backoff: int | None = s.mcs_backoff
    admission: int | None = s.admission_ratio
    if before is not None:
        backoff = None if before.mcs_backoff == backoff else backoff
        admission = None if before.admission_ratio == admission else admission
    if backoff is None and admission is None:
        return None
    return spc.SliceControl(s.snssai, backoff, admission)


def with_spc(in_force: Allocation, message: spc.ControlMessage) -> Allocation:
    """The allocation in force with what an SPC message sets; the rest stays.

    The sleep state is not part of an allocation, and left to the caller.

    Raises:
        ValueError: a slice is unknown or stands twice, or the result is not feasible.
    """
    controls: dict[Snssai, spc.SliceControl] = {}
    for i, control in enumerate(message.slices):
        if control.snssai in controls:
            raise ValueError(f"slice {i}: {control.snssai} stands before already")
        controls[control.snssai] = control
    _check_known(in_force, controls)
    power = message.power_offset_db
    made = Allocation(
        tuple(_controlled(s, controls.get(s.snssai)) for s in in_force.slices),
        in_force.tx_power_offset_db if power is None else power,
    )
    made.check()
    return made


def _controlled(s: SliceAllocation, control: spc.SliceControl | None) -> SliceAllocation:
    if control is None:
        return s
    backoff, admission = control.mcs_backoff, control.admission_ratio
    return replace(
        s,
        mcs_backoff=s.mcs_backoff if backoff is None else backoff,
        admission_ratio=s.admission_ratio if admission is None else admission,
    )


def _check_known(in_force: Allocation, named: Iterable[Snssai]) -> None:
    known = [s.snssai for s in in_force.slices]
    for snssai in named:
        if snssai not in known:
            slices = ", ".join(map(str, known))
            raise ValueError(f"{snssai} is no slice of this cell; it has {slices}")
