"""One cell with flat, bounded spaces."""

from typing import Any, ClassVar

import numpy as np
from gymnasium import Env
from numpy.typing import NDArray

from trainer.gym.cells import Setting
from trainer.gym.one import SlicingEnv
from trainer.gym.spaces import FLAT_ACTIONS, flat_action_space, flat_observation_space


class FlatSlicingEnv(Env[NDArray[np.float32], NDArray[np.float32]]):
    """`SlicingEnv` with vectors: features slice by slice; outputs slice by slice, then the cell's.

    Outputs end at `trainer.gym.spaces.BOUND`, which costs no allocation.

    Args:
        setting: see `Setting`.
        changes: fields of the setting that differ.
    """

    # Gymnasium annotates it as if every environment had its own.
    metadata: ClassVar[dict[str, Any]] = {"render_modes": []}  # type: ignore[misc]

    def __init__(self, setting: Setting | None = None, **changes: Any) -> None:
        self._env = SlicingEnv(setting, **changes)
        self.observation_space = flat_observation_space(self._env.slices)
        self.action_space = flat_action_space(self._env.slices)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """See `SlicingEnv.reset`."""
        super().reset(seed=seed)
        # One generator for both, so that a learner that looks at it sees it move.
        self._env.np_random = self.np_random
        seen, info = self._env.reset(options=options)
        return seen.ravel(), info

    def step(
        self, action: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], float, bool, bool, dict[str, Any]]:
        """See `SlicingEnv.step`.

        Raises:
            ValueError: the vector has another length, or is not finite.
            RuntimeError: there is no episode, or it is over.
        """
        if action.shape != self.action_space.shape:
            raise ValueError(f"action: shape {action.shape}, needs {self.action_space.shape}")
        of_slice, of_cell = FLAT_ACTIONS
        slices, cell = action[:-of_cell], action[-of_cell:]
        seen, reward, terminated, truncated, info = self._env.step(
            {"slices": slices.reshape(self._env.slices, of_slice), "cell": cell}
        )
        return seen.ravel(), reward, terminated, truncated, info

    def close(self) -> None:
        """End the cell's thread."""
        self._env.close()
