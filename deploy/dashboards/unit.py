"""Units as Grafana writes them."""

import math
from collections.abc import Callable
from typing import Final

_DECIMAL: Final = ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))
_BINARY: Final = ((2.0**30, "Gi"), (2.0**20, "Mi"), (2.0**10, "Ki"), (1.0, ""))
_TIME: Final = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))


def _scaled(value: float, scale: tuple[tuple[float, str], ...]) -> str:
    for factor, prefix in scale:
        if abs(value) >= factor:
            return f"{value / factor:.3g} {prefix}"
    return f"{value / scale[-1][0]:.3g} {scale[-1][1]}"


def written(value: float, unit: str) -> str:
    """A value with its unit, three digits.

    Raises:
        ValueError: no dashboard of this project uses the unit.
    """
    if not math.isfinite(value):
        return "no data"
    if unit.startswith("suffix:"):
        return f"{value:.3g}{unit.removeprefix('suffix:')}"
    if unit not in _WRITTEN:
        raise ValueError(f"{unit}: none of {', '.join(_WRITTEN)}")
    return _WRITTEN[unit](value)


_WRITTEN: Final[dict[str, Callable[[float], str]]] = {
    "none": "{:.3g}".format,
    "percentunit": lambda value: f"{100 * value:.3g} %",
    "s": lambda value: _scaled(value, _TIME) if value else "0 s",
    "bps": lambda value: f"{_scaled(value, _DECIMAL)}b/s",
    "bytes": lambda value: f"{_scaled(value, _BINARY)}B",
}
