"""The effect check: whether what was asked of the core shows in its later reports.

All times are those of the core, in ms: it may play faster or slower than this host's clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from oran.core.report import CoreReport, CoreSliceReport
from xapp.decision.core_shield import SETTLING_PERIODS


class CoreVerdict(StrEnum):
    """What became of a wish."""

    EFFECTIVE = "effective"
    INEFFECTIVE = "ineffective"
    """It did not show in time."""
    OVERRIDDEN = "overridden"
    """It showed, and something else is in force by now."""


@dataclass(slots=True)
class SliceEffect:
    """The site asked for a slice, and what became of it.

    Attributes:
        wanted: name of the site.
        since_ms: when it was asked for, while that is to be seen yet.
        verdict: the last one; None before the first.
        reason: what contradicts the wish; empty where nothing does.
    """

    wanted: str
    since_ms: int | None = None
    verdict: CoreVerdict | None = None
    reason: str = ""


class Effect:
    """The sites of one cell's slices.

    Args:
        sites: names of the sites in force at first, by slice.
        migration_ms: longest time that a UPF may take to arrive.
    """

    def __init__(self, sites: Sequence[str], migration_ms: int) -> None:
        self.slices = [SliceEffect(site) for site in sites]
        self._migration_ms = migration_ms

    def asked(self, sites: Sequence[str], at_ms: int) -> None:
        """Other sites may be asked for, on a report whose period ended at `at_ms`."""
        for known, site in zip(self.slices, sites, strict=True):
            if site != known.wanted:
                known.wanted, known.since_ms = site, at_ms

    def seen(self, report: CoreReport) -> list[CoreVerdict]:
        """The verdicts of a later report, on wishes that are settled by it."""
        found = []
        for known, s in zip(self.slices, report.slices, strict=True):
            verdict, reason = self._judged(known, s, report)
            if verdict is not None:
                known.verdict, known.reason, known.since_ms = verdict, reason, None
                if not s.migrating:
                    known.wanted = s.site  # told once, and asked for again if it still pays
                found.append(verdict)
        return found

    def _judged(
        self, known: SliceEffect, s: CoreSliceReport, report: CoreReport
    ) -> tuple[CoreVerdict | None, str]:
        if known.since_ms is None:
            moved = s.site != known.wanted and not s.migrating
            reason = f"is at {s.site}, not at {known.wanted}" if moved else ""
            return CoreVerdict.OVERRIDDEN if moved else None, reason
        if s.migrating:
            took = report.start_ms + report.period_ms - known.since_ms
            late = took > self._migration_ms
            reason = f"not at {known.wanted} after {took} ms" if late else ""
            return CoreVerdict.INEFFECTIVE if late else None, reason
        if s.site == known.wanted:
            return CoreVerdict.EFFECTIVE, ""
        settled = report.start_ms >= known.since_ms + SETTLING_PERIODS * report.period_ms
        reason = f"is at {s.site}, and not on its way to {known.wanted}" if settled else ""
        return CoreVerdict.INEFFECTIVE if settled else None, reason
