"""Names of nodes and cells."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oran.e2.common.cell import EutraCgi, NrCgi
from oran.e2.common.plmn import plmn_octets
from oran.e2.e2ap import (
    EnbNode,
    EnGnbNode,
    GlobalE2NodeId,
    GlobalEnbId,
    GlobalEnGnbId,
    GlobalGnbId,
    GlobalNgEnbId,
    GnbNode,
    NgEnbNode,
)
from oran.e2.naming import MAX_NAME, cell_name, node_name
from oran.e2.per.choice import UnknownAlternative
from oran.e2.per.string import Bits

PLMN = plmn_octets("00101")
LONG_PLMN = plmn_octets("310260")
GNB = GlobalGnbId(PLMN, Bits(0xE2, 22))


@pytest.mark.parametrize(
    ("node", "name"),
    [
        (GnbNode(GNB), "gnb_001_01_0000e2.22"),
        (GnbNode(GNB, du_id=3), "gnb_001_01_0000e2.22_du3"),
        (GnbNode(GNB, cu_up_id=1, du_id=2), "gnb_001_01_0000e2.22_cuup1_du2"),
        (GnbNode(GlobalGnbId(LONG_PLMN, Bits(1, 32))), "gnb_310_260_00000001.32"),
        (EnGnbNode(GlobalEnGnbId(PLMN, Bits(1, 24)), du_id=0), "engnb_001_01_000001.24_du0"),
        (NgEnbNode(GlobalNgEnbId(PLMN, Bits(1, 21)), du_id=7), "ngenb_001_01_000001.21_du7"),
        (EnbNode(GlobalEnbId(PLMN, Bits(1, 20))), "enb_001_01_00001.20"),
        (EnbNode(GlobalEnbId(b"\xff\xff\xff", Bits(1, 20))), "enb_xffffff_00001.20"),
    ],
)
def test_a_node_is_named_by_its_identity(node: GlobalE2NodeId, name: str) -> None:
    assert node_name(node) == name


def test_a_cell_is_named_by_its_identity() -> None:
    assert cell_name(NrCgi(PLMN, Bits(0xE2 << 14 | 1, 36))) == "nrcell_001_01_000388001"
    assert cell_name(EutraCgi(PLMN, Bits(1, 28))) == "eutracell_001_01_0000001"


_plmns = st.sampled_from([PLMN, LONG_PLMN, plmn_octets("001010")]) | st.binary(
    min_size=3, max_size=3
)
_unknown = st.builds(UnknownAlternative, st.integers(0, 2**31), st.binary(max_size=40))
_units = st.none() | st.integers(0, 2**36 - 1)


@st.composite
def _bits(draw: st.DrawFn, *lengths: int) -> Bits:
    length = draw(st.sampled_from(lengths))
    return Bits(draw(st.integers(0, 2**length - 1)), length)


_gnb_ids = _bits(*range(22, 33)) | _unknown
_ng_enb = st.builds(GlobalNgEnbId, _plmns, _bits(18, 20, 21) | _unknown)
_nodes = (
    st.builds(GnbNode, st.builds(GlobalGnbId, _plmns, _gnb_ids), st.none(), _units, _units)
    | st.builds(EnGnbNode, st.builds(GlobalEnGnbId, _plmns, _gnb_ids), _units, _units)
    | st.builds(NgEnbNode, _ng_enb, st.none(), _units)
    | st.builds(EnbNode, st.builds(GlobalEnbId, _plmns, _bits(18, 20, 21, 28) | _unknown))
    | _unknown
)
_cells = st.builds(NrCgi, _plmns, _bits(36)) | st.builds(EutraCgi, _plmns, _bits(28)) | _unknown


@given(_nodes, _nodes)
def test_node_names_are_short_and_tell_nodes_apart(a: GlobalE2NodeId, b: GlobalE2NodeId) -> None:
    assert 1 <= len(node_name(a)) <= MAX_NAME
    assert (node_name(a) == node_name(b)) == (a == b)


@given(_cells, _cells)
def test_cell_names_are_short_and_tell_cells_apart(
    a: NrCgi | EutraCgi | UnknownAlternative, b: NrCgi | EutraCgi | UnknownAlternative
) -> None:
    assert 1 <= len(cell_name(a)) <= MAX_NAME
    assert (cell_name(a) == cell_name(b)) == (a == b)
