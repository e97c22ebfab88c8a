"""Many cells as a Gymnasium vector environment, in one compiled batch."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from gymnasium.utils.seeding import np_random
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from trainer.gym.cells import Cells, Figures, Setting
from trainer.gym.spaces import RawAction, action_space, observation_space

Info = dict[str, Any]


class SlicingVectorEnv(VectorEnv[NDArray[np.float32], RawAction, NDArray[Any]]):
    """N cells that live as N `SlicingEnv` do, bit for bit, with seeds `seed`, `seed + 1` ...

    Cells start anew within the step that truncates their episode (autoreset mode `SAME_STEP`):
    the last observation and KPIs are then in `final_obs` and `final_info`. All cells of a shard
    are truncated at the same time, and all shards too unless `stagger` is set.

    Args:
        num_envs: number of cells.
        setting: see `Setting`.
        shards: into which the cells are split, a divisor of their number.
        threads: in which shards are stepped.
        stagger: whether the first episodes of shards end in turn, evenly spread, so that a
            rollout always holds cells of every age.
        changes: fields of the setting that differ.
    """

    # Gymnasium annotates it as if every environment had its own.
    metadata: ClassVar[dict[str, Any]] = {  # type: ignore[misc]
        "render_modes": [],
        "autoreset_mode": AutoresetMode.SAME_STEP,
    }

    def __init__(
        self,
        num_envs: int = 1,
        setting: Setting | None = None,
        *,
        shards: int = 1,
        threads: int = 1,
        stagger: bool = False,
        **changes: Any,
    ) -> None:
        self.setting = replace(setting or Setting(), **changes)
        self._cells = Cells(self.setting, num_envs, shards, threads)
        self._shards, self._stagger = shards, stagger
        self._turns: list[int] = []
        self._generators: list[np.random.Generator] = []
        self.num_envs = num_envs
        slices = len(self._cells.snssais)
        self.single_observation_space = observation_space(slices)
        self.single_action_space = action_space(slices)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)

    def reset(
        self,
        *,
        seed: int | Sequence[int | None] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[NDArray[np.float32], Info]:
        """Start an episode in every cell; without a seed, generators go on where they are.

        Raises:
            ValueError: another number of seeds than of cells, or options are given (there are
                none; a part of the cells cannot be reset).
        """
        if options:
            raise ValueError(f"options: {sorted(options)} are unknown; there are none")
        self._seed(seed)
        self._cells.start(self._generators)
        periods = self.setting.periods
        self._turns = [
            periods - periods * (i + 1) // self._shards if self._stagger else 0
            for i in range(self._shards)
        ]
        return self._cells.observation(), self._started(np.ones(self.num_envs, np.bool_))

    def step(
        self, actions: RawAction
    ) -> tuple[NDArray[np.float32], NDArray[Any], NDArray[Any], NDArray[Any], Info]:
        """Run one period in every cell.

        Raises:
            ValueError: an output has another shape, or is not finite.
            RuntimeError: there is no episode.
        """
        score, figures = self._cells.step(actions)
        self._turns = [turn + 1 for turn in self._turns]
        truncated = np.zeros(self.num_envs, np.bool_)
        over = [i for i, turn in enumerate(self._turns) if turn == self.setting.periods]
        for shard in over:
            truncated[self._cells.rows(shard)] = True
        info = _infos(figures, ~truncated)
        if over:
            info |= self._renewed(over, truncated) | _under("final_info", figures, truncated)
        terminated = np.zeros(self.num_envs, np.bool_)
        return self._cells.observation(), score.objective, terminated, truncated, info

    def close_extras(self, **_: Any) -> None:
        """End the threads."""
        self._cells.close()

    def _renewed(self, shards: Sequence[int], truncated: NDArray[np.bool_]) -> Info:
        last = self._cells.observation()
        final = np.full(self.num_envs, None, dtype=object)
        for i in np.flatnonzero(truncated):
            final[i] = last[i]
        for shard in shards:
            self._cells.renew(shard, self._generators[self._cells.rows(shard)])
            self._turns[shard] = 0
        return {"final_obs": final, "_final_obs": truncated.copy(), **self._started(truncated)}

    def _started(self, which: NDArray[np.bool_]) -> Info:
        return {"seed": np.where(which, self._cells.seeds, np.uint64(0)), "_seed": which.copy()}

    def _seed(self, seed: int | Sequence[int | None] | None) -> None:
        n = self.num_envs
        each = [seed + i for i in range(n)] if isinstance(seed, int) else seed or [None] * n
        if len(each) != n:
            raise ValueError(f"seed: {len(each)} seeds for {n} cells")
        if not self._generators:
            self._generators = [np_random(s)[0] for s in each]
            return
        for i, s in enumerate(each):
            if s is not None:
                self._generators[i] = np_random(s)[0]


def _infos(figures: Figures, which: NDArray[np.bool_]) -> Info:
    """KPIs of some cells as Gymnasium batches infos: beside each array, where it holds."""
    info: Info = {}
    for kpi, (values, known) in figures.items():
        here = known & which
        if not here.any():
            continue
        slice_, _, name = kpi.rpartition(".")
        into = info
        if slice_:
            into = info.setdefault(slice_, {})
            mask = info.setdefault(f"_{slice_}", np.zeros(len(which), np.bool_))
            mask |= here
        into[name], into[f"_{name}"] = np.where(here, values, 0.0), here
    return info


def _under(name: str, figures: Figures, which: NDArray[np.bool_]) -> Info:
    return {name: _infos(figures, which), f"_{name}": which.copy()}
