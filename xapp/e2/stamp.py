"""What the time stamp of an indication means.

The specification's form is that of NTP. Peers differ, and nothing in the octets tells how they
count: the meaning nearest to the present time is taken. The readings lie decades apart, so a clock
that is wrong by days does not change which one is nearest.
"""

from typing import Final

from oran.e2.kpm import unix_ms

_SWAPPED_OCTETS: Final = 8
_NEAR_MS: Final = 86_400_000


def start_ms(stamp: bytes, now_ms: int) -> int:
    """Milliseconds since 1970-01-01 UTC of a time stamp.

    Args:
        stamp: 8 octets (E2SM-KPM v3.00): NTP, or Unix microseconds with their 32-bit halves swapped
            (FlexRIC), or in order; or 4 octets (v2.03): NTP seconds, or Unix seconds.
        now_ms: the present time.

    Raises:
        ValueError: another number of octets.
    """
    ntp = unix_ms(stamp)
    if -_NEAR_MS < ntp - now_ms < _NEAR_MS:
        return ntp  # the others are decades away
    value = int.from_bytes(stamp, "big")
    if len(stamp) == _SWAPPED_OCTETS:
        swapped = (value & 0xFFFF_FFFF) << 32 | value >> 32
        readings = [ntp, swapped // 1000, value // 1000]
    else:
        readings = [ntp, value * 1000]
    return min(readings, key=lambda reading: abs(reading - now_ms))
