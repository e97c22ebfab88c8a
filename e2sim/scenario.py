"""Scenarios: what a twin's cells look like, who uses them and how much they ask for."""

from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Final, Literal

import yaml

from e2sim.document import Range, Within, read
from e2sim.lines import line_of
from oran.report import MAX_SLICES
from oran.snssai import Snssai

Kind = Literal["eMBB", "URLLC", "mMTC"]
Scheduler = Literal["proportional_fair", "earliest_deadline", "round_robin"]
Slicing = Literal["work_conserving", "strict"]
Environment = Literal["umi", "uma"]

BUNDLED: Final = ("mixed", "night", "overload", "factory", "stadium")
"""Scenarios that come with the package."""

PDCP_DISCARD_MS: Final = (10, 20, 30, 40, 50, 60, 75, 100, 150, 200, 250, 300, 500, 750, 1500)
"""Finite values of discardTimer in ms, TS 38.331 PDCP-Config."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """What one slice's users ask for: Poisson arrivals and a periodic source each.

    Attributes:
        load: share of the cell's PRBs the slice needs on average, drawn per cell from [low, high].
        packet_bytes: sizes of Poisson arrivals, bounded Pareto on [low, high].
        pareto_shape: exponent of that distribution.
        sdu_bytes: largest SDU an arrival is cut into.
        admission: whether Poisson arrivals are flows that admission control may refuse.
        periodic_share: share of the bytes that comes from the periodic source.
        period_ms: its period; the size of an arrival follows from the load.
        jitter_ms: its arrivals are displaced by up to half of it to either side.
        periodic_sigma: log-normal spread of its sizes, nepers.
        swing_sigma: spread of the slow modulation of the Poisson rate (log-normal), nepers.
        swing_s: time in which that modulation forgets its past.
        on_s, off_s: mean stays of each user's two-state modulation (MMPP); 0 and 0: always on.
        burst_share: share of the Poisson bytes that comes in bursts all users share, each shaped
            as Beta(3, 4) (TR 37.868 table 6.1.1, traffic model 2).
        burst_every_s: time between such bursts.
        burst_s: length of one.
    """

    load: Annotated[Range, Within(0.0, 4.0)]
    packet_bytes: Annotated[Range, Within(1, 10_000_000)]
    pareto_shape: Annotated[float, Within(1.01, 10.0)] = 1.2
    sdu_bytes: Annotated[int, Within(1, 9000)] = 1500
    admission: bool = True
    periodic_share: Annotated[float, Within(0.0, 1.0)] = 0.0
    period_ms: Annotated[float, Within(0.125, 60_000.0)] = 1000.0
    jitter_ms: Annotated[float, Within(0.0, 60_000.0)] = 0.0
    periodic_sigma: Annotated[float, Within(0.0, 1.5)] = 0.0
    swing_sigma: Annotated[float, Within(0.0, 1.5)] = 0.0
    swing_s: Annotated[float, Within(0.1, 3600.0)] = 10.0
    on_s: Annotated[float, Within(0.0, 3600.0)] = 0.0
    off_s: Annotated[float, Within(0.0, 3600.0)] = 0.0
    burst_share: Annotated[float, Within(0.0, 1.0)] = 0.0
    burst_every_s: Annotated[float, Within(0.1, 3600.0)] = 10.0
    burst_s: Annotated[float, Within(0.1, 3600.0)] = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceScenario:
    """One slice of every cell; what is promised to it (the SLA) is not part of the scenario.

    Attributes:
        snssai: its identity.
        kind: eMBB, URLLC or mMTC, for people who read the scenario; the physics ignores it.
        users: number of connected users (for mMTC: gateways, each with many devices).
        speed_kmh: their speed, which sets the Doppler spread.
        scheduler: which user of the slice goes first.
        discard_ms: PDCP discard timer, one of `PDCP_DISCARD_MS`: older SDUs are dropped.
        queue: most arrivals waiting per user, a power of two; more are dropped on arrival.
        traffic: what its users ask for.
    """

    snssai: Snssai
    kind: Kind
    users: Annotated[int, Within(1, 256)]
    speed_kmh: Annotated[float, Within(0.1, 500.0)] = 3.0
    scheduler: Scheduler
    discard_ms: Annotated[int, Within(10, 1500)]
    queue: Annotated[int, Within(2, 4096)] = 64
    traffic: Traffic


@dataclass(frozen=True, slots=True, kw_only=True)
class Interference:
    """Load of the six neighbour sites, as a share of their full power, in dB.

    Attributes:
        coupled_cells: cells of a group that are each other's neighbours, one after the other in
            a network, which needs whole groups. With 1 the neighbours are no cells of the network.
        mean_db: long-run mean outside bursts; in a group of several cells only of the first 10 ms,
            then it is what the others have radiated on average in the last 10 ms.
        sigma_db: spread of its slow variation (Gaussian, first order).
        memory_s: time in which that variation forgets its past.
        burst_db: rise during bursts.
        burst_on_s, burst_off_s: mean stays in and out of bursts.
    """

    coupled_cells: Annotated[int, Within(1, 64)] = 1
    mean_db: Annotated[float, Within(-40.0, 0.0)] = -4.0
    sigma_db: Annotated[float, Within(0.0, 10.0)] = 2.0
    memory_s: Annotated[float, Within(0.01, 3600.0)] = 2.0
    burst_db: Annotated[float, Within(0.0, 20.0)] = 3.0
    burst_on_s: Annotated[float, Within(0.01, 3600.0)] = 1.0
    burst_off_s: Annotated[float, Within(0.01, 3600.0)] = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """Linear power model of Auer et al., "How much energy is needed to run a wireless network?",
    IEEE Wireless Communications 18(5), 2011, table 2; the defaults are its micro base station.

    Attributes:
        chains: transceiver chains.
        max_w: largest transmit power of a chain, W.
        fixed_w: power of a chain that transmits nothing, W.
        slope: increase of supply power over transmit power.
    """

    chains: Annotated[int, Within(1, 64)] = 2
    max_w: Annotated[float, Within(0.01, 100.0)] = 6.3
    fixed_w: Annotated[float, Within(0.0, 1000.0)] = 56.0
    slope: Annotated[float, Within(0.0, 20.0)] = 2.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Cells that differ only in what their seeds draw: places, loads, fading.

    Attributes:
        name: free text.
        numerology: mu, slots of 1 / 2^mu ms (TS 38.211 4.2).
        prbs: PRBs of the carrier.
        period_ms: reporting period, after which a new allocation applies.
        carrier_ghz: carrier frequency.
        environment: `umi` street canyon or `uma` urban macro (TR 38.901).
        site_distance_m: distance between sites of the hexagonal grid.
        site_height_m: antenna height.
        antenna_gain_db: gain towards the user, site's and user's together.
        diversity: independent Rayleigh branches a user averages.
        cqi_period_slots: time between CQI measurements.
        cqi_delay_slots: from measurement to use, shorter than the period.
        harq_rtt_slots: from a transmission to its repetition.
        harq_transmissions: most transmissions of a block before RLC starts it afresh.
        slicing: `work_conserving`, where slices that want more than their minimum share divide
            what the others leave, or `strict`, where a slice never has more than that share.
        interference: the neighbour cells.
        power: the site's power model.
        slices: in the order of reports and allocations.
    """

    name: str
    numerology: Annotated[int, Within(0, 3)] = 1
    prbs: Annotated[int, Within(25, 273)] = 106
    period_ms: Annotated[int, Within(1, 60_000)] = 100
    carrier_ghz: Annotated[float, Within(0.5, 100.0)] = 3.5
    environment: Environment = "umi"
    site_distance_m: Annotated[float, Within(50.0, 5000.0)] = 200.0
    site_height_m: Annotated[float, Within(2.0, 150.0)] = 10.0
    antenna_gain_db: Annotated[float, Within(0.0, 40.0)] = 5.0
    diversity: Annotated[int, Within(1, 8)] = 4
    cqi_period_slots: Annotated[int, Within(2, 640)] = 10
    cqi_delay_slots: Annotated[int, Within(1, 639)] = 6
    harq_rtt_slots: Annotated[int, Within(2, 16)] = 8
    harq_transmissions: Annotated[int, Within(1, 8)] = 4
    slicing: Slicing = "work_conserving"
    interference: Interference = field(default_factory=Interference)
    power: Power = field(default_factory=Power)
    slices: tuple[SliceScenario, ...]

    @property
    def slot_ms(self) -> float:
        """Length of a slot in ms."""
        return 1.0 / (1 << self.numerology)

    @property
    def slots_per_period(self) -> int:
        """Slots of one reporting period."""
        return self.period_ms << self.numerology


