"""One cell as a Gymnasium environment."""

from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from gymnasium import Env
from numpy.typing import NDArray

from trainer.gym.cells import Cells, Figures, Setting
from trainer.gym.spaces import RawAction, action_space, observation_space


class SlicingEnv(Env[NDArray[np.float32], RawAction]):
    """One cell; an action is a policy's raw output, a reward the objective of the period after it.

    The observation is that of serving, bit for bit. An episode begins with the period that a node
    runs before any control, has `Setting.periods` decisions and is truncated then: the task itself
    has no end, so a learner should bootstrap there. The twin's seed is drawn from the generator
    that `reset(seed=...)` seeds, in the range of `Setting.purpose`, and is `info["seed"]` of the
    reset. The info of a step holds the period's KPIs (`trainer.kpi`): a cell's by name, a slice's
    in a dictionary by the slice's name; what was not measured is absent.

    Args:
        setting: see `Setting`.
        changes: fields of the setting that differ.
    """

    # Gymnasium annotates it as if every environment had its own.
    metadata: ClassVar[dict[str, Any]] = {"render_modes": []}  # type: ignore[misc]

    def __init__(self, setting: Setting | None = None, **changes: Any) -> None:
        self.setting = replace(setting or Setting(), **changes)
        self._cells = Cells(self.setting, 1)
        self._turn = 0
        self.slices = len(self._cells.snssais)
        self.observation_space = observation_space(self.slices)
        self.action_space = action_space(self.slices)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """Start an episode; there are no options."""
        super().reset(seed=seed)
        self._cells.start([self.np_random])
        self._turn = 0
        return self._cells.observation()[0], {"seed": self._cells.seeds[0]}

    def step(
        self, action: RawAction
    ) -> tuple[NDArray[np.float32], float, bool, bool, dict[str, Any]]:
        """Run one period.

        Raises:
            ValueError: an output has another shape, or is not finite.
            RuntimeError: there is no episode, or it is over.
        """
        if self._turn == self.setting.periods:
            raise RuntimeError("the episode is over: call reset() before step()")
        score, figures = self._cells.step({name: v[None] for name, v in action.items()})
        self._turn += 1
        truncated = self._turn == self.setting.periods
        reward = float(score.objective[0])
        return self._cells.observation()[0], reward, False, truncated, _info(figures)

    def close(self) -> None:
        """End the cell's thread."""
        self._cells.close()


def _info(figures: Figures) -> dict[str, Any]:
    info: dict[str, Any] = {}
    for kpi, (values, known) in figures.items():
        if known[0]:
            slice_, _, name = kpi.rpartition(".")
            (info.setdefault(slice_, {}) if slice_ else info)[name] = float(values[0])
    return info
