"""What sleep saves and costs: power and delay of the scenario `idle` by deepest state."""

from dataclasses import replace
from typing import Final

import numpy as np

from bench.twin import equal_shares
from e2sim.network import Network
from e2sim.network.energy import STATES
from e2sim.scenario import Power, Sleep, load_scenario
from oran.measurements import SLICE_COLUMN

_VARIANTS: Final = {
    "linear": None,
    "none": Sleep(deepest="none"),
    "micro": Sleep(deepest="micro"),
    "light": Sleep(deepest="light"),
    "deep_20": Sleep(deepest="deep", ssb_ms=20),
    "deep_160": Sleep(deepest="deep", ssb_ms=160),
}
_FIGURES: Final = {
    "w": "W, mean power",
    "light": "%, of slots in light sleep",
    "deep": "%, of slots in deep sleep",
    "embb_ms": "ms, mean delay of eMBB SDUs",
    "urllc_ms": "ms, mean delay of URLLC SDUs",
    "mmtc_ms": "ms, mean delay of mMTC SDUs",
    "urllc_late": "%, URLLC SDUs dropped because too old",
}
KEYS: Final = {
    f"{variant}_{name}": f"{text}; {variant}"
    for variant in _VARIANTS
    for name, text in _FIGURES.items()
}

_CELLS: Final = 64
_PERIODS: Final = 300
_DELAY: Final = SLICE_COLUMN["DRB.RlcSduDelayDl"]


def _played(sleep: Sleep | None) -> list[float]:
    scenario = replace(load_scenario("idle"), power=Power(sleep=sleep))
    network = Network(scenario, np.arange(100, 100 + _CELLS).astype(np.uint64))
    joules, slots = 0.0, np.zeros(len(STATES))
    waited, sdus, late = np.zeros(3), np.zeros(3), np.zeros(3)
    for _ in range(_PERIODS):
        report = network.step(equal_shares(_CELLS))
        detail, energy = network.detail(), network.energy()
        joules += detail.energy_j.sum()
        slots += energy.slots.sum(axis=0)
        delay = np.nan_to_num(report.slices[..., _DELAY]) * 0.1
        waited += (delay * detail.delivered_packets).sum(axis=0)
        sdus += detail.delivered_packets.sum(axis=0)
        late += detail.late_packets.sum(axis=0)
    share = 100.0 * slots / slots.sum()
    seconds = _PERIODS * scenario.period_ms / 1000.0
    return [
        joules / _CELLS / seconds,
        share[STATES.index("light")],
        share[STATES.index("deep")],
        *(waited / sdus).tolist(),
        float(100.0 * late[1] / (late[1] + sdus[1])),
    ]


def run() -> dict[str, float]:
    """Measure; takes half a minute."""
    return {
        f"{variant}_{name}": value
        for variant, sleep in _VARIANTS.items()
        for name, value in zip(_FIGURES, _played(sleep), strict=True)
    }
