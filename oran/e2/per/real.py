"""The contents octets of REAL (ITU-T X.690 8.5), to and from doubles."""

import math
from typing import Final

from oran.e2.per.limits import MAX_REAL_OCTETS

_PLUS_INFINITY: Final = b"\x40"
_MINUS_INFINITY: Final = b"\x41"
_NOT_A_NUMBER: Final = b"\x42"
_MINUS_ZERO: Final = b"\x43"
_SPECIAL: Final = {
    _PLUS_INFINITY: math.inf,
    _MINUS_INFINITY: -math.inf,
    _NOT_A_NUMBER: math.nan,
    _MINUS_ZERO: -0.0,
}
_LOG2_BASE: Final = (1, 3, 4)
"""Binary logarithm of the base by its code (X.690 8.5.7.2): 2, 8, 16."""

_PLUS: Final = tuple(bytes((0x80, exponent)) for exponent in range(256))
_MINUS: Final = tuple(bytes((0xC0, exponent)) for exponent in range(256))
"""First octets of a number of base 2 by its exponent, which may count from the end."""


def pack(value: float) -> bytes:
    """The canonical octets of a double: base 2, an odd mantissa, no leading zeros (X.690 11.3)."""
    if value == 0.0:
        return _MINUS_ZERO if math.copysign(1.0, value) < 0 else b""
    try:
        mantissa, divisor = value.as_integer_ratio()
    except ValueError:
        return _NOT_A_NUMBER
    except OverflowError:
        return _PLUS_INFINITY if value > 0 else _MINUS_INFINITY
    heads = _PLUS
    if mantissa < 0:
        mantissa, heads = -mantissa, _MINUS
    if divisor == 1:
        exponent = (mantissa & -mantissa).bit_length() - 1
        mantissa >>= exponent
    else:
        exponent = 1 - divisor.bit_length()
    octets = mantissa.to_bytes((mantissa.bit_length() + 7) >> 3, "big")
    if -128 <= exponent < 128:
        return heads[exponent] + octets
    return bytes((heads[0][0] | 1,)) + exponent.to_bytes(2, "big", signed=True) + octets


def unpack(octets: bytes) -> float:
    """The double nearest to the number that the octets hold, canonical or not.

    Raises:
        ValueError: they hold no number, a decimal one (which no E2 peer sends), or one outside the
            range of doubles.
    """
    if not octets:
        return 0.0
    first = octets[0]
    if not first & 0x80:
        if octets in _SPECIAL:
            return _SPECIAL[octets]
        kind = "reserved special value" if first & 0x40 else "decimal form"
        raise ValueError(f"REAL {octets[:4].hex()}: {kind} is not supported, binary form is")
    if len(octets) > MAX_REAL_OCTETS:
        raise ValueError(f"REAL of {len(octets)} octets; {MAX_REAL_OCTETS} are accepted")
    if first & 0x30 == 0x30:
        raise ValueError("REAL: base code 3 is reserved; 0, 1 and 2 stand for 2, 8 and 16")
    start, size = 1, (first & 3) + 1
    if size == 4:
        start, size = 2, octets[1] if len(octets) > 1 else 0
    if not size or len(octets) <= start + size:
        raise ValueError(f"REAL of {len(octets)} octets: exponent or mantissa is missing")
    exponent = int.from_bytes(octets[start : start + size], "big", signed=True)
    exponent = exponent * _LOG2_BASE[first >> 4 & 3] + (first >> 2 & 3)
    mantissa = int.from_bytes(octets[start + size :], "big")
    try:
        value = math.ldexp(mantissa, exponent)
    except OverflowError:
        raise ValueError("REAL: the number is too large for a double") from None
    if mantissa and not value:
        raise ValueError("REAL: the number is too small for a double")
    return -value if first & 0x40 else value
