"""Who is who: global identities of nodes and RICs, and of requests (O-RAN E2AP 9.2.4 to 9.2.8).

A PLMN identity is 3 octets as in TS 23.003 2.2 (`oran.e2.common.plmn` turns it into digits).
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

from oran.e2.common.cell import (
    ENB_ID,
    GNB_ID,
    PLMN_IDENTITY,
    GlobalEnbId,
    GlobalGnbId,
    GlobalNgEnbId,
    bit_length,
)
from oran.e2.per.choice import Alternative, Choice, UnknownAlternative
from oran.e2.per.field import optional, required
from oran.e2.per.scalar import Bounded
from oran.e2.per.sequence import Sequence
from oran.e2.per.string import Bits, BitString

UNIT_ID: Final = Bounded(0, (1 << 36) - 1)
"""Identity of a gNB-DU, gNB-CU-UP or ng-eNB-DU."""


@dataclass(frozen=True, slots=True)
class RicRequestId:
    """Identity of a RIC functional procedure.

    Attributes:
        requestor_id: who asks, 0..65535.
        instance_id: which of its requests, 0..65535.
    """

    requestor_id: int
    instance_id: int


RIC_REQUEST_ID: Final = Sequence(
    RicRequestId,
    required("ricRequestorID", "requestor_id", Bounded(0, 65535)),
    required("ricInstanceID", "instance_id", Bounded(0, 65535)),
)


@dataclass(frozen=True, slots=True)
class GlobalRicId:
    """Global identity of a near-RT RIC.

    Attributes:
        plmn: PLMN identity, 3 octets.
        ric_id: 20 bits.
    """

    plmn: bytes
    ric_id: Bits


GLOBAL_RIC_ID: Final = Sequence(
    GlobalRicId,
    required("pLMN-Identity", "plmn", PLMN_IDENTITY),
    required("ric-ID", "ric_id", BitString(20, 20)),
)


@dataclass(frozen=True, slots=True)
class GlobalEnGnbId:
    """Global identity of an en-gNB.

    Attributes:
        plmn: PLMN identity, 3 octets.
        gnb_id: 22..32 bits.
    """

    plmn: bytes
    gnb_id: Bits | UnknownAlternative


GLOBAL_GNB_ID: Final = Sequence(
    GlobalGnbId,
    required("plmn-id", "plmn", PLMN_IDENTITY),
    required("gnb-id", "gnb_id", Choice(Alternative("gnb-ID", Bits, BitString(22, 32)))),
)
GLOBAL_EN_GNB_ID: Final = Sequence(
    GlobalEnGnbId,
    required("pLMN-Identity", "plmn", PLMN_IDENTITY),
    required("gNB-ID", "gnb_id", GNB_ID),
)
GLOBAL_NG_ENB_ID: Final = Sequence(
    GlobalNgEnbId,
    required("plmn-id", "plmn", PLMN_IDENTITY),
    required(
        "enb-id",
        "enb_id",
        Choice(
            Alternative("enb-ID-macro", 20, BitString(20, 20)),
            Alternative("enb-ID-shortmacro", 18, BitString(18, 18)),
            Alternative("enb-ID-longmacro", 21, BitString(21, 21)),
            key=bit_length,
        ),
    ),
)
GLOBAL_ENB_ID: Final = Sequence(
    GlobalEnbId,
    required("pLMN-Identity", "plmn", PLMN_IDENTITY),
    required("eNB-ID", "enb_id", ENB_ID),
)

NgRanNodeId: TypeAlias = GlobalGnbId | GlobalNgEnbId | UnknownAlternative

GLOBAL_NG_RAN_NODE_ID: Final[Choice[NgRanNodeId]] = Choice(
    Alternative("gNB", GlobalGnbId, GLOBAL_GNB_ID),
    Alternative("ng-eNB", GlobalNgEnbId, GLOBAL_NG_ENB_ID),
)


@dataclass(frozen=True, slots=True)
class GnbNode:
    """An E2 node that is a gNB or a part of one.

    Attributes:
        gnb: the gNB.
        en_gnb: its identity as an en-gNB.
        cu_up_id: which gNB-CU-UP, 0..2^36-1, where the node is one.
        du_id: which gNB-DU, 0..2^36-1, where the node is one.
    """

    gnb: GlobalGnbId
    en_gnb: GlobalEnGnbId | None = None
    cu_up_id: int | None = None
    du_id: int | None = None


@dataclass(frozen=True, slots=True)
class EnGnbNode:
    """An E2 node that is an en-gNB or a part of one; attributes as in `GnbNode`."""

    en_gnb: GlobalEnGnbId
    cu_up_id: int | None = None
    du_id: int | None = None


@dataclass(frozen=True, slots=True)
class NgEnbNode:
    """An E2 node that is an ng-eNB or a part of one; attributes as in `GnbNode`."""

    ng_enb: GlobalNgEnbId
    enb: GlobalEnbId | None = None
    du_id: int | None = None


@dataclass(frozen=True, slots=True)
class EnbNode:
    """An E2 node that is an eNB."""

    enb: GlobalEnbId


GlobalE2NodeId: TypeAlias = GnbNode | EnGnbNode | NgEnbNode | EnbNode | UnknownAlternative

GLOBAL_E2_NODE_ID: Final[Choice[GlobalE2NodeId]] = Choice(
    Alternative(
        "gNB",
        GnbNode,
        Sequence(
            GnbNode,
            required("global-gNB-ID", "gnb", GLOBAL_GNB_ID),
            optional("global-en-gNB-ID", "en_gnb", GLOBAL_EN_GNB_ID),
            optional("gNB-CU-UP-ID", "cu_up_id", UNIT_ID),
            optional("gNB-DU-ID", "du_id", UNIT_ID),
        ),
    ),
    Alternative(
        "en-gNB",
        EnGnbNode,
        Sequence(
            EnGnbNode,
            required("global-en-gNB-ID", "en_gnb", GLOBAL_EN_GNB_ID),
            optional("en-gNB-CU-UP-ID", "cu_up_id", UNIT_ID),
            optional("en-gNB-DU-ID", "du_id", UNIT_ID),
        ),
    ),
    Alternative(
        "ng-eNB",
        NgEnbNode,
        Sequence(
            NgEnbNode,
            required("global-ng-eNB-ID", "ng_enb", GLOBAL_NG_ENB_ID),
            optional("global-eNB-ID", "enb", GLOBAL_ENB_ID),
            optional("ngENB-DU-ID", "du_id", UNIT_ID),
        ),
    ),
    Alternative("eNB", EnbNode, Sequence(EnbNode, required("global-eNB-ID", "enb", GLOBAL_ENB_ID))),
)
