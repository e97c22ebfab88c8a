"""A scenario as a whole."""

import math
from dataclasses import dataclass, field
from typing import Annotated, Literal

from e2sim.document import Within
from e2sim.scenario.core import CoreScenario, check_core
from e2sim.scenario.duplex import Duplex, check_duplex
from e2sim.scenario.faults import IN_THE_CORE, Fault, check_fault
from e2sim.scenario.interference import Interference
from e2sim.scenario.mobility import Mobility, check_mobility
from e2sim.scenario.power import Power, check_power
from e2sim.scenario.slices import SliceScenario, check_slice, check_slice_uplink
from e2sim.scenario.uplink import Uplink, check_uplink
from oran.report import MAX_SLICES

Slicing = Literal["work_conserving", "strict"]
Environment = Literal["umi", "uma"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Cells that differ only in what their seeds draw: places, loads, fading.

    Attributes:
        name: free text.
        numerology: mu, slots of 1 / 2^mu ms (TS 38.211 4.2).
        prbs: PRBs of the carrier, of each of the two with FDD.
        duplex: which slots are of which direction.
        period_ms: reporting period, after which a new allocation applies.
        carrier_ghz: carrier frequency.
        environment: `umi` street canyon or `uma` urban macro (TR 38.901).
        site_distance_m: distance between sites of the hexagonal grid.
        site_height_m: antenna height.
        antenna_gain_db: gain towards the user, site's and user's together.
        diversity: independent Rayleigh branches a user averages.
        cqi_period_slots: time between CQI measurements.
        cqi_delay_slots: from measurement to use, shorter than the period.
        harq_rtt_slots: from a transmission to its repetition, in downlink slots.
        harq_transmissions: most transmissions of a block before RLC starts it afresh.
        slicing: `work_conserving`, where slices that want more than their minimum share divide
            what the others leave, or `strict`, where a slice never has more than that share.
        interference: the neighbour cells.
        uplink: of slices that have one.
        mobility: how users move; None: they stay where they are.
        power: the site's power model.
        slices: in the order of reports and allocations.
        core: the core network behind the cell; the radio is played the same with and without.
        faults: what fails.
    """

    name: str
    numerology: Annotated[int, Within(0, 3)] = 1
    prbs: Annotated[int, Within(25, 273)] = 106
    duplex: Duplex = field(default_factory=Duplex)
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
    uplink: Uplink = field(default_factory=Uplink)
    power: Power = field(default_factory=Power)
    mobility: Mobility | None = None
    slices: tuple[SliceScenario, ...]
    core: CoreScenario | None = None
    faults: tuple[Fault, ...] = ()

    @property
    def slot_ms(self) -> float:
        """Length of a slot in ms."""
        return 1.0 / (1 << self.numerology)

    @property
    def slots_per_period(self) -> int:
        """Slots of one reporting period."""
        return self.period_ms << self.numerology

    @property
    def has_uplink(self) -> bool:
        """Whether any slice sends; otherwise there is no uplink to play."""
        return any(s.uplink is not None for s in self.slices)

    @property
    def places(self) -> tuple[int, ...]:
        """Most users of each slice in a cell."""
        room = 1.0
        if self.mobility is not None and self.interference.coupled_cells > 1:
            room = self.mobility.room
        return tuple(math.ceil(s.users * room) for s in self.slices)


def check_scenario(scenario: Scenario) -> None:
    """Raise `ValueError`, which begins with the path, for values no scenario has together."""
    if not 1 <= len(scenario.slices) <= MAX_SLICES:
        raise ValueError(f"slices: {len(scenario.slices)} of them, needs 1..{MAX_SLICES}")
    if scenario.cqi_delay_slots >= scenario.cqi_period_slots:
        raise ValueError(
            f"cqi_delay_slots: {scenario.cqi_delay_slots} is not below "
            f"cqi_period_slots, {scenario.cqi_period_slots}"
        )
    check_duplex(scenario.duplex, scenario.slot_ms, "duplex")
    check_uplink(scenario.uplink, "uplink")
    for i, s in enumerate(scenario.slices):
        if s.snssai in (other.snssai for other in scenario.slices[:i]):
            raise ValueError(f"slices[{i}].snssai: {s.snssai} is that of an earlier slice too")
        check_slice(s, scenario.slot_ms, f"slices[{i}]")
        if s.uplink is not None:
            path = f"slices[{i}].uplink"
            check_slice_uplink(s.uplink, scenario.uplink, scenario.slot_ms, path)
    if scenario.core is not None:
        check_core(scenario.core, tuple(s.snssai for s in scenario.slices))
    if scenario.mobility is not None:
        _check_moving(scenario)
        check_mobility(scenario.mobility, scenario.interference.coupled_cells, scenario.period_ms)
    check_power(scenario.power, "power")
    if scenario.power.sleep is not None:
        _check_sleep(scenario)
    _check_faults(scenario)
    for i, s in enumerate(scenario.slices):
        if s.trace is not None:
            _check_trace(scenario, s, f"slices[{i}].trace")


def _check_trace(scenario: Scenario, part: SliceScenario, path: str) -> None:
    if scenario.mobility is not None and part.trace is not None and part.trace.has_snr:
        raise ValueError(
            f"{path}: its SNR is that of users who stay where they are: needs a trace of offered "
            "bytes alone, or no mobility"
        )
    if part.devices is not None:
        raise ValueError(
            f"{path}: a trace is not modelled in a slice with devices: needs one of them"
        )
    jammed = any(fault.kind == "interference_burst" for fault in scenario.faults)
    if jammed and part.trace is not None and part.trace.has_snr:
        raise ValueError(
            f"{path}: its SNR has its interference in it: needs faults without interference_burst"
        )


def _check_faults(scenario: Scenario) -> None:
    snssais = tuple(s.snssai for s in scenario.slices)
    for i, fault in enumerate(scenario.faults):
        check_fault(fault, snssais, f"faults[{i}]")
        if scenario.core is None and fault.kind in IN_THE_CORE:
            raise ValueError(
                f"faults[{i}].kind: {fault.kind} is of the core network, and the scenario has "
                "none: needs core, or another kind"
            )
        if scenario.core is not None and fault.name is not None:
            parts = scenario.core.sites if fault.kind == "site_outage" else scenario.core.links
            if fault.name not in (part.name for part in parts):
                named = ", ".join(part.name for part in parts)
                raise ValueError(f"faults[{i}].name: there is no {fault.name}; there are {named}")


def _check_moving(scenario: Scenario) -> None:
    for i, s in enumerate(scenario.slices):
        for name in ("uplink", "devices"):
            if getattr(s, name) is not None:
                raise ValueError(
                    f"slices[{i}].{name}: users of slices with {name} do not move yet: needs "
                    "no mobility, or slices without"
                )


def _check_signal(scenario: Scenario) -> None:
    """A site that sleeps sends its synchronisation signal at times, and none in uplink slots."""
    pattern, sleep = scenario.duplex.pattern, scenario.power.sleep
    if not pattern or sleep is None:
        return
    if pattern.startswith("U"):
        raise ValueError(
            f"duplex: {scenario.duplex} begins with U, and a site that sleeps sends its "
            "synchronisation signal in the first slot: needs D or S there, or no power.sleep"
        )
    every = round(sleep.ssb_ms / scenario.slot_ms)
    if any(pattern[i * every % len(pattern)] == "U" for i in range(len(pattern))):
        raise ValueError(
            f"power.sleep.ssb_ms: {sleep.ssb_ms} puts some of the synchronisation signals into "
            f"uplink slots of duplex {scenario.duplex}: needs another of the periods, such as a "
            f"multiple of the pattern's {len(pattern) * scenario.slot_ms:g} ms"
        )


def _check_sleep(scenario: Scenario) -> None:
    _check_signal(scenario)
    if scenario.mobility is not None:
        raise ValueError(
            "power.sleep: sleep is not modelled together with mobility: needs one of them"
        )
    for i, part in enumerate(scenario.slices):
        if part.devices is not None:
            raise ValueError(
                f"power.sleep: sleep is not modelled together with slices[{i}].devices, whose "
                "access takes a site awake at every occasion: needs one of them"
            )
