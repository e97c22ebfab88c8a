"""Allocations as the octets of control messages, for the slices of one cell."""

from collections.abc import Sequence
from typing import Final

from oran.allocation import Allocation, SliceAllocation
from oran.e2 import rc, spc
from oran.e2.actuation import quota_control, spc_control
from oran.e2.common.cell import Cgi
from oran.snssai import Snssai
from xapp.decision.pipeline import Rows

_POWER_BIAS: Final = 128
_CACHED: Final = 32


def ratios_of(rows: Rows) -> bytes:
    """What E2SM-RC carries of an allocation: minimum, maximum and dedicated ratio of each slice."""
    ratios: list[int] = []
    for dedicated, low, high, _, _ in rows.slices:
        ratios += (low, high, dedicated)
    return bytes(ratios)


def rest_of(rows: Rows) -> bytes:
    """What E2SM-SPC carries of it: power offset, then MCS backoff and admission of each slice."""
    rest = [rows.tx_power_offset_db + _POWER_BIAS]
    for _, _, _, backoff, admitted in rows.slices:
        rest += (backoff, admitted)
    return bytes(rest)


class QuotaMessages:
    """Quota messages for the same slices, which differ in one octet a ratio.

    Args:
        snssais: the slices.
        plmn: their PLMN identity, 3 octets.
        cell: the cell, where the node wants it named.
    """

    def __init__(self, snssais: Sequence[Snssai], plmn: bytes, cell: Cgi | None) -> None:
        self.header: Final = rc.CONTROL_HEADER.encode(rc.quota_header(plmn))
        blank = [[0, 0, 0] for _ in snssais]

        def encode(ratios: Sequence[Sequence[int]]) -> bytes:
            slices = zip(snssais, ratios, strict=True)
            allocation = Allocation(
                tuple(SliceAllocation(s, d, low, high) for s, (low, high, d) in slices)
            )
            return rc.CONTROL_MESSAGE.encode(quota_control(allocation, plmn, cell))

        self._blank = encode(blank)
        self._places: list[int] = []
        for row in blank:
            for i in range(len(row)):
                row[i] = 1
                other = encode(blank)
                row[i] = 0
                self._places += [
                    at for at, (a, b) in enumerate(zip(self._blank, other, strict=True)) if a != b
                ]

    def message(self, ratios: bytes) -> bytes:
        """The message with these ratios, 0..100 each, as `ratios_of` gives them."""
        octets = bytearray(self._blank)
        for place, ratio in zip(self._places, ratios, strict=True):
            octets[place] = ratio
        return bytes(octets)


class SpcMessages:
    """SPC messages for the same slices, which say all that SPC can say of an allocation.

    Args:
        snssais: the slices.
        cell: the cell.
    """

    def __init__(self, snssais: Sequence[Snssai], cell: Cgi) -> None:
        self.header: Final = spc.CONTROL_HEADER.encode(spc.ControlHeader(cell))
        self._snssais = tuple(snssais)
        self._made: dict[bytes, bytes] = {}

    def message(self, rest: bytes) -> bytes:
        """The message of what `rest_of` gives."""
        made = self._made.get(rest)
        if made is None:
            if len(self._made) >= _CACHED:
                self._made.clear()
            made = self._made[rest] = self._encode(rest)
        return made

    def _encode(self, rest: bytes) -> bytes:
        pairs = zip(self._snssais, rest[1::2], rest[2::2], strict=True)
        allocation = Allocation(
            tuple(
                SliceAllocation(s, 0, 0, 100, backoff, admitted) for s, backoff, admitted in pairs
            ),
            rest[0] - _POWER_BIAS,
        )
        message = spc_control(allocation, None)
        assert message is not None, "without an allocation before it, everything is said"
        return spc.CONTROL_MESSAGE.encode(message)
