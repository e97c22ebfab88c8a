"""Documents of the core control API as nouns, checked once and whole.

Messages begin with the path of the field. `docs/core.md` shows the documents.
"""

import hashlib
import json
import math
from dataclasses import dataclass
from typing import Final

from oran.core.allocation import CoreAllocation
from oran.core.measurements import (
    CORE_SLICE_MEASUREMENTS,
    LINK_MEASUREMENTS,
    SITE_MEASUREMENTS,
)
from oran.core.report import STATES, CoreReport, CoreSliceReport, LinkReport, SiteReport
from oran.core.topology import Topology, TransportPath
from oran.measurements import Measurement
from oran.report import MAX_SLICES, State
from oran.snssai import Snssai
from xapp.core.fields import Fields, number, parse, refuse
from xapp.core.refusal import Refused

MAX_PLACES: Final = 256
"""Most sites, links and paths of a topology, each."""

MAX_SEQUENCE: Final = 2**32 - 1
MAX_START_MS: Final = 2**53 - 1
MAX_PERIOD_MS: Final = 60_000
MAX_DELAY_MS: Final = 1e6

_DECISIVE: Final = ("CORE.SiteDelayMean", "CORE.LinkDelayMean")
"""Rules take a delay that was not measured for none: a living place has to tell it."""


@dataclass(frozen=True, slots=True)
class KnownTopology:
    """A topology and what names it.

    Attributes:
        topology: sites, links, paths.
        id: twelve hexadecimal digits of the SHA-256 of its canonical JSON form.
    """

    topology: Topology
    id: str


def read_topology(body: bytes) -> KnownTopology:
    """From the answer to `GET topology`.

    Raises:
        ReportRefusedError: it is no topology that can be decided on.
    """
    root = Fields(parse(body), "", ("sites", "links", "paths"))
    sites, links = _names(root, "sites"), _names(root, "links")
    paths: list[TransportPath] = []
    for at, item in _bounded(root, "paths"):
        path = _path(item, at, sites, links)
        if path.name in (other.name for other in paths):
            refuse(f"{at}.name", f"{path.name!r} is that of an earlier path")
        paths.append(path)
    topology = Topology(sites, links, tuple(paths))
    for i, site in enumerate(sites):
        if not topology.paths_of(site):
            refuse(f"sites[{i}]", f"no path starts at {site}")
    canonical = json.dumps(topology.to_document(), sort_keys=True, separators=(",", ":"))
    return KnownTopology(topology, hashlib.sha256(canonical.encode()).hexdigest()[:12])


def read_allocation(body: bytes, topology: Topology) -> CoreAllocation:
    """From the answer to `GET allocation`.

    Raises:
        ReportRefusedError: it is none, or not one of the topology.
    """
    document = parse(body)
    try:
        found = CoreAllocation.from_document(document, topology)
    except ValueError as error:
        path, _, why = str(error).partition(": ")
        refuse(path, why)
    if not 1 <= len(found.slices) <= MAX_SLICES:
        refuse("slices", f"{len(found.slices)} slices, needs 1..{MAX_SLICES}")
    return found


def read_report(body: bytes, topology: Topology, snssais: tuple[Snssai, ...]) -> CoreReport:
    """From the answer to `GET report`.

    Args:
        body: of the answer.
        topology: what it has to be about.
        snssais: slices it has to be about, in their order.

    Raises:
        ReportRefusedError: it is no report, or not a whole one of these.
    """
    root = Fields(
        parse(body), "",
        ("node", "cell", "sequence", "start_ms", "period_ms", "sites", "links", "slices"),
    )  # fmt: skip
    sites = [
        SiteReport(*_place(item, at, SITE_MEASUREMENTS)) for at, item in _bounded(root, "sites")
    ]
    links = [
        LinkReport(*_place(item, at, LINK_MEASUREMENTS)) for at, item in _bounded(root, "links")
    ]
    slices = [_slice(item, at, topology) for at, item in _bounded(root, "slices")]
    _same(root.path("sites"), [s.name for s in sites], topology.sites)
    _same(root.path("links"), [s.name for s in links], topology.links)
    _same(root.path("slices"), [str(s.snssai) for s in slices], tuple(map(str, snssais)))
    return CoreReport(
        root.text("node"),
        root.text("cell"),
        root.integer("sequence", 0, MAX_SEQUENCE),
        root.integer("start_ms", 0, MAX_START_MS),
        root.integer("period_ms", 1, MAX_PERIOD_MS),
        tuple(sites),
        tuple(links),
        tuple(slices),
    )


