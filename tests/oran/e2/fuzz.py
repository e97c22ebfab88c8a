"""Mutations of good octets, and what must hold of any octets whatever.

The invariant is one sentence: any octets give a value or a `DecodeError`, and the value has a
canonical encoding that gives it back. More than the suite runs:

    python -m tests.oran.e2.fuzz COUNT [SEED]
"""

import random
import sys
from typing import Any

from oran.e2 import e2ap
from oran.e2.errors import DecodeError
from oran.e2.jsonform import from_document, to_document
from oran.e2.per.type import Payload
from oran.e2.servicemodel import SERVICE_MODELS

from .captures import captures
from .examples import MESSAGES, VALUES

PAYLOADS: dict[str, Payload[Any]] = {p.name: p for m in SERVICE_MODELS for p in m.payloads()}
_TELLING = (0, 1, 2, 0x20, 0x40, 0x7F, 0x80, 0xBF, 0xC0, 0xC1, 0xC4, 0xFF)
"""Octets that are lengths, presence bits or extension bits more often than others."""


def seeds() -> list[tuple[str, bytes]]:
    """Good octets: the name of a payload, or none for a packet, and an encoding."""
    found = [("", e2ap.encode(message)) for message in MESSAGES]
    found += [(name, PAYLOADS[name].encode(value)) for name, value in VALUES]
    for capture in captures():
        found.append(("", capture.octets))
        found += [(name, octets) for name, (octets, _) in capture.e2sm.items()]
    return found


def mutated(octets: bytes, others: list[tuple[str, bytes]], rng: random.Random) -> bytes:
    """Some octets changed, put in, taken out, moved, or taken from another seed."""
    out = bytearray(octets)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        at = rng.randrange(len(out) + 1)
        match rng.randrange(7):
            case 0 if at < len(out):
                out[at] ^= 1 << rng.randrange(8)
            case 1 if at < len(out):
                out[at] = rng.choice(_TELLING)
            case 2:
                out[at:at] = rng.randbytes(rng.choice((1, 2, 4, 16)))
            case 3:
                del out[at : at + rng.choice((1, 2, 4, 16))]
            case 4:
                del out[at:]
            case 5:
                other = rng.choice(others)[1]
                start = rng.randrange(len(other))
                out[at : at + 8] = other[start : start + 8]
            case _:
                out[at : at + 2] = rng.choice(_TELLING).to_bytes(1, "big") * 2
    return bytes(out)


def check_packet(octets: bytes) -> bool:
    """Whether the octets are a packet; the invariant holds, or an assertion fails."""
    try:
        message = e2ap.decode(octets)
    except DecodeError as error:
        _check_error(error, octets)
        return False
    canonical = e2ap.encode(message)
    assert e2ap.encode(e2ap.decode(canonical)) == canonical
    document = to_document(message)
    octets = e2ap.encode(from_document(document))
    assert e2ap.encode(from_document(to_document(e2ap.decode(octets)))) == octets
    return True


def check_payload(payload: Payload[Any], octets: bytes) -> bool:
    """Whether the octets are such a payload; the invariant holds, or an assertion fails."""
    try:
        value = payload.decode(octets)
    except DecodeError as error:
        _check_error(error, octets)
        return False
    canonical = payload.encode(value)
    assert payload.encode(payload.decode(canonical)) == canonical
    assert payload.encode(payload.from_json(payload.to_json(value))) == canonical
    return True


def check(name: str, octets: bytes) -> bool:
    """`check_payload` of the payload of that name, or `check_packet` without one."""
    return check_payload(PAYLOADS[name], octets) if name else check_packet(octets)


def _check_error(error: DecodeError, octets: bytes) -> None:
    assert error.path
    assert error.reason
    assert 0 <= error.offset <= 8 * len(octets)


def run(count: int, seed: int) -> tuple[int, int]:
    """Check `count` mutations.

    Returns:
        How many were values, and how many were refused.
    """
    rng = random.Random(seed)
    pool = seeds()
    good = 0
    for _ in range(count):
        name, octets = rng.choice(pool)
        changed = mutated(octets, pool, rng)
        try:
            good += check(name, changed)
        except Exception as error:
            error.add_note(f"{name or 'packet'}: {changed.hex()}")
            raise
    return good, count - good


def main() -> None:
    """The command line."""
    count, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    good, refused = run(count, seed)
    sys.stdout.write(f"{count} inputs, seed {seed}: {good} values, {refused} refused\n")


if __name__ == "__main__":
    main()
