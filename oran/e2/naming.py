"""Names of nodes and cells, as reports and logs carry them: text made from global identities.

A name is made of the identity alone, equal names mean equal identities, and no name is longer than
`MAX_NAME`. The form follows the inventory names of the O-RAN SC's RIC, with the length of the
identity added where it varies, since it is a part of the identity:

    gnb_001_01_0000e2.22          a gNB: MCC, MNC, gNB id in hexadecimal and its length in bits
    gnb_001_01_0000e2.22_du3      its gNB-DU 3; `_cuup3` is its gNB-CU-UP 3
    nrcell_001_01_000388001       a cell: MCC, MNC, NR cell identity

An identity of a later version, whose form is not known, is named by a digest of its octets.
"""

from hashlib import sha256
from typing import Final

from oran.e2 import e2ap
from oran.e2.common.cell import Cgi, EutraCgi, NrCgi
from oran.e2.common.plmn import plmn_digits
from oran.e2.per.choice import UnknownAlternative
from oran.e2.per.string import Bits

MAX_NAME: Final = 64
"""Most characters of a name, as `oran.report.CellReport` wants it."""

_DIGEST_DIGITS: Final = 16


def node_name(node: e2ap.GlobalE2NodeId) -> str:
    """The name of an E2 node.

    What only repeats the identity in another form is left out: the en-gNB's of a gNB, and the
    eNB's of an ng-eNB.
    """
    match node:
        case e2ap.GnbNode(gnb):
            return _station("gnb", gnb.plmn, gnb.gnb_id) + _units(node.cu_up_id, node.du_id)
        case e2ap.EnGnbNode(gnb):
            return _station("engnb", gnb.plmn, gnb.gnb_id) + _units(node.cu_up_id, node.du_id)
        case e2ap.NgEnbNode(ng_enb):
            return _station("ngenb", ng_enb.plmn, ng_enb.enb_id) + _units(None, node.du_id)
        case e2ap.EnbNode(enb):
            return _station("enb", enb.plmn, enb.enb_id)
        case UnknownAlternative():
            return _unknown("node", node)


def cell_name(cell: Cgi) -> str:
    """The name of a cell."""
    match cell:
        case NrCgi(plmn, identity):
            return f"nrcell_{_plmn(plmn)}_{_hexadecimal(identity)}"
        case EutraCgi(plmn, identity):
            return f"eutracell_{_plmn(plmn)}_{_hexadecimal(identity)}"
        case UnknownAlternative():
            return _unknown("cell", cell)


def _station(kind: str, plmn: bytes, identity: Bits | UnknownAlternative) -> str:
    if isinstance(identity, UnknownAlternative):
        return f"{kind}_{_plmn(plmn)}_{_unknown('id', identity)}"
    return f"{kind}_{_plmn(plmn)}_{_hexadecimal(identity)}.{identity.length}"


def _units(cu_up_id: int | None, du_id: int | None) -> str:
    cu_up = "" if cu_up_id is None else f"_cuup{cu_up_id}"
    return cu_up if du_id is None else f"{cu_up}_du{du_id}"


def _plmn(octets: bytes) -> str:
    try:
        digits = plmn_digits(octets)
    except ValueError:  # no digits; the octets are an identity all the same
        return f"x{octets.hex()}"
    return f"{digits[:3]}_{digits[3:]}"


def _hexadecimal(identity: Bits) -> str:
    return f"{identity.value:0{-(-identity.length // 4)}x}"


def _unknown(what: str, identity: UnknownAlternative) -> str:
    whole = f"{identity.index}:".encode() + identity.octets
    return f"{what}_{sha256(whole).hexdigest()[:_DIGEST_DIGITS]}"
