"""Transport network layer associations (O-RAN E2AP 9.2.29)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from oran.e2.e2ap.cause import CAUSE, Cause, Criticality
from oran.e2.e2ap.container import Container
from oran.e2.per.field import optional, required
from oran.e2.per.list import SequenceOf
from oran.e2.per.scalar import Enumerated
from oran.e2.per.sequence import Sequence
from oran.e2.per.string import Bits, BitString

MAX_TNL_ASSOCIATIONS: Final = 32
"""maxofTNLA: most associations of one message."""


class TnlUsage(StrEnum):
    """What an association is for."""

    RIC_SERVICE = "ric-service"
    SUPPORT_FUNCTION = "support-function"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class TnlInformation:
    """One end of an association.

    Attributes:
        address: 32 bits of IPv4, 128 of IPv6, or 160 of both.
        port: 16 bits.
    """

    address: Bits
    port: Bits | None = None


@dataclass(frozen=True, slots=True)
class TnlAssociation:
    """An association to add or to modify, or one that was set up."""

    tnl: TnlInformation
    usage: TnlUsage


@dataclass(frozen=True, slots=True)
class TnlEnd:
    """An association that the RIC wants removed, by the RIC's end."""

    tnl: TnlInformation


@dataclass(frozen=True, slots=True)
class TnlFailure:
    """An association that could not be set up, and why."""

    tnl: TnlInformation
    cause: Cause


@dataclass(frozen=True, slots=True)
class TnlRemoval:
    """An association that the node wants removed, by both ends."""

    node: TnlInformation
    ric: TnlInformation


TNL_INFORMATION: Final = Sequence(
    TnlInformation,
    required("tnlAddress", "address", BitString(1, 160, extensible=True)),
    optional("tnlPort", "port", BitString(16, 16)),
)
_TNL: Final = required("tnlInformation", "tnl", TNL_INFORMATION)
_USAGE: Final = required("tnlUsage", "usage", Enumerated(TnlUsage))

TNL_ASSOCIATIONS: Final = SequenceOf(
    Container(43, Sequence(TnlAssociation, _TNL, _USAGE)), 1, MAX_TNL_ASSOCIATIONS
)
TNL_ENDS: Final = SequenceOf(Container(47, Sequence(TnlEnd, _TNL)), 1, MAX_TNL_ASSOCIATIONS)
TNL_FAILURES: Final = SequenceOf(
    Container(41, Sequence(TnlFailure, _TNL, required("cause", "cause", CAUSE))),
    1,
    MAX_TNL_ASSOCIATIONS,
)
TNL_REMOVALS: Final = SequenceOf(
    Container(
        59,
        Sequence(
            TnlRemoval,
            required("tnlInformation", "node", TNL_INFORMATION),
            required("tnlInformationRIC", "ric", TNL_INFORMATION),
        ),
        Criticality.REJECT,
    ),
    1,
    MAX_TNL_ASSOCIATIONS,
)
