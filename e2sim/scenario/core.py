"""Core network of a scenario: UPF sites, links, and the paths from the sites to the gNB."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated, Final, Literal

from e2sim.document import Range, Within
from oran.snssai import Snssai

SiteKind = Literal["edge", "regional", "central"]
Splitting = Literal["packet", "flow"]

GNB: Final = "gnb"
"""Name of the node where all paths end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """Load by others than the cell's slices, which no decision changes.

    Attributes:
        load: mean share of the nominal capacity, drawn for each cell; [low, high].
        sigma: spread of its slow variation (of the logarithm, first order).
        memory_s: time in which that variation forgets its past.
        burst: relative rise of the load during bursts.
        burst_on_s, burst_off_s: mean stays in and out of bursts.
        packet: mean size of what a packet of it asks for, in work units (sites) or bytes (links);
            sizes are exponential.
    """

    load: Annotated[Range, Within(0.0, 2.0)] = (0.0, 0.0)
    sigma: Annotated[float, Within(0.0, 2.0)] = 0.2
    memory_s: Annotated[float, Within(0.01, 3600.0)] = 2.0
    burst: Annotated[float, Within(0.0, 10.0)] = 0.0
    burst_on_s: Annotated[float, Within(0.01, 3600.0)] = 1.0
    burst_off_s: Annotated[float, Within(0.01, 3600.0)] = 9.0
    packet: Annotated[float, Within(0.001, 1e6)] = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreSite:
    """A place where UPFs run, as one queue before one CPU.

    Attributes:
        name: unique among sites and nodes.
        kind: edge, regional or central, for people who read the scenario.
        capacity: work units a second.
        service_scv: squared coefficient of variation of a packet's work; 0 is deterministic, 1
            exponential.
        queue_ms: most work waiting, as time of the nominal capacity; more overflows.
        work_cost: price of a million work units.
        placement_cost: price of a slice's UPF there for a second.
        background: load by others.
    """

    name: str
    kind: SiteKind
    capacity: Annotated[float, Within(1.0, 1e12)]
    service_scv: Annotated[float, Within(0.0, 100.0)] = 1.0
    queue_ms: Annotated[float, Within(0.1, 10_000.0)] = 50.0
    work_cost: Annotated[float, Within(0.0, 1e6)] = 0.0
    placement_cost: Annotated[float, Within(0.0, 1e6)] = 0.0
    background: Background = field(default_factory=lambda: Background(packet=1.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreLink:
    """A transmitter with a queue before it, and a line behind it.

    Attributes:
        name: unique among links.
        source, target: nodes: sites, `gnb`, or any other name, which is a router.
        capacity_mbps: Mbit/s.
        delay_ms: propagation delay.
        loss: share of packets the line loses.
        queue_ms: most bytes waiting, as time of the nominal capacity; more overflow.
        background: load by others.
    """

    name: str
    source: str
    target: str
    capacity_mbps: Annotated[float, Within(0.1, 1e7)]
    delay_ms: Annotated[float, Within(0.0, 1000.0)]
    loss: Annotated[float, Within(0.0, 0.5)] = 0.0
    queue_ms: Annotated[float, Within(0.1, 10_000.0)] = 20.0
    background: Background = field(default_factory=Background)


@dataclass(frozen=True, slots=True, kw_only=True)
class CorePath:
    """A way from a site to the gNB over links that join."""

    name: str
    site: str
    links: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreSlice:
    """One slice in the core.

    Attributes:
        snssai: its identity; the scenario has a slice of it.
        site: where its UPF is at the start.
        work_per_packet, work_per_byte: what its UPF does, in work units.
        size_scv: squared coefficient of variation of its packets' sizes.
        state_mbyte: what a migration moves, MB: sessions, rules and buffered packets.
        interruption_ms: from the old UPF's last packet to the new one's first.
    """

    snssai: Snssai
    site: str
    work_per_packet: Annotated[float, Within(0.0, 1e6)] = 1.0
    work_per_byte: Annotated[float, Within(0.0, 1e3)] = 0.0
    size_scv: Annotated[float, Within(0.0, 100.0)] = 0.0
    state_mbyte: Annotated[float, Within(0.0, 1e5)] = 1.0
    interruption_ms: Annotated[float, Within(0.0, 10_000.0)] = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """How UPFs move.

    Attributes:
        transfer_share: part of the narrowest link's capacity that a state transfer takes.
        restart_ms: interruption where the old site has failed and its state is lost.
        hold_kbyte: most bytes of a slice that wait, in kB, while its UPF is interrupted.
        cost: price of a migration.
    """

    transfer_share: Annotated[float, Within(0.01, 1.0)] = 0.2
    restart_ms: Annotated[float, Within(0.0, 60_000.0)] = 300.0
    hold_kbyte: Annotated[float, Within(0.0, 1e6)] = 500.0
    cost: Annotated[float, Within(0.0, 1e6)] = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreScenario:
    """The core network that serves each cell.

    Attributes:
        sites, links, paths: in the order of reports and allocations.
        slices: one for each slice of the scenario, in its order.
        migration: how UPFs move.
        splitting: `packet`, where each packet takes a path of its own and waits at the gNB until
            those before it have come by the slowest path in use, or `flow`, where a flow keeps to
            a path and nothing is put in order.
    """

    sites: tuple[CoreSite, ...]
    links: tuple[CoreLink, ...]
    paths: tuple[CorePath, ...]
    slices: tuple[CoreSlice, ...]
    migration: Migration = field(default_factory=Migration)
    splitting: Splitting = "packet"


def check_core(core: CoreScenario, snssais: tuple[Snssai, ...]) -> None:
    """Raise `ValueError`, which begins with the path, for values no core has together."""
    for name, parts in (("sites", core.sites), ("links", core.links), ("paths", core.paths)):
        if not parts:
            raise ValueError(f"core.{name}: none, needs at least one")
        names = [part.name for part in parts]
        for i, other in enumerate(names):
            if other in names[:i]:
                raise ValueError(f"core.{name}[{i}].name: {other} is that of an earlier one too")
    _check_nodes(core)
    for i, path in enumerate(core.paths):
        _check_path(core, path, f"core.paths[{i}]")
    starts = {path.site for path in core.paths}
    for i, site in enumerate(core.sites):
        if site.name not in starts:
            raise ValueError(f"core.sites[{i}].name: no path starts at {site.name}")
    _check_slices(core, snssais)


def link_order(links: Iterable[CoreLink]) -> list[int]:
    """Indices of the links so that none comes before a link that leads to it.

    Raises:
        ValueError: links form a circle; the message begins with the path of one of them.
    """
    left = dict(enumerate(links))
    order: list[int] = []
    while left:
        targets = {link.target for link in left.values()}
        ready = [i for i, link in left.items() if link.source not in targets]
        if not ready:
            raise ValueError(f"core.links[{min(left)}].target: links lead in a circle")
        order += ready
        for i in ready:
            del left[i]
    return order


def _check_nodes(core: CoreScenario) -> None:
    for i, site in enumerate(core.sites):
        if site.name == GNB:
            raise ValueError(f"core.sites[{i}].name: {GNB} is the name of the paths' end")
    for i, link in enumerate(core.links):
        if link.source == GNB:
            raise ValueError(
                f"core.links[{i}].source: nothing starts at {GNB}, downlink ends there"
            )
    link_order(core.links)


def _check_path(core: CoreScenario, path: CorePath, at: str) -> None:
    by_name = {link.name: link for link in core.links}
    if path.site not in (site.name for site in core.sites):
        raise ValueError(f"{at}.site: there is no site {path.site}")
    if not path.links:
        raise ValueError(f"{at}.links: none, needs at least one")
    node = path.site
    for i, name in enumerate(path.links):
        if name not in by_name:
            raise ValueError(f"{at}.links[{i}]: there is no link {name}")
        if by_name[name].source != node:
            raise ValueError(
                f"{at}.links[{i}]: {name} starts at {by_name[name].source}, not at {node}"
            )
        node = by_name[name].target
    if node != GNB:
        raise ValueError(f"{at}.links: end at {node}, not at {GNB}")


def _check_slices(core: CoreScenario, snssais: tuple[Snssai, ...]) -> None:
    named = tuple(s.snssai for s in core.slices)
    if named != snssais:
        raise ValueError(
            f"core.slices: are {', '.join(map(str, named))}; "
            f"needs those of the scenario in its order, {', '.join(map(str, snssais))}"
        )
    for i, part in enumerate(core.slices):
        if part.site not in (site.name for site in core.sites):
            raise ValueError(f"core.slices[{i}].site: there is no site {part.site}")
        if part.work_per_packet + part.work_per_byte <= 0.0:
            raise ValueError(f"core.slices[{i}].work_per_packet: 0 with work_per_byte 0: no work")
