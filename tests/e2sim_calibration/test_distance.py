import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from e2sim.calibration.curve import binned, compare
from e2sim.calibration.distance import bootstrap, kolmogorov_smirnov, wasserstein

SAMPLES = st.lists(st.integers(-20, 20).map(float), min_size=2, max_size=30).map(np.array)


@given(SAMPLES, SAMPLES)
def test_distances_are_scipys(a: np.ndarray, b: np.ndarray) -> None:
    assert kolmogorov_smirnov(a, b) == pytest.approx(
        stats.ks_2samp(a, b, method="asymp").statistic, abs=1e-12
    )
    assert wasserstein(a, b) == pytest.approx(stats.wasserstein_distance(a, b), abs=1e-9)


def test_bootstrap_interval_covers_the_mean_as_often_as_it_says() -> None:
    rng = np.random.default_rng(5)
    hits = 0
    for _ in range(120):
        # Samples of a block share an offset: an interval over single samples would be too narrow.
        blocks = [rng.normal() + 0.1 * rng.normal(size=20) for _ in range(25)]
        low, high = bootstrap(blocks, lambda x: float(x.mean()), rng)
        hits += low <= 0.0 <= high
    # Percentile intervals of 25 blocks cover a little less than 95 %.
    assert 104 <= hits <= 119


def test_points_of_a_curve_are_quantiles_of_the_nearest_samples() -> None:
    x = np.repeat([1.2, 1.6, 4.4, 4.6], 10)
    y = np.arange(40.0)
    curve = binned("c", x, y, np.array([1.0, 2.0, 4.0]), x_unit="", y_unit="", least=10)
    assert curve.x.tolist() == [1.0, 2.0, 4.0]
    # 4.4 and 4.6 are nearest to 4, whose bin reaches to 5.
    assert curve.samples.tolist() == [10, 10, 20]
    assert curve.median.tolist() == [4.5, 14.5, 29.5]
    assert curve.low[0] == np.quantile(y[:10], 0.1)
    assert curve.at(2.0) == 14.5
    assert np.isnan(curve.at(3.0))


def test_bins_with_too_few_samples_are_absent_and_far_samples_are_in_none() -> None:
    x = np.array([1.0] * 3 + [2.0] * 2 + [9.0] * 5)
    bins = np.array([1.0, 2.0])
    curve = binned("c", x, np.ones(10), bins, x_unit="", y_unit="", least=3)
    assert curve.x.tolist() == [1.0]
    assert curve.samples.tolist() == [3]


def test_curves_of_unlike_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match=r"c: x \(2,\), y \(3,\)"):
        binned("c", np.ones(2), np.ones(3), np.array([1.0, 2.0]), x_unit="", y_unit="")


def test_comparison_is_relative_to_the_reference_where_both_have_points() -> None:
    bins = np.array([1.0, 2.0, 3.0, 4.0])
    x = np.repeat(bins, 2)
    reference = binned("r", x, x * 10.0, bins, x_unit="", y_unit="", least=1)
    ours = binned("o", x[:6], np.repeat([11.0, 18.0, 30.0], 2), bins, x_unit="", y_unit="", least=1)
    found = compare(ours, reference)
    assert found.points == 3
    assert found.worst == pytest.approx(0.1)
    assert found.bias == pytest.approx(0.0, abs=1e-12)
    assert found.mean == pytest.approx(0.2 / 3)
    assert compare(ours, binned("z", x, x * 0.0, bins, x_unit="", y_unit="", least=1)).points == 0
