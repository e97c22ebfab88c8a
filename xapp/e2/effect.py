"""The effect check: whether PRB ratios that a node acknowledged show in its later reports."""

from collections.abc import Sequence
from enum import StrEnum
from math import inf, isnan
from typing import Final

from oran.measurements import CELL_COLUMN, SLICE_COLUMN
from oran.report import CellReport

MAX_VERSIONS: Final = 64
"""Ratios remembered; beyond, as after failures in a row, what is in force counts as unknown."""

RATIOS: Final = 3
"""Octets of a slice in a control: minimum, maximum and dedicated ratio, % each."""

LONGEST_PAUSE: Final = 16
"""How many times the first pause the longest one is."""

_AVAILABLE: Final = CELL_COLUMN["RRU.PrbAvailDl"]
_USED: Final = SLICE_COLUMN["RRU.PrbUsedDl"]
_BUFFER: Final = SLICE_COLUMN["DRB.BufferSize.Qos"]
_SENT: Final = SLICE_COLUMN["DRB.RlcSduTransmittedVolumeDL"]
_UES: Final = SLICE_COLUMN["RRC.ConnMean"]
_OCTETS_PER_KBIT: Final = 125.0


class Verdict(StrEnum):
    """What a report says of the controls before it."""

    EFFECTIVE = "effective"
    INEFFECTIVE = "ineffective"
    UNDETERMINED = "undetermined"


class _Version:
    """Ratios that the node may have had in force.

    Args:
        ratios: `RATIOS` octets a slice.

    Attributes:
        bounds: what each slice was sure to get, the larger of its minimum and dedicated ratio, and
            what it could get at most, %.
        until: when they were replaced for certain, seconds; infinite before.
    """

    __slots__ = ("bounds", "until")

    def __init__(self, ratios: bytes) -> None:
        self.bounds = [
            (max(ratios[at], ratios[at + 2]), ratios[at + 1])
            for at in range(0, len(ratios), RATIOS)
        ]
        self.until = inf


class History:
    """Which ratios the node may have had in force during a report's period.

    Between the sending of a control and its acknowledgement, and after a failure, the node may have
    either. A report is held against all that may have been in force from two periods before it
    arrived: one for its period, one for its way here.
    """

    def __init__(self) -> None:
        self._versions: list[_Version] = []
        self._unknown_until = inf

    def sent(self, ratios: bytes) -> None:
        """A control is under way."""
        if len(self._versions) >= MAX_VERSIONS:
            self.forget()
        self._versions.append(_Version(ratios))

    def forget(self) -> None:
        """What is in force is not known until the next acknowledgement."""
        self._versions.clear()
        self._unknown_until = inf

    def acknowledged(self, now: float) -> None:
        """The last control that was sent is in force, and no other."""
        self._unknown_until = min(self._unknown_until, now)
        for version in self._versions[:-1]:
            version.until = min(version.until, now)

    def bounds(self, since: float) -> list[tuple[int, int]] | None:
        """What each slice was sure to get and could get at most since then, %.

        None where the node may have had ratios that are not known.
        """
        if self._unknown_until >= since:
            return None
        if self._versions[0].until < since:
            self._versions = [v for v in self._versions if v.until >= since]
        found = self._versions[0].bounds
        for version in self._versions[1:]:
            found = [
                (sure if sure < low else low, most if most > high else high)
                for (sure, most), (low, high) in zip(found, version.bounds, strict=True)
            ]
        return found


