"""A scenario as one direction of its cells sees it."""

from dataclasses import replace

from e2sim.scenario.duplex import Direction
from e2sim.scenario.scenario import Scenario
from e2sim.scenario.slices import SliceScenario


def facing(scenario: Scenario, direction: Direction) -> Scenario:
    """The scenario whose traffic, schedulers, buffers and round trip are those of a direction.

    A slice without an uplink has one with nothing to send. Devices' payloads are the downlink's.
    """
    if direction == "downlink":
        return scenario
    return replace(
        scenario,
        harq_rtt_slots=scenario.uplink.harq_rtt_slots,
        interference=replace(scenario.interference, mean_db=scenario.uplink.load_db),
        slices=tuple(_sending(s) for s in scenario.slices),
    )


def _sending(part: SliceScenario) -> SliceScenario:
    if part.uplink is None:
        idle = replace(part.traffic, load=(0.0, 0.0))
        return replace(part, queue=2, traffic=idle, devices=None)
    link = part.uplink
    return replace(
        part,
        scheduler=link.scheduler,
        discard_ms=link.discard_ms,
        queue=link.queue,
        traffic=link.traffic,
        devices=None,
    )