def _bounded(fields: Fields, name: str) -> list[tuple[str, object]]:
    found = list(fields.items(name))
    if len(found) > MAX_PLACES:
        refuse(fields.path(name), f"{len(found)} items, at most {MAX_PLACES} are taken")
    return found


def _names(fields: Fields, name: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for at, item in _bounded(fields, name):
        if not isinstance(item, str) or not item:
            refuse(at, "needs a name")
        if item in found:
            refuse(at, f"{item!r} is that of an earlier one")
        found[item] = None
    if not found:
        refuse(fields.path(name), "none, needs at least one")
    return tuple(found)


def _path(item: object, at: str, sites: tuple[str, ...], links: tuple[str, ...]) -> TransportPath:
    fields = Fields(item, at, ("name", "site", "links", "delay_ms"))
    site, own = fields.text("site"), _names(fields, "links")
    if site not in sites:
        refuse(fields.path("site"), f"{site!r} is not one of {', '.join(sites)}")
    known = frozenset(links)
    for i, link in enumerate(own):
        if link not in known:
            refuse(f"{fields.path('links')}[{i}]", f"{link!r} is not one of {', '.join(links)}")
    return TransportPath(fields.text("name"), site, own, fields.real("delay_ms", 0.0, MAX_DELAY_MS))


def _place(
    item: object, at: str, table: tuple[Measurement, ...]
) -> tuple[str, State, tuple[float, ...]]:
    fields = Fields(item, at, ("name", "health", "measurements"))
    name, flag = fields.text("name"), fields.text("health")
    health = next((state for state in STATES if state == flag), None)
    if health is None:
        refuse(fields.path("health"), f"{flag!r} is not one of {', '.join(STATES)}")
    values = _measured(fields, table)
    for m, value in zip(table, values, strict=True):
        if m.name in _DECISIVE and health != "failed" and math.isnan(value):
            refuse(
                f"{fields.path('measurements')}.{m.name}",
                f"is required of {name}, which has not failed",
                Refused.PARTIAL,
            )
    return name, health, values


def _slice(item: object, at: str, topology: Topology) -> CoreSliceReport:
    fields = Fields(item, at, ("snssai", "site", "migrating", "measurements"))
    site, migrating = fields.text("site"), fields.boolean("migrating")
    if site not in topology.sites:
        refuse(
            fields.path("site"),
            f"{site!r} is not one of {', '.join(topology.sites)}",
            Refused.OTHER_TOPOLOGY,
        )
    try:
        snssai = Snssai.parse(fields.text("snssai"))
    except ValueError as error:
        refuse(fields.path("snssai"), str(error))
    return CoreSliceReport(snssai, site, migrating, _measured(fields, CORE_SLICE_MEASUREMENTS))


def _measured(fields: Fields, table: tuple[Measurement, ...]) -> tuple[float, ...]:
    """Values in the table's order; NaN where absent."""
    found, at = fields.mapping("measurements"), fields.path("measurements")
    known = {m.name for m in table}
    for name in found:
        if name not in known:
            refuse(f"{at}.{name[:64]}", f"unknown; known are {', '.join(sorted(known))}")
    return tuple(
        number(found[m.name], f"{at}.{m.name}", m.low, m.high) if m.name in found else math.nan
        for m in table
    )


def _same(path: str, named: list[str], wanted: tuple[str, ...]) -> None:
    if tuple(named) == wanted:
        return
    missing = [name for name in wanted if name not in named]
    if missing and set(named) <= set(wanted):
        refuse(path, f"{', '.join(missing)} missing", Refused.PARTIAL)
    told = ", ".join(named) or "none"
    refuse(path, f"are {told}; need to be {', '.join(wanted)}", Refused.OTHER_TOPOLOGY)
