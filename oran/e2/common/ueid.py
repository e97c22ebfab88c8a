"""UEID: a UE as the nodes of the RAN know it (O-RAN E2SM 6.2.3.23 and Annex A)."""

from dataclasses import dataclass
from typing import Final, TypeAlias

from oran.e2.common.cell import (
    GLOBAL_ENB_ID,
    GLOBAL_GNB_ID,
    GLOBAL_NG_ENB_ID,
    GLOBAL_NG_RAN_NODE_ID,
    PLMN_IDENTITY,
    GlobalEnbId,
    GlobalGnbId,
    GlobalNgEnbId,
    NgRanNodeId,
)
from oran.e2.per.choice import Alternative, Choice, UnknownAlternative
from oran.e2.per.field import optional, required
from oran.e2.per.list import SequenceOf
from oran.e2.per.repeated import Repeated
from oran.e2.per.scalar import Bounded
from oran.e2.per.sequence import Sequence, Single
from oran.e2.per.string import Bits, BitString, FixedOctets, UnsignedOctets

MAX_F1AP_IDS: Final = 4
MAX_E1AP_IDS: Final = 65_535

UINT32: Final = Bounded(0, (1 << 32) - 1)
AMF_UE_NGAP_ID: Final = Bounded(0, (1 << 40) - 1)
X2AP_ID: Final = Bounded(0, 4095)
RAN_UEID: Final = FixedOctets(8)


@dataclass(frozen=True, slots=True)
class Guami:
    """Globally unique AMF identity: PLMN identity, then 8, 10 and 6 bits."""

    plmn: bytes
    region_id: Bits
    set_id: Bits
    pointer: Bits


@dataclass(frozen=True, slots=True)
class Gummei:
    """Globally unique MME identity: PLMN identity, then 0..65535 and 0..255."""

    plmn: bytes
    group_id: int
    code: int


@dataclass(frozen=True, slots=True)
class GnbUeId:
    """A UE as a gNB knows it.

    Attributes:
        amf_ue_ngap_id: 0..2^40-1.
        guami: the AMF.
        f1ap_ids: gNB-CU UE F1AP ids, 1..4 of 0..2^32-1.
        e1ap_ids: gNB-CU-CP UE E1AP ids, 1..65535 of 0..2^32-1.
        ran_ueid: 8 octets.
        xnap_id: M-NG-RAN node UE XnAP id, 0..2^32-1.
        gnb: the gNB; superseded by `ng_ran_node`.
        ng_ran_node: the NG-RAN node.
    """

    amf_ue_ngap_id: int
    guami: Guami
    f1ap_ids: tuple[int, ...] | None = None
    e1ap_ids: tuple[int, ...] | None = None
    ran_ueid: bytes | None = None
    xnap_id: int | None = None
    gnb: GlobalGnbId | None = None
    ng_ran_node: NgRanNodeId | None = None


@dataclass(frozen=True, slots=True)
class GnbDuUeId:
    """A UE as a gNB-DU knows it: gNB-CU UE F1AP id, 0..2^32-1."""

    f1ap_id: int
    ran_ueid: bytes | None = None


@dataclass(frozen=True, slots=True)
class GnbCuUpUeId:
    """A UE as a gNB-CU-UP knows it: gNB-CU-CP UE E1AP id, 0..2^32-1."""

    e1ap_id: int
    ran_ueid: bytes | None = None


@dataclass(frozen=True, slots=True)
class NgEnbUeId:
    """A UE as an ng-eNB knows it; `w1ap_id` is its ng-eNB-CU UE W1AP id, else as `GnbUeId`."""

    amf_ue_ngap_id: int
    guami: Guami
    w1ap_id: int | None = None
    xnap_id: int | None = None
    ng_enb: GlobalNgEnbId | None = None
    ng_ran_node: NgRanNodeId | None = None


@dataclass(frozen=True, slots=True)
class NgEnbDuUeId:
    """A UE as an ng-eNB-DU knows it: ng-eNB-CU UE W1AP id, 0..2^32-1."""

    w1ap_id: int


@dataclass(frozen=True, slots=True)
class EnGnbUeId:
    """A UE as an en-gNB knows it; X2AP ids are 0..4095, else as `GnbUeId`."""

    x2ap_id: int
    enb: GlobalEnbId
    x2ap_id_extension: int | None = None
    f1ap_id: int | None = None
    e1ap_ids: tuple[int, ...] | None = None
    ran_ueid: bytes | None = None


@dataclass(frozen=True, slots=True)
class EnbUeId:
    """A UE as an eNB knows it; MME UE S1AP id is 0..2^32-1, X2AP ids are 0..4095."""

    s1ap_id: int
    gummei: Gummei
    x2ap_id: int | None = None
    x2ap_id_extension: int | None = None
    enb: GlobalEnbId | None = None


UeId: TypeAlias = (
    GnbUeId
    | GnbDuUeId
    | GnbCuUpUeId
    | NgEnbUeId
    | NgEnbDuUeId
    | EnGnbUeId
    | EnbUeId
    | UnknownAlternative
)

