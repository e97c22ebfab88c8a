"""Path loss and SINR against CRRM, a simulator nobody here wrote, on the same geometry."""

import math

import CRRM
import numpy as np
import pytest
from CRRM.UMa_pathloss_model_06 import UMa_pathloss
from CRRM.UMi_pathloss_model_00 import UMi_pathloss
from numpy.typing import NDArray

from e2sim.network.propagation import UMA, UMI, USER_HEIGHT_M, noise_dbm, path_loss_db

TOLERANCE_DB = 0.02
"""CRRM rounds the speed of light to 3e8 m/s, which moves the breakpoint by 0.07 % and the loss
beyond it by up to 18 lg(1.0007) = 0.006 dB; between two breakpoints it may be twice that."""

CRRM_ANTENNA_GAIN_DB = 8.0
"""Its sites have it in all directions where they are not split into sectors."""

WORLDS = [("UMi", UMI, 10.0, 200.0), ("UMa", UMA, 25.0, 500.0)]
CARRIERS_GHZ = (0.7, 2.0, 3.5, 28.0)


def sites(apart_m: float, height_m: float) -> NDArray[np.float64]:
    """The serving site and its six neighbours, float64 [7, 3]."""
    turns = np.arange(6) * math.pi / 3.0
    around = apart_m * np.c_[np.cos(turns), np.sin(turns)]
    placed: NDArray[np.float64] = np.c_[np.r_[[[0.0, 0.0]], around], np.full(7, height_m)]
    return placed


def places(apart_m: float) -> NDArray[np.float64]:
    """Users about the serving site, none nearer than 10 m, float64 [60, 3]."""
    rng = np.random.default_rng(11)
    radius = 10.0 + (0.5 * apart_m - 10.0) * np.sqrt(rng.random(60))
    angle = 2.0 * math.pi * rng.random(60)
    ground = radius[:, None] * np.c_[np.cos(angle), np.sin(angle)]
    placed: NDArray[np.float64] = np.c_[ground, np.full(60, USER_HEIGHT_M)]
    return placed


@pytest.mark.parametrize("sight", [True, False])
@pytest.mark.parametrize("carrier_ghz", CARRIERS_GHZ)
@pytest.mark.parametrize(("name", "environment", "height_m", "_apart"), WORLDS)
def test_path_loss_over_all_distances(
    name: str, environment: int, height_m: float, _apart: float, carrier_ghz: float, sight: bool
) -> None:
    model = {"UMi": UMi_pathloss, "UMa": UMa_pathloss}[name](fc_GHz=carrier_ghz, LOS=sight)
    ground = np.geomspace(10.0, 5000.0, 400)[:, None]
    users = np.c_[ground, np.zeros_like(ground), np.full_like(ground, USER_HEIGHT_M)]
    slant = np.hypot(ground, height_m - USER_HEIGHT_M)
    theirs = model.get_pathloss_dB(ground, slant, users, np.array([[0.0, 0.0, height_m]]))[:, 0]
    ours = [path_loss_db(d, height_m, carrier_ghz, environment, sight) for d in ground[:, 0]]
    np.testing.assert_allclose(ours, theirs, rtol=0.0, atol=TOLERANCE_DB)


@pytest.mark.parametrize("sight", [True, False])
@pytest.mark.parametrize(("name", "environment", "height_m", "apart_m"), WORLDS)
def test_sinr_among_six_neighbours_at_full_power(
    name: str, environment: int, height_m: float, apart_m: float, sight: bool
) -> None:
    power_w, bandwidth_hz = 12.6, 106 * 12 * 30e3
    at, users = sites(apart_m, height_m), places(apart_m)
    simulator = CRRM.Simulator(
        CRRM.Parameters(
            cell_locations=at, ue_initial_locations=users, pathloss_model_name=name, LOS=sight,
            fc_GHz=3.5, p_W=power_w, bw_MHz=bandwidth_hz / 1e6,
            σ2=1e-3 * 10.0 ** (noise_dbm(1.0) / 10.0),
        )
    )  # fmt: skip
    simulator.update()
    theirs = 10.0 * np.log10(simulator.sinr.data[:, 0])
    power_dbm = 10.0 * math.log10(1000.0 * power_w) + CRRM_ANTENNA_GAIN_DB
    ours = [sinr_db(place, at, environment, sight, power_dbm, bandwidth_hz) for place in users]
    # CRRM attaches each user to its strongest site; half the distance at most is ours.
    assert (simulator.a.data == 0).all()
    np.testing.assert_allclose(ours, theirs, rtol=0.0, atol=TOLERANCE_DB)
    assert np.ptp(theirs) > 12.0


def sinr_db(
    place: NDArray[np.float64],
    at: NDArray[np.float64],
    environment: int,
    sight: bool,
    power_dbm: float,
    bandwidth_hz: float,
) -> float:
    """As the twin's drop computes it: SNR of the serving site over one and all others' INR."""
    ratio = [
        10.0 ** ((power_dbm - noise_dbm(bandwidth_hz) - loss) / 10.0)
        for site in at
        for loss in [
            path_loss_db(
                float(np.hypot(*(place[:2] - site[:2]))), float(site[2]), 3.5, environment, sight
            )
        ]
    ]
    return 10.0 * math.log10(ratio[0] / (1.0 + sum(ratio[1:])))
