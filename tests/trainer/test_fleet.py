"""A fleet is its shards, whatever their slices and however many threads step them."""

from functools import partial

import numpy as np
import pytest

from e2sim.scenario import load_scenario
from oran.batch import AllocationBatch
from tests.trainer.fake import FakeNetwork
from trainer.fleet import Fleet
from trainer.mixes import slice_mixes
from trainer.twin import MakeTwin
from xapp.decision.heuristics import static_shared

SEEDS = np.arange(8, dtype=np.uint64)


def test_shards_with_other_slices_live_as_they_do_alone() -> None:
    kinds: list[MakeTwin] = [FakeNetwork, partial(FakeNetwork, slices=2)]
    with Fleet(kinds, SEEDS, 4, 2) as fleet:
        allocation, report = fleet.begin()
        stepped = fleet.step(allocation)
        finished = fleet.finished()
    assert report.present.sum(axis=1).tolist() == [3, 3, 2, 2, 3, 3, 2, 2]
    for shard in range(4):
        rows, count = slice(2 * shard, 2 * shard + 2), 3 - shard % 2
        alone = kinds[shard % 2](SEEDS[rows])
        held = static_shared(np.ones((2, count), np.bool_))
        np.testing.assert_array_equal(alone.step(held).slices, report.slices[rows, :count])
        np.testing.assert_array_equal(alone.step(held).slices, stepped.slices[rows, :count])
        np.testing.assert_array_equal(
            alone.detail().dropped_packets, finished.lost_packets[rows, :count]
        )
        np.testing.assert_array_equal(held.slices, allocation.slices[rows, :count])
        assert np.isnan(report.slices[rows, count:]).all()
        assert not finished.packets[rows, count:].any()


def test_a_renewed_shard_repeats_what_its_seeds_say() -> None:
    with Fleet([FakeNetwork], SEEDS, 2, 1) as fleet:
        allocation, first = fleet.begin()
        fleet.step(allocation)
        _, again = fleet.renew(1, SEEDS[4:])
    np.testing.assert_array_equal(again.slices, first.slices[4:])


def test_a_past_is_lived_again() -> None:
    """Shards of any age and any slices, and the fleet that lived it again can tell it too."""
    kinds: list[MakeTwin] = [FakeNetwork, partial(FakeNetwork, slices=2)]
    with Fleet(kinds, SEEDS, 2, 2, remember=True) as fleet:
        allocation, _ = fleet.begin()
        for age in range(7):
            if age == 4:
                fleet.renew(1, SEEDS[:4])
            allocation.slices[..., 1] = (7 * age + np.arange(3)) % 30
            allocation = AllocationBatch(allocation.slices.copy(), allocation.tx_power_offset_db)
            report = fleet.step(allocation)
        past = fleet.past()
    assert [len(slices) for slices, _ in past.played] == [7, 3]
    for remember in (True, False):
        with Fleet(kinds, past.seeds, 2, 1, remember=remember) as again:
            held, lived = again.relive(past)
            np.testing.assert_array_equal(lived.slices, report.slices)
            np.testing.assert_array_equal(held.slices, allocation.slices)
            if remember:
                for one, other in zip(again.past().played, past.played, strict=True):
                    np.testing.assert_array_equal(one[0], other[0])
            else:
                with pytest.raises(ValueError, match="was not asked to remember"):
                    again.past()


def test_shards_are_of_equal_size() -> None:
    with pytest.raises(ValueError, match="3 does not divide 8 cells"):
        Fleet([FakeNetwork], SEEDS, 3, 1)


def test_mixes_have_a_slice_more_and_a_slice_less() -> None:
    scenario = load_scenario("mixed")
    same, more, again, fewer = slice_mixes(scenario)
    assert same is again is scenario
    assert [len(m.slices) for m in (more, fewer)] == [4, 2]
    assert len({s.snssai for s in more.slices}) == 4
    halves = [s for s in more.slices if s.snssai.sst == scenario.slices[0].snssai.sst]
    whole = scenario.slices[0]
    assert sum(s.traffic.load[1] for s in halves) == whole.traffic.load[1]
    assert sum(s.users for s in halves) == whole.users