def load_scenario(name_or_path: str) -> Scenario:
    """A bundled scenario by its name, or one from a YAML file.

    Raises:
        ValueError: the document is no scenario; the message names the file's line, the path in
            the document, what stands there and what may.
        OSError: there is no such file.
    """
    if name_or_path in BUNDLED:
        text = files("e2sim.scenarios").joinpath(f"{name_or_path}.yaml").read_text("utf-8")
    else:
        text = Path(name_or_path).read_text("utf-8")
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(f"{name_or_path}: not YAML: {error}") from error
    try:
        return parse_scenario(document)
    except ValueError as error:
        path, _, _ = str(error).partition(":")
        raise ValueError(f"{name_or_path}, line {line_of(text, path)}: {error}") from error


def parse_scenario(document: object) -> Scenario:
    """A scenario from a YAML or JSON document, checked.

    Raises:
        ValueError: as `load_scenario`, without a line.
    """
    scenario: Scenario = read(Scenario, document, "")
    _check(scenario)
    return scenario


def _check(scenario: Scenario) -> None:
    if not 1 <= len(scenario.slices) <= MAX_SLICES:
        raise ValueError(f"slices: {len(scenario.slices)} of them, needs 1..{MAX_SLICES}")
    if scenario.cqi_delay_slots >= scenario.cqi_period_slots:
        raise ValueError(
            f"cqi_delay_slots: {scenario.cqi_delay_slots} is not below "
            f"cqi_period_slots, {scenario.cqi_period_slots}"
        )
    for i, s in enumerate(scenario.slices):
        if s.snssai in (other.snssai for other in scenario.slices[:i]):
            raise ValueError(f"slices[{i}].snssai: {s.snssai} is that of an earlier slice too")
        if s.discard_ms not in PDCP_DISCARD_MS:
            raise ValueError(
                f"slices[{i}].discard_ms: {s.discard_ms} is not one of {PDCP_DISCARD_MS}"
            )
        if s.queue & (s.queue - 1):
            raise ValueError(f"slices[{i}].queue: {s.queue} is not a power of two")
        _check_traffic(s.traffic, scenario.slot_ms, f"slices[{i}].traffic")


def _check_traffic(traffic: Traffic, slot_ms: float, path: str) -> None:
    if (traffic.on_s > 0.0) != (traffic.off_s > 0.0):
        raise ValueError(
            f"{path}.on_s: {traffic.on_s:g} with off_s {traffic.off_s:g}: both 0 or both above"
        )
    if traffic.burst_s > traffic.burst_every_s:
        raise ValueError(f"{path}.burst_s: {traffic.burst_s:g} is above burst_every_s")
    if traffic.period_ms < slot_ms:
        raise ValueError(f"{path}.period_ms: {traffic.period_ms:g} is below the slot, {slot_ms:g}")
    if traffic.jitter_ms >= traffic.period_ms:
        raise ValueError(f"{path}.jitter_ms: {traffic.jitter_ms:g} is not below period_ms")
