"""Limits that keep decoding bounded in time and memory, whatever the octets say."""

from typing import Final

MAX_OCTETS: Final = 1 << 20
"""Largest encoding read or written, octets. E2AP has no limit; real messages are under 64 KiB."""

MAX_DEPTH: Final = 32
"""Deepest nesting of a type inside itself. E2SM-RC's deepest table (slice quota) has 6 levels."""

MAX_INTEGER_OCTETS: Final = 16
"""Largest unbounded INTEGER. The fields that are unbounded hold style numbers and percentages."""

MAX_REAL_OCTETS: Final = 32
"""Largest REAL. A double needs 10; the rest leaves room for padded mantissas."""

FRAGMENT: Final = 16 * 1024
"""Unit of fragmentation of long values (X.691 11.9.3.8)."""

MAX_FRAGMENT_UNITS: Final = 4
"""Most units in one fragment (X.691 11.9.3.8)."""
