"""Who the emulated nodes are: one gNB, and a gNB-DU with an E2 connection of its own a cell.

E2SM-RC v1.03 gives a slice quota no place for a cell, so a control holds for a node as a whole; a
node a cell makes every cell controllable by itself.
"""

from dataclasses import dataclass
from typing import Final

from oran.e2 import e2ap
from oran.e2.common.cell import NrCgi
from oran.e2.common.plmn import plmn_octets
from oran.e2.common.ueid import GnbDuUeId
from oran.e2.per.string import Bits

GNB_ID_BITS: Final = 22
"""The shortest gNB id, which leaves most of the cell identity to cells (TS 38.413 9.3.1.6)."""

CELL_ID_BITS: Final = 36
MAX_CELLS: Final = (1 << CELL_ID_BITS - GNB_ID_BITS) - 1

_USERS_OF_A_CELL: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Identity:
    """The node of one cell.

    Attributes:
        plmn: PLMN identity, 3 octets.
        gnb_id: 0..2^22-1, the same for all cells.
        cell: number of the cell from 0 on; the gNB-DU id and the cell's local identity are one
            more.

    Raises:
        ValueError: a number is out of range.
    """

    plmn: bytes
    gnb_id: int
    cell: int

    def __post_init__(self) -> None:
        if not 0 <= self.gnb_id < 1 << GNB_ID_BITS:
            raise ValueError(f"gNB id {self.gnb_id} is outside 0..{(1 << GNB_ID_BITS) - 1}")
        if not 0 <= self.cell < MAX_CELLS:
            raise ValueError(f"cell {self.cell} is outside 0..{MAX_CELLS - 1}")

    @classmethod
    def of(cls, plmn: str, gnb_id: int, cell: int) -> "Identity":
        """From the digits of the PLMN, such as 00101.

        Raises:
            ValueError: not 5 or 6 digits, or a number is out of range.
        """
        return cls(plmn_octets(plmn), gnb_id, cell)

    @property
    def node(self) -> e2ap.GnbNode:
        """Global E2 node id."""
        gnb = e2ap.GlobalGnbId(self.plmn, Bits(self.gnb_id, GNB_ID_BITS))
        return e2ap.GnbNode(gnb, du_id=self.cell + 1)

    @property
    def cgi(self) -> NrCgi:
        """NR cell global identity: the gNB id, then the cell's number (TS 38.413 9.3.1.7)."""
        identity = self.gnb_id << CELL_ID_BITS - GNB_ID_BITS | self.cell + 1
        return NrCgi(self.plmn, Bits(identity, CELL_ID_BITS))

    def ue(self, user: int) -> GnbDuUeId:
        """A user as the gNB-DU knows it, distinct among all cells."""
        return GnbDuUeId(self.cell * _USERS_OF_A_CELL + user)
