"""Topology: the names of what a core network has, in the order of its arrays."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class TransportPath:
    """A way from a UPF site to the gNB.

    Attributes:
        name: unique among the paths.
        site: the UPF site it starts at.
        links: names of the links it takes, in their order.
        delay_ms: sum of their propagation delays, ms.
    """

    name: str
    site: str
    links: tuple[str, ...]
    delay_ms: float


@dataclass(frozen=True, slots=True)
class Topology:
    """Sites, links and paths; a place in a tuple is the index in reports and allocations.

    Attributes:
        sites: names of the UPF sites.
        links: names of the links.
        paths: every path, of which each starts at one of the sites.
    """

    sites: tuple[str, ...]
    links: tuple[str, ...]
    paths: tuple[TransportPath, ...]

    def paths_of(self, site: str) -> tuple[TransportPath, ...]:
        """The paths that start at a site."""
        return tuple(p for p in self.paths if p.site == site)

    def to_document(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "sites": list(self.sites),
            "links": list(self.links),
            "paths": [
                {"name": p.name, "site": p.site, "links": list(p.links), "delay_ms": p.delay_ms}
                for p in self.paths
            ],
        }
