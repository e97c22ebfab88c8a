"""The tick of the slow processes."""

from typing import Final

TICK_MS: Final = 10
"""Interference and rates move this often, and all move over tenths of seconds; faults begin and
end, users who move decide, and cells of a group hear each other, by the tick. The core's are no
longer."""
