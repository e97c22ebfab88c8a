"""Controls: the allocation that a RIC Control makes of the one in force, or why it makes none.

What cannot be read is `control-message-invalid`; what can be read and does not fit this cell or is
not feasible is `control-failed-to-execute`.
"""

from e2sim.e2.refusal import RefusedError
from oran.allocation import Allocation
from oran.e2 import e2ap, rc, spc
from oran.e2.actuation import quota_cell, with_quotas, with_spc
from oran.e2.common.cell import NrCgi
from oran.e2.common.plmn import plmn_digits
from oran.e2.e2ap import CauseRicRequest
from oran.e2.errors import DecodeError
from oran.e2.rc.quota import ACTION, STYLE

_INVALID = CauseRicRequest.CONTROL_MESSAGE_INVALID
_UNSUPPORTED = CauseRicRequest.ACTION_NOT_SUPPORTED
_FAILED = CauseRicRequest.CONTROL_FAILED_TO_EXECUTE


def with_rc(in_force: Allocation, request: e2ap.RicControlRequest, cell: NrCgi) -> Allocation:
    """The allocation after a control of E2SM-RC: style 2 action 6, the slices' PRB ratios.

    Raises:
        RefusedError: the control is not carried out.
    """
    try:
        header = rc.CONTROL_HEADER.decode(request.header)
        message = rc.CONTROL_MESSAGE.decode(request.message)
    except DecodeError as error:
        raise RefusedError(_INVALID, str(error)) from error
    if not isinstance(header, rc.ControlHeader) or not isinstance(message, rc.ControlMessage):
        raise RefusedError(_UNSUPPORTED, "header and message have format 1 here")
    if (header.style, header.action) != (STYLE, ACTION):
        raise RefusedError(
            _UNSUPPORTED,
            f"style {header.style} action {header.action}; style {STYLE} action {ACTION} is served",
        )
    try:
        quotas = rc.slice_quotas(message)
        named = quota_cell(message)
    except ValueError as error:
        raise RefusedError(_INVALID, str(error)) from error
    if named not in (None, cell):
        raise RefusedError(_FAILED, f"{named} is no cell of this node")
    for plmn in {member.plmn for quota in quotas for member in quota.members}:
        if plmn != cell.plmn:
            raise RefusedError(
                _FAILED, f"PLMN {plmn.hex()} is not that of the cell, {plmn_digits(cell.plmn)}"
            )
    try:
        return with_quotas(in_force, quotas)
    except ValueError as error:
        raise RefusedError(_FAILED, str(error)) from error


def with_cell_control(
    in_force: Allocation, request: e2ap.RicControlRequest, cell: NrCgi
) -> Allocation:
    """The allocation after a control of E2SM-SPC: power offset, MCS backoff and admission.

    Raises:
        RefusedError: the control is not carried out.
    """
    try:
        header = spc.CONTROL_HEADER.decode(request.header)
        message = spc.CONTROL_MESSAGE.decode(request.message)
    except DecodeError as error:
        raise RefusedError(_INVALID, str(error)) from error
    if header.cell != cell:
        raise RefusedError(_FAILED, f"{header.cell} is no cell of this node")
    if message.sleep_state not in (None, spc.SleepState.ACTIVE):
        raise RefusedError(_FAILED, f"sleep state {message.sleep_state}: the cell has none")
    try:
        return with_spc(in_force, message)
    except ValueError as error:
        raise RefusedError(_FAILED, str(error)) from error
