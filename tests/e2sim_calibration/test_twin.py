import numpy as np
import pytest

from e2sim.calibration.agreement import agreement, twin_response
from e2sim.calibration.curve import Curve, binned
from e2sim.calibration.radio import radio_curves
from e2sim.calibration.sessions import BLOCKS, BUFFER, COLUMNS, ERRORS, GRANTED, MCS, RATE, TIME
from e2sim.calibration.twin import (
    arrivals,
    like_testbed,
    offered_mbps,
    play,
    radio_rows,
    rows_of,
    seeds,
    single_users,
    steady,
)
from e2sim.scenario import load_scenario


def test_rows_hold_what_the_reports_say_and_no_byte_vanishes() -> None:
    measured = play(like_testbed(steady(0.3)), seeds(3, 4), periods=40)
    rows = rows_of(measured)
    assert rows.shape == (4, 40, len(COLUMNS))
    assert rows[2, :, TIME].tolist() == list(range(0, 10_000, 250))
    offered = offered_mbps(measured)
    # What waits at the end is what the rate of the whole run lacks, or more: the warm-up's rest.
    waiting = rows[:, -1, BUFFER] * 8e-6
    lacking = (offered - rows[..., RATE].mean(axis=1)) * 10.0
    assert (lacking <= waiting + 0.01).all()
    assert (rows[..., GRANTED] <= 50 * 250).all()
    idle = rows[..., BLOCKS] == 0.0
    assert (rows[..., MCS][idle] == 0.0).all()
    assert ((rows[..., ERRORS] >= 0.0) & (rows[..., ERRORS] <= 100.0)).all()


def test_a_slice_held_to_a_share_uses_no_more_of_the_carrier() -> None:
    measured = play(like_testbed(steady(0.5)), seeds(0, 4), periods=20, share=12)
    assert rows_of(measured)[..., GRANTED].max() <= 6 * 250


def test_curves_of_the_twin_rise_as_its_tables_do() -> None:
    curves = radio_curves(radio_rows(cells=12, periods=60))
    bits = curves.bits_of_mcs
    assert len(bits.x) >= 5
    assert (np.diff(bits.median) > 0.0).all()
    # TS 38.214 table 5.1.3.1-1 on 144 elements, MCS 28: 6 bits, code rate 948/1024.
    assert bits.at(28.0) == pytest.approx(6 * 948 / 1024 * 144, rel=0.08)
    assert (np.diff(curves.mcs_of_cqi.median) >= 0.0).all()
    assert curves.uplink_errors_of_sinr.x.size == 0


def test_single_users_ask_for_their_share_of_the_slice() -> None:
    mixed = load_scenario("mixed")
    single = single_users(mixed)
    for whole, part in zip(mixed.slices, single.slices, strict=True):
        assert part.users == 1
        assert part.traffic.load[1] * whole.users == pytest.approx(whole.traffic.load[1])
    measured = play(single, seeds(0, 2), periods=30)
    told = arrivals(single, measured)
    assert [len(cells) for cells in told] == [2, 2, 2]
    assert told[0][1].duration_s == 3.0
    kbit = measured[:, 1, 0, 1].sum()
    assert told[0][1].size_bytes.sum() == pytest.approx(kbit * 125.0)


def test_no_cell_with_the_right_offer_is_an_error() -> None:
    with pytest.raises(ValueError, match="none of 1 cells is offered 3"):
        twin_response(np.array([6.0]), cells=1, periods=2)


def test_one_factor_closes_a_gap_that_is_one_factor() -> None:
    bins = np.arange(1.0, 6.0)
    x = np.repeat(bins, 4)

    def curve(y: np.ndarray) -> Curve:
        return binned("c", x, y, bins, x_unit="", y_unit="", least=1)

    told = agreement(curve(x * 10.0), curve(x * 10.5), curve(x * 12.0))
    assert told.scale == pytest.approx(10.0 / 12.0)
    assert told.twin_off.bias == pytest.approx(12.0 / 10.5 - 1.0)
    assert told.scaled_off.worst == pytest.approx(0.5 / 10.5)
    assert told.recording.mean == pytest.approx(0.5 / 10.5)
