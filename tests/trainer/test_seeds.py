"""Seeds of one purpose never serve another."""

import itertools

import numpy as np
import pytest

from trainer.seeds import SEED_RANGES, SeedError, draw_training_seeds, seeds_for


def test_the_ranges_are_disjoint() -> None:
    for one, other in itertools.combinations(SEED_RANGES.values(), 2):
        assert one.stop <= other.start or other.stop <= one.start


def test_a_range_is_given_as_its_seeds() -> None:
    purpose, seeds = seeds_for("1000005:1000008", "evaluation", "validation")
    assert purpose == "validation"
    assert seeds.dtype == np.uint64
    assert seeds.tolist() == [1_000_005, 1_000_006, 1_000_007]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("2000000:2000010", "not for this purpose"),
        ("999990:1000010", "not for this purpose"),  # across a border
        ("5000000000:5000000001", "not for this purpose"),
        ("5:5", "holds no seed"),
        ("9:5", "holds no seed"),
        ("5", "not a range"),
        ("-1:5", "not a range"),
        ("a:b", "not a range"),
    ],
)
def test_other_ranges_are_refused(text: str, problem: str) -> None:
    with pytest.raises(SeedError, match=problem):
        seeds_for(text, "evaluation", "validation")


def test_training_draws_from_its_own_range() -> None:
    seeds = draw_training_seeds(np.random.default_rng(0), 10_000)
    assert all(int(s) in SEED_RANGES["training"] for s in seeds)
    assert len(set(seeds.tolist())) == 10_000
