"""Rates of counters and histograms, over the window that a panel's resolution asks for."""

from typing import Final

from deploy.dashboards.panels import Series

WINDOW: Final = "[$__rate_interval]"


def rate(metric: str, *labels: str) -> Series:
    """A counter's rate, a second, for each value of its labels."""
    return Series(
        f"sum by ({', '.join(labels)}) (rate({metric}{WINDOW}))",
        " ".join(f"{{{{{label}}}}}" for label in labels),
    )


def quantile(histogram: str, q: float) -> Series:
    """Quantile `q` of 0..1 of a histogram."""
    buckets = f"sum by (le) (rate({histogram}_bucket{WINDOW}))"
    return Series(f"histogram_quantile({q}, {buckets})", f"p{100 * q:g}")
