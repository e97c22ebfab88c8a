"""Packets to start from, and ways to spoil them."""

from random import Random
from typing import Final

from oran.e2 import e2ap
from oran.e2.e2ap import Message, RicRequestId
from tests.oran.e2_connection import messages
from tests.oran.e2_connection.pair import CLASS_1

_ID: Final = RicRequestId(1, 0)
_REQUESTS: Final = [messages.example(p.request, 0) for p in CLASS_1]
_FAILURES: Final = [failure for r in _REQUESTS if (failure := messages.failure(r)) is not None]
_SEEDS: Final[list[Message]] = [
    *_REQUESTS,
    *(messages.success(r) for r in _REQUESTS),
    *_FAILURES,
    messages.indication(_ID),
    messages.indication(_ID, message=bytes(20_000)),
    e2ap.ErrorIndication(0, _ID, messages.KPM, e2ap.CauseRicRequest.REQUEST_ID_UNKNOWN),
    e2ap.RicServiceQuery(0, messages.revisions(messages.KPM)),
    e2ap.RicSubscriptionDeleteRequired(
        (e2ap.SubscriptionToDelete(_ID, messages.KPM, messages.REFUSED),)
    ),
]
SEEDS: Final = tuple(e2ap.encode(m) for m in _SEEDS)
"""A packet of every message."""

_LENGTHS: Final = (0x00, 0x7F, 0x80, 0xBF, 0xC0, 0xC1, 0xC4, 0xFF)
"""Octets on which length determinants turn."""


def mutate(packet: bytes, random: Random, seeds: tuple[bytes, ...] = SEEDS) -> bytes:
    """The packet, spoilt in one to four ways."""
    spoilt = bytearray(packet)
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(spoilt) + 1)
        match random.randrange(6):
            case 0 if at < len(spoilt):
                spoilt[at] ^= 1 << random.randrange(8)
            case 1 if at < len(spoilt):
                spoilt[at] = random.choice(_LENGTHS)
            case 2:
                del spoilt[at : at + random.randint(1, 8)]
            case 3:
                spoilt[at:at] = random.randbytes(random.randint(1, 8))
            case 4:
                other = random.choice(seeds)
                start = random.randrange(len(other))
                spoilt[at:] = other[start:]
            case _:
                spoilt = spoilt[:at] or bytearray(b"\x00")
    return bytes(spoilt)
