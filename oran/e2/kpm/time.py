"""Time stamps of indication headers (O-RAN E2SM-KPM 8.3.12).

The specification's form is that of NTP (RFC 5905 6): seconds since 1900 and their fraction, 32 bits
each in v3.00, the seconds alone in v2.03. Peers differ: FlexRIC sends Unix microseconds with their
32-bit halves swapped (v3.00) and Unix seconds (v2.03). Octets alone do not tell which it is.
"""

from typing import Final

NTP_UNIX_OFFSET_S: Final = 2_208_988_800
"""Seconds from 1900-01-01 to 1970-01-01 (RFC 5905 figure 4)."""

_FRACTION_BITS: Final = 32


def timestamp_v3(unix_ms: int) -> bytes:
    """The 8 octets of a time in milliseconds since 1970-01-01 UTC.

    Raises:
        ValueError: outside the NTP era 0, which ends in 2036.
    """
    ntp = ((unix_ms + NTP_UNIX_OFFSET_S * 1000 << _FRACTION_BITS) + 500) // 1000
    return _octets(ntp, 8, unix_ms)


def timestamp_v2(unix_ms: int) -> bytes:
    """The 4 octets of a time in milliseconds since 1970-01-01 UTC, whole seconds rounded down.

    Raises:
        ValueError: outside the NTP era 0, which ends in 2036.
    """
    return _octets(unix_ms // 1000 + NTP_UNIX_OFFSET_S, 4, unix_ms)


def unix_ms(timestamp: bytes) -> int:
    """Milliseconds since 1970-01-01 UTC of an NTP time stamp of 8 or 4 octets.

    Raises:
        ValueError: another number of octets.
    """
    value = int.from_bytes(timestamp, "big")
    if len(timestamp) == 4:
        value <<= _FRACTION_BITS
    elif len(timestamp) != 8:
        raise ValueError(f"a time stamp of {len(timestamp)} octets; 8 or 4 are defined")
    rounding = 1 << _FRACTION_BITS - 1
    return (value * 1000 + rounding >> _FRACTION_BITS) - NTP_UNIX_OFFSET_S * 1000


def _octets(value: int, size: int, unix_ms: int) -> bytes:
    if not 0 <= value < 1 << 8 * size:
        raise ValueError(f"{unix_ms} ms is outside the NTP era 0 (1900 to 2036)")
    return value.to_bytes(size, "big")
