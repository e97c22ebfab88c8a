"""Slice mixes: variants of a scenario with other numbers of slices, for policies that serve any."""

from dataclasses import replace

from e2sim.scenario import Scenario, SliceScenario
from oran.snssai import Snssai


def slice_mixes(scenario: Scenario) -> list[Scenario]:
    """The scenario itself twice, then once each with a slice more and, if it can, a slice less.

    Shards take them in turn. In the larger mix the first slice's users are split between two
    slices of its type; in the smaller one the last slice is left out.
    """
    first, *rest = scenario.slices
    taken = {s.snssai for s in scenario.slices}
    half, other = _halves(first, taken)
    mixes = [scenario, replace(scenario, slices=(half, *rest, other))]
    if rest:
        mixes += [scenario, replace(scenario, slices=scenario.slices[:-1])]
    return mixes


def _halves(slice_: SliceScenario, taken: set[Snssai]) -> tuple[SliceScenario, SliceScenario]:
    sst = slice_.snssai.sst
    free = next(s for s in (Snssai(sst, sd) for sd in range(1, 1 << 24)) if s not in taken)
    low, high = slice_.traffic.load
    half = replace(
        slice_,
        users=max(slice_.users // 2, 1),
        traffic=replace(slice_.traffic, load=(low / 2, high / 2)),
    )
    return half, replace(half, snssai=free)
