"""Core allocations: what the core agent decides for the slices of one cell."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from oran.core.topology import Topology
from oran.report import MAX_SLICES
from oran.snssai import Snssai


@dataclass(frozen=True, slots=True)
class SliceCoreAllocation:
    """Where one slice's UPF is, and how its packets are divided over transport paths.

    Attributes:
        snssai: which slice.
        site: name of the UPF site wanted; another one than in use starts a migration.
        split: names of paths from that site, each with its share of the packets in whole %;
            the shares sum to 100.
    """

    snssai: Snssai
    site: str
    split: tuple[tuple[str, int], ...]

    def check(self, at: str) -> None:
        """Raise `ValueError`, with a path below `at`, where the shares are no split."""
        earlier: set[str] = set()
        for name, percent in self.split:
            if name in earlier:
                raise ValueError(f"{at}.split.{name}: is there twice")
            earlier.add(name)
            if not 0 <= percent <= 100:
                raise ValueError(f"{at}.split.{name}: {percent} is outside 0..100")
        total = sum(percent for _, percent in self.split)
        if total != 100:
            raise ValueError(f"{at}.split: the shares sum to {total}, not to 100")


@dataclass(frozen=True, slots=True)
class CoreAllocation:
    """Core resources of the slices of one cell, one entry a slice in the report's order."""

    slices: tuple[SliceCoreAllocation, ...]

    def check(self, topology: Topology | None = None) -> None:
        """Raise `ValueError` with the field's path where the allocation is not feasible.

        Args:
            topology: where given, the sites have to be its sites and the paths start at them.
        """
        earlier: set[Snssai] = set()
        for i, s in enumerate(self.slices):
            at = f"slices[{i}]"
            if s.snssai in earlier:
                raise ValueError(f"{at}.snssai: {s.snssai} is that of an earlier slice too")
            earlier.add(s.snssai)
            s.check(at)
            if topology is not None:
                _check_names(s, topology, at)

    def to_document(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "slices": [
                {"snssai": str(s.snssai), "site": s.site, "split": dict(s.split)}
                for s in self.slices
            ]
        }

    @classmethod
    def from_document(cls, document: object, topology: Topology | None = None) -> Self:
        """From the JSON form, checked as by `check`.

        Raises:
            ValueError: a field is absent, unknown or has another type, there are more than
                `MAX_SLICES` slices, or the allocation is not feasible; the message begins with
                the field's path.
        """
        (entries,) = _fields(document, "allocation", "", ("slices",))
        if not isinstance(entries, list):
            raise ValueError(f"slices: needs a list, got {entries!r}")
        if len(entries) > MAX_SLICES:
            raise ValueError(f"slices: {len(entries)} slices, at most {MAX_SLICES} are taken")
        made = cls(tuple(_slice(entry, f"slices[{i}]") for i, entry in enumerate(entries)))
        made.check(topology)
        return made


def _check_names(s: SliceCoreAllocation, topology: Topology, at: str) -> None:
    if s.site not in topology.sites:
        raise ValueError(f"{at}.site: {s.site!r} is not one of {', '.join(topology.sites)}")
    known = [p.name for p in topology.paths_of(s.site)]
    for name, _ in s.split:
        if name not in known:
            raise ValueError(
                f"{at}.split.{name}: no path from {s.site}; those are {', '.join(known)}"
            )


def _slice(document: object, at: str) -> SliceCoreAllocation:
    snssai, site, split = _fields(document, at, f"{at}.", ("snssai", "site", "split"))
    for name, value in (("snssai", snssai), ("site", site)):
        if type(value) is not str:
            raise ValueError(f"{at}.{name}: {value!r} is not text")
    if not isinstance(split, Mapping):
        raise ValueError(f"{at}.split: needs a mapping of paths to whole percents, got {split!r}")
    for name, percent in split.items():
        if type(percent) is not int:
            raise ValueError(f"{at}.split.{name}: needs an integer, got {percent!r}")
    try:
        return SliceCoreAllocation(Snssai.parse(snssai), site, tuple(split.items()))
    except ValueError as error:
        raise ValueError(f"{at}.snssai: {error}") from error


def _fields(document: object, what: str, prefix: str, names: tuple[str, ...]) -> list[Any]:
    if not isinstance(document, Mapping):
        raise ValueError(f"{what}: needs a mapping, got {document!r}")
    for key in document:
        if key not in names:
            raise ValueError(f"{prefix}{key}: unknown key; known are {', '.join(names)}")
    for name in names:
        if name not in document:
            raise ValueError(f"{prefix}{name}: is required")
    return [document[name] for name in names]
