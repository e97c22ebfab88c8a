"""Packets as hexadecimal text: a line each, with blanks, colons and `0x` as one likes.

Empty lines, and what follows a `#`, are left out.
"""

from collections.abc import Iterator
from typing import Final

from e2sim.capture.packet import Flaw, Found, Packet

_MARKS: Final = str.maketrans("", "", " \t\r,:")


def read_hex(text: str) -> Iterator[Found]:
    """The packets of a text."""
    for number, line in enumerate(text.split("\n"), 1):
        digits = line.partition("#")[0].replace("0x", "").translate(_MARKS)
        if not digits:
            continue
        place = f"line {number}"
        try:
            yield Packet(bytes.fromhex(digits), place)
        except ValueError:
            wrong = next((i for i, c in enumerate(digits) if c not in _DIGITS), None)
            reason = (
                f"{len(digits)} hexadecimal digits, an odd number"
                if wrong is None
                else f"{digits[wrong]!r} is no hexadecimal digit"
            )
            yield Flaw(place, reason)


_DIGITS: Final = frozenset("0123456789abcdefABCDEF")


def looks_like_hex(octets: bytes) -> bool:
    """Whether a file has such text: printable, and nothing but digits in its first packet."""
    try:
        text = octets.decode("ascii")
    except UnicodeDecodeError:
        return False
    if any(c < " " and c not in "\t\r\n" for c in text):
        return False
    return isinstance(next(read_hex(text), None), Packet)