_GUAMI: Final = Sequence(
    Guami,
    required("pLMNIdentity", "plmn", PLMN_IDENTITY),
    required("aMFRegionID", "region_id", BitString(8, 8)),
    required("aMFSetID", "set_id", BitString(10, 10)),
    required("aMFPointer", "pointer", BitString(6, 6)),
)
_GUMMEI: Final = Sequence(
    Gummei,
    required("pLMNIdentity", "plmn", PLMN_IDENTITY),
    required("mME-Group-ID", "group_id", UnsignedOctets(2)),
    required("mME-Code", "code", UnsignedOctets(1)),
)
_E1AP_IDS: Final = SequenceOf(Single("gNB-CU-CP-UE-E1AP-ID", UINT32), 1, MAX_E1AP_IDS)
_F1AP_IDS: Final = SequenceOf(Single("gNB-CU-UE-F1AP-ID", UINT32), 1, MAX_F1AP_IDS)
_RAN_UEID: Final = optional("ran-UEID", "ran_ueid", RAN_UEID)
_XNAP: Final = optional("m-NG-RAN-UE-XnAP-ID", "xnap_id", UINT32)
_NODE: Final = optional("globalNG-RANNode-ID", "ng_ran_node", GLOBAL_NG_RAN_NODE_ID)
_AMF_UE: Final = required("amf-UE-NGAP-ID", "amf_ue_ngap_id", AMF_UE_NGAP_ID)
_AMF: Final = required("guami", "guami", _GUAMI)
_X2AP_EXTENSION: Final = optional(
    "m-eNB-UE-X2AP-ID-Extension", "x2ap_id_extension", Bounded(0, 4095, extensible=True)
)

GNB_UEID: Final = Sequence(
    GnbUeId,
    _AMF_UE,
    _AMF,
    optional("gNB-CU-UE-F1AP-ID-List", "f1ap_ids", _F1AP_IDS),
    optional("gNB-CU-CP-UE-E1AP-ID-List", "e1ap_ids", _E1AP_IDS),
    _RAN_UEID,
    _XNAP,
    optional("globalGNB-ID", "gnb", GLOBAL_GNB_ID),
    additions=(_NODE,),
)
_GNB_DU: Final = Sequence(GnbDuUeId, required("gNB-CU-UE-F1AP-ID", "f1ap_id", UINT32), _RAN_UEID)
_GNB_CU_UP: Final = Sequence(
    GnbCuUpUeId, required("gNB-CU-CP-UE-E1AP-ID", "e1ap_id", UINT32), _RAN_UEID
)
_NG_ENB: Final = Sequence(
    NgEnbUeId,
    _AMF_UE,
    _AMF,
    optional("ng-eNB-CU-UE-W1AP-ID", "w1ap_id", UINT32),
    _XNAP,
    optional("globalNgENB-ID", "ng_enb", GLOBAL_NG_ENB_ID),
    additions=(_NODE,),
)
_NG_ENB_DU: Final = Sequence(NgEnbDuUeId, required("ng-eNB-CU-UE-W1AP-ID", "w1ap_id", UINT32))
_EN_GNB: Final = Sequence(
    EnGnbUeId,
    required("m-eNB-UE-X2AP-ID", "x2ap_id", X2AP_ID),
    _X2AP_EXTENSION,
    required("globalENB-ID", "enb", GLOBAL_ENB_ID),
    optional("gNB-CU-UE-F1AP-ID", "f1ap_id", UINT32),
    optional("gNB-CU-CP-UE-E1AP-ID-List", "e1ap_ids", _E1AP_IDS),
    _RAN_UEID,
)
_ENB: Final = Sequence(
    EnbUeId,
    required("mME-UE-S1AP-ID", "s1ap_id", UINT32),
    required("gUMMEI", "gummei", _GUMMEI),
    optional("m-eNB-UE-X2AP-ID", "x2ap_id", X2AP_ID),
    _X2AP_EXTENSION,
    optional("globalENB-ID", "enb", GLOBAL_ENB_ID),
)

_UEID: Final[Choice[UeId]] = Choice(
    Alternative("gNB-UEID", GnbUeId, GNB_UEID),
    Alternative("gNB-DU-UEID", GnbDuUeId, _GNB_DU),
    Alternative("gNB-CU-UP-UEID", GnbCuUpUeId, _GNB_CU_UP),
    Alternative("ng-eNB-UEID", NgEnbUeId, _NG_ENB),
    Alternative("ng-eNB-DU-UEID", NgEnbDuUeId, _NG_ENB_DU),
    Alternative("en-gNB-UEID", EnGnbUeId, _EN_GNB),
    Alternative("eNB-UEID", EnbUeId, _ENB),
)
UEID: Final = Repeated(_UEID)
"""A UE as the nodes of the RAN know it; reports name the same UEs again and again."""
