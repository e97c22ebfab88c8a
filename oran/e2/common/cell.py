"""Cells, slices and nodes as service models name them (O-RAN E2SM 6.2.2, 6.2.3)."""

from dataclasses import dataclass
from typing import Final, TypeAlias

from oran.e2.per.choice import Alternative, Choice, UnknownAlternative
from oran.e2.per.field import optional, required
from oran.e2.per.sequence import Sequence
from oran.e2.per.string import Bits, BitString, FixedOctets, UnsignedOctets
from oran.snssai import Snssai

PLMN_IDENTITY: Final = FixedOctets(3)

S_NSSAI: Final = Sequence(
    Snssai,
    required("sST", "sst", UnsignedOctets(1)),
    optional("sD", "sd", UnsignedOctets(3)),
)


@dataclass(frozen=True, slots=True)
class NrCgi:
    """NR cell global identity: PLMN identity, 3 octets, and 36 bits."""

    plmn: bytes
    cell_id: Bits


@dataclass(frozen=True, slots=True)
class EutraCgi:
    """E-UTRA cell global identity: PLMN identity, 3 octets, and 28 bits."""

    plmn: bytes
    cell_id: Bits


Cgi: TypeAlias = NrCgi | EutraCgi | UnknownAlternative

_PLMN: Final = required("pLMNIdentity", "plmn", PLMN_IDENTITY)

NR_CGI: Final = Sequence(NrCgi, _PLMN, required("nRCellIdentity", "cell_id", BitString(36, 36)))
CGI: Final[Choice[Cgi]] = Choice(
    Alternative("nR-CGI", NrCgi, NR_CGI),
    Alternative(
        "eUTRA-CGI",
        EutraCgi,
        Sequence(EutraCgi, _PLMN, required("eUTRACellIdentity", "cell_id", BitString(28, 28))),
    ),
)


@dataclass(frozen=True, slots=True)
class GlobalGnbId:
    """Global identity of a gNB: PLMN identity, 3 octets, and 22..32 bits."""

    plmn: bytes
    gnb_id: Bits | UnknownAlternative


@dataclass(frozen=True, slots=True)
class GlobalNgEnbId:
    """Global identity of an ng-eNB: PLMN identity, 3 octets, and 20, 18 or 21 bits."""

    plmn: bytes
    enb_id: Bits | UnknownAlternative


@dataclass(frozen=True, slots=True)
class GlobalEnbId:
    """Global identity of an eNB: PLMN identity, 3 octets, and 20, 28, 18 or 21 bits."""

    plmn: bytes
    enb_id: Bits | UnknownAlternative


def bit_length(value: Bits) -> int:
    """What tells the alternatives of an identity apart."""
    return value.length


GNB_ID: Final[Choice[Bits | UnknownAlternative]] = Choice(
    Alternative("gNB-ID", Bits, BitString(22, 32))
)
ENB_ID: Final[Choice[Bits | UnknownAlternative]] = Choice(
    Alternative("macro-eNB-ID", 20, BitString(20, 20)),
    Alternative("home-eNB-ID", 28, BitString(28, 28)),
    additions=(
        Alternative("short-Macro-eNB-ID", 18, BitString(18, 18)),
        Alternative("long-Macro-eNB-ID", 21, BitString(21, 21)),
    ),
    key=bit_length,
)
GLOBAL_GNB_ID: Final = Sequence(GlobalGnbId, _PLMN, required("gNB-ID", "gnb_id", GNB_ID))
GLOBAL_NG_ENB_ID: Final = Sequence(
    GlobalNgEnbId,
    _PLMN,
    required(
        "ngENB-ID",
        "enb_id",
        Choice(
            Alternative("macroNgENB-ID", 20, BitString(20, 20)),
            Alternative("shortMacroNgENB-ID", 18, BitString(18, 18)),
            Alternative("longMacroNgENB-ID", 21, BitString(21, 21)),
            key=bit_length,
        ),
    ),
)
GLOBAL_ENB_ID: Final = Sequence(GlobalEnbId, _PLMN, required("eNB-ID", "enb_id", ENB_ID))

NgRanNodeId: TypeAlias = GlobalGnbId | GlobalNgEnbId | UnknownAlternative

GLOBAL_NG_RAN_NODE_ID: Final[Choice[NgRanNodeId]] = Choice(
    Alternative("gNB", GlobalGnbId, GLOBAL_GNB_ID),
    Alternative("ng-eNB", GlobalNgEnbId, GLOBAL_NG_ENB_ID),
)