class EffectCheck:
    """Judges the reports of one cell.

    A slice breaks its bounds if it used more PRBs than its maximum; or fewer than its guarantee,
    although it had data to send all the time: more had waited since before the period than was sent
    in it, and enough to fill what is missing, at the rate at which the slice's PRBs carried data. A
    guarantee holds only while there is demand, so that a mean over a period with idle slots may be
    lower. A slice bears its bounds out if it had data waiting and got its guarantee; if it was held
    at its maximum; or if it used more than an equal share of the cell, within its guarantee, while
    another slice had data waiting. Anything else tells nothing.

    Args:
        tolerance: share of the cell's PRBs by which a slice may miss its bounds, 0..1.

    Attributes:
        history: the controls.
        reason: what the last ineffective report broke.
    """

    def __init__(self, tolerance: float) -> None:
        self.history: Final = History()
        self.reason = ""
        self._tolerance = tolerance
        self._before: tuple[int, list[float]] | None = None

    def judge(self, report: CellReport, now: float) -> Verdict:
        """The verdict of a report that arrives now; its slices are those of the controls."""
        waiting = [_waiting(s.values) for s in report.slices]
        before, self._before = self._before, (report.start_ms, waiting)
        bounds = self.history.bounds(now - 2.0 * report.period_ms / 1000.0)
        available = report.values[_AVAILABLE]
        if bounds is None or isnan(available) or len(bounds) != len(waiting):
            return Verdict.UNDETERMINED
        waited = [0.0] * len(waiting)
        # Otherwise a report is missing between the two, and what waited is not known.
        if before is not None and report.start_ms - before[0] <= 1.5 * report.period_ms:
            waited = before[1]
        slack = self._tolerance * available
        equal = available / len(bounds) + slack
        tested, favoured, contended = False, False, False
        for s, (sure, most), first, last in zip(
            report.slices, bounds, waited, waiting, strict=True
        ):
            sure_prbs, most_prbs = sure * available / 100.0, most * available / 100.0
            used, sent = s.values[_USED], s.values[_SENT] * _OCTETS_PER_KBIT
            if used > most_prbs + slack:
                self.reason = f"{s.snssai} used {used:g} PRBs, its maximum is {most_prbs:g}"
                return Verdict.INEFFECTIVE
            if sure_prbs - used > slack and _starved(used, sent, first, last, sure_prbs - used):
                self.reason = f"{s.snssai} used {used:g} PRBs, {sure_prbs:g} are its guarantee"
                return Verdict.INEFFECTIVE
            if sure_prbs > slack and first > 0.0 and used >= sure_prbs - slack:
                tested = True  # it got its guarantee
            if most < 100 and last > 0.0 and used >= most_prbs - slack:
                tested = True  # it was held at its maximum
            favoured = favoured or equal < used <= sure_prbs + slack
            contended = contended or (first > sent and last > 0.0)
        return Verdict.EFFECTIVE if tested or (favoured and contended) else Verdict.UNDETERMINED


def _waiting(values: Sequence[float]) -> float:
    """Octets that wait at the period's end, of all UEs; 0 where not measured."""
    octets, ues = values[_BUFFER], values[_UES]
    if isnan(octets):
        return 0.0
    return octets * ues if ues > 1.0 else octets


def _starved(used: float, sent: float, waited: float, waiting: float, missing: float) -> bool:
    """Whether a slice had data to send all the time, and so much that it would have filled the PRBs
    that are missing; octets and PRBs."""
    if used > 0.0 and sent > 0.0:
        # More waited than was sent, and some of it waits still: it never ran out of data.
        return waiting > 0.0 and waited >= sent * max(1.0, missing / used)
    # At what rate PRBs carry data is not known: certain only if none of the data went away.
    return used == 0.0 and waiting >= waited > 0.0


class Trust:
    """Whether controls are sent to a cell.

    Ineffective reports in a row end it for a pause; the pause doubles each time that no effective
    report came between.

    Args:
        strikes: how many in a row.
        pause_s: the first pause.

    Attributes:
        until: end of the pause in seconds; None while the cell is trusted.
        lost: how often trust was lost.
    """

    def __init__(self, strikes: int, pause_s: float) -> None:
        self.until: float | None = None
        self.lost = 0
        self._strikes = strikes
        self._first = self._pause = pause_s
        self._count = 0

    def take(self, verdict: Verdict, now: float) -> bool:
        """Take a verdict; True where it ends the trust."""
        if self.until is not None or verdict is Verdict.UNDETERMINED:
            return False
        if verdict is Verdict.EFFECTIVE:
            self._count, self._pause = 0, self._first
            return False
        self._count += 1
        if self._count < self._strikes:
            return False
        self._count = 0
        self.lost += 1
        self.until = now + self._pause
        self._pause = min(2.0 * self._pause, LONGEST_PAUSE * self._first)
        return True

    def granted(self, now: float) -> bool:
        """Whether controls are sent now."""
        if self.until is not None and now >= self.until:
            self.until = None
        return self.until is None
