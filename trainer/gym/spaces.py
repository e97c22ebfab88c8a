"""The spaces of one cell: the observation's table, and the policy's raw outputs."""

from typing import Any, Final, cast

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from xapp.decision.action import CELL_ACTIONS, SLICE_ACTIONS
from xapp.decision.observation import OBSERVATION

F32Box = spaces.Box[np.float32]

RawAction = dict[str, NDArray[np.float32]]
"""Raw outputs: `slices` [..., S, len(SLICE_ACTIONS)] and `cell` [..., len(CELL_ACTIONS)]."""

BOUND: Final = 16.0
"""Where flat raw outputs end. Outputs act through hyperbolic tangents, which are at their limits
there: every allocation that unbounded outputs can mean is within the bound."""

FLAT_ACTIONS: Final = (len(SLICE_ACTIONS), len(CELL_ACTIONS))
"""Raw outputs a slice, and of the cell, which follow behind all slices."""


def observation_space(slices: int) -> F32Box:
    """Float32 [S, FEATURES] with the bounds of `xapp.decision.observation.OBSERVATION`."""
    low, high = (
        np.tile(np.array([getattr(f, side) for f in OBSERVATION], np.float32), (slices, 1))
        for side in ("low", "high")
    )
    return spaces.Box(low, high, dtype=np.float32)


def action_space(slices: int) -> spaces.Space[RawAction]:
    """Unbounded float32: `slices` [S, len(SLICE_ACTIONS)] and `cell` [len(CELL_ACTIONS)]."""
    parts: dict[str, spaces.Space[Any]] = {
        "slices": spaces.Box(-np.inf, np.inf, (slices, len(SLICE_ACTIONS)), np.float32),
        "cell": spaces.Box(-np.inf, np.inf, (len(CELL_ACTIONS),), np.float32),
    }
    return cast("spaces.Space[RawAction]", spaces.Dict(parts))


def flat_observation_space(slices: int) -> F32Box:
    """`observation_space` as one vector, slice by slice."""
    shaped = observation_space(slices)
    return spaces.Box(shaped.low.ravel(), shaped.high.ravel(), dtype=np.float32)


def flat_action_space(slices: int) -> F32Box:
    """The slices' outputs, one slice after another, and the cell's, within `BOUND`."""
    of_slice, of_cell = FLAT_ACTIONS
    return spaces.Box(-BOUND, BOUND, (slices * of_slice + of_cell,), np.float32)
