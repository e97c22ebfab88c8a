"""The effect check: whether what was asked of the core shows in its later reports.

All times are those of the core, in ms: it may play faster or slower than this host's clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from oran.core.report import CoreReport, CoreSliceReport
from xapp.decision.core_shield import SETTLING_PERIODS

FIRST_PAUSE_MS: Final = 2_000
LAST_PAUSE_MS: Final = 64_000
"""Pauses before a wish that did not show is put once more: doubled from the first to the last,
until a wish shows."""


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
        again_ms: from when on the same wish may be put once more; None where it has not failed.
        pause_ms: the pause after the next wish that fails.
    """

    wanted: str
    since_ms: int | None = None
    verdict: CoreVerdict | None = None
    reason: str = ""
    again_ms: int | None = None
    pause_ms: int = FIRST_PAUSE_MS

    def settle(self, verdict: CoreVerdict, reason: str, at_ms: int) -> None:
        """A report whose period ended at `at_ms` settles the wish."""
        self.verdict, self.reason, self.since_ms = verdict, reason, None
        if verdict is CoreVerdict.EFFECTIVE:
            self.again_ms, self.pause_ms = None, FIRST_PAUSE_MS
        else:
            self.again_ms = at_ms + self.pause_ms
            self.pause_ms = min(2 * self.pause_ms, LAST_PAUSE_MS)


class Effect:
    """The sites of one cell's slices.

    Args:
        sites: names of the sites in force at first, by slice. Where the first report shows another
            one, the wish counts as asked for on that report: its way may have begun before.
        migration_ms: longest time that a UPF may take to arrive.
    """

    def __init__(self, sites: Sequence[str], migration_ms: int) -> None:
        self.slices = [SliceEffect(site) for site in sites]
        self._migration_ms = migration_ms
        self._begun = False

    def asked(self, sites: Sequence[str], at_ms: int) -> None:
        """Other sites may be asked for, on a report whose period ended at `at_ms`."""
        for known, site in zip(self.slices, sites, strict=True):
            if site != known.wanted:
                known.wanted, known.since_ms, known.again_ms = site, at_ms, None

    def again(self, sites: Sequence[str], report: CoreReport, *, put: bool) -> list[bool]:
        """Slices whose site did not show when it was asked for, and is asked for once more.

        Args:
            sites: what is decided.
            report: on this report, after `seen`.
            put: whether the allocation is put anyway; else only slices whose pause is over count.
        """
        now_ms = _end_ms(report)
        return [
            known.again_ms is not None
            and site not in (known.wanted, s.site)
            and not s.migrating
            and (put or now_ms >= known.again_ms)
            for known, s, site in zip(self.slices, report.slices, sites, strict=True)
        ]

    def seen(self, report: CoreReport) -> list[CoreVerdict]:
        """The verdicts of a later report, on wishes that are settled by it."""
        found: list[CoreVerdict] = []
        for known, s in zip(self.slices, report.slices, strict=True):
            if not self._begun and known.since_ms is None and s.site != known.wanted:
                known.since_ms = _end_ms(report)
            verdict, reason = self._judged(known, s, report)
            if verdict is not None:
                known.settle(verdict, reason, _end_ms(report))
                if not s.migrating:
                    known.wanted = s.site  # told once; `again` says when it may be asked for again
                found.append(verdict)
        self._begun = True
        return found

    def _judged(
        self, known: SliceEffect, s: CoreSliceReport, report: CoreReport
    ) -> tuple[CoreVerdict | None, str]:
        if known.since_ms is None:
            moved = s.site != known.wanted and not s.migrating
            reason = f"is at {s.site}, not at {known.wanted}" if moved else ""
            return CoreVerdict.OVERRIDDEN if moved else None, reason
        if s.migrating:
            took = _end_ms(report) - known.since_ms
            late = took > self._migration_ms
            reason = f"not at {known.wanted} after {took} ms" if late else ""
            return CoreVerdict.INEFFECTIVE if late else None, reason
        if s.site == known.wanted:
            return CoreVerdict.EFFECTIVE, ""
        settled = report.start_ms >= known.since_ms + SETTLING_PERIODS * report.period_ms
        reason = f"is at {s.site}, and not on its way to {known.wanted}" if settled else ""
        return CoreVerdict.INEFFECTIVE if settled else None, reason


def _end_ms(report: CoreReport) -> int:
    return report.start_ms + report.period_ms
