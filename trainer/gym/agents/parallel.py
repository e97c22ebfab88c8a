"""RAN agent, core agent and orchestrator of one cell as a PettingZoo parallel environment."""

from dataclasses import asdict, replace
from typing import Any, ClassVar, Final

import numpy as np
from gymnasium import spaces
from gymnasium.utils.seeding import np_random
from numpy.typing import NDArray
from pettingzoo import ParallelEnv

from oran.core.batch import CoreReportBatch
from oran.core.topology import Topology
from trainer.core import DECISION
from trainer.gym.agents.coreview import (
    core_action_size,
    core_allocation,
    core_observation,
    core_observation_size,
)
from trainer.gym.agents.guidance import GUIDANCE, MAX_FLOOR, Guidance
from trainer.gym.agents.reward import CorePrices, JointScore, joint_score
from trainer.gym.agents.twin import JointTwin
from trainer.gym.cells import Cells, Setting
from trainer.gym.spaces import BOUND, FLAT_ACTIONS, F32Box, flat_action_space
from trainer.scenario import independent
from xapp.decision.action import Action
from xapp.decision.observation import FEATURES, OBSERVATION
from xapp.decision.targets import TARGET_FEATURES

RAN: Final = "ran"
CORE: Final = "core"
ORCHESTRATOR: Final = "orchestrator"
AGENTS: Final = (RAN, CORE, ORCHESTRATOR)

Vector = NDArray[np.float32]
PerAgent = dict[str, Vector]


class SlicingParallelEnv(ParallelEnv[str, Vector, Vector]):  # type: ignore[misc]  # is untyped
    """One cell with the core behind it; three agents with one reward (`trainer.gym.agents.reward`).

    All spaces are flat boxes. Outputs of zeros everywhere are the tuned rule in the RAN, UPFs that
    stay where they are and divide their packets equally over their site's paths, and neutral
    guidance. `state()` is what a central critic may see.

    - `ran` sees the observation of serving and the guidance, and acts as `SlicingFlatEnv` does;
    - `core` sees `coreview.core_observation`, the intents and the guidance, and acts by
      `coreview.core_allocation`;
    - `orchestrator` sees what both see, and how near its next turn is; its output becomes guidance
      every `guidance_periods`, and is not looked at in between (`infos[...]["acted"]`).

    An episode is truncated after `Setting.periods` decisions, for all agents together.

    Args:
        setting: see `Setting`; its scenario needs a core, and it has no `twin`.
        guidance_periods: periods between the orchestrator's turns.
        prices: of the core.
        changes: fields of the setting that differ.

    Raises:
        ValueError: the scenario has no core, or a number is out of range.
    """

    metadata: ClassVar[dict[str, Any]] = {"name": "slicepilot_agents_v0", "render_modes": []}

    def __init__(
        self,
        setting: Setting | None = None,
        *,
        guidance_periods: int = 10,
        prices: CorePrices | None = None,
        **changes: Any,
    ) -> None:
        setting = replace(setting or Setting(scenario="edge"), **changes)
        if guidance_periods < 1:
            raise ValueError(f"guidance_periods: {guidance_periods} is below 1")
        if setting.twin is not None:
            raise ValueError("twin: agents need a core, which a scenario brings")
        scenario = independent(setting.scenario)
        self._twin: JointTwin

        def make(seeds: NDArray[np.uint64]) -> JointTwin:
            self._twin = JointTwin(scenario, seeds)
            return self._twin

        self.setting = replace(setting, twin=make)
        self.possible_agents = list(AGENTS)
        self.agents: list[str] = []
        self._cells = Cells(self.setting, 1)
        self._slices = len(self._cells.snssais)
        self._every = guidance_periods
        self._prices = prices or CorePrices()
        self._generator = np_random(None)[0]
        self._guidance = Guidance.neutral(self._slices)
        self._turn = 0
        self._observation_spaces = self._seen_spaces()
        self._action_spaces = self._acted_spaces()
        self.state_space = self._observation_spaces[ORCHESTRATOR]

    def observation_space(self, agent: str) -> F32Box:
        """The same object at every call."""
        return self._observation_spaces[agent]

    def action_space(self, agent: str) -> F32Box:
        """The same object at every call."""
        return self._action_spaces[agent]

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[PerAgent, dict[str, dict[str, Any]]]:
        """Start an episode; there are no options that change it."""
        if seed is not None:
            self._generator = np_random(seed)[0]
        self._cells.start([self._generator])
        self._guidance = Guidance.neutral(self._slices)
        self._turn = 0
        self.agents = list(AGENTS)
        return self._observations(), {agent: {"seed": self._cells.seeds[0]} for agent in AGENTS}

    def step(
        self, actions: PerAgent
    ) -> tuple[
        PerAgent, dict[str, float], dict[str, bool], dict[str, bool], dict[str, dict[str, Any]]
    ]:
        """Run one period.

        Raises:
            ValueError: an agent's output is absent, has another shape, or is not finite.
            RuntimeError: there is no episode, or it is over.
        """
        if not self.agents:
            raise RuntimeError("no episode: call reset() before step()")
        outputs = {agent: self._checked(actions, agent) for agent in AGENTS}
        acted = self._turn % self._every == 0
        if acted:
            raw = outputs[ORCHESTRATOR].reshape(self._slices, len(GUIDANCE))
            self._guidance = Guidance.of(raw)
        score = self._period(outputs[RAN], outputs[CORE])
        self._turn += 1
        over = self._turn == self.setting.periods
        infos: dict[str, dict[str, Any]] = {agent: asdict(score) for agent in AGENTS}
        infos[ORCHESTRATOR]["acted"] = acted
        if over:
            self.agents = []
        return (
            self._observations(),
            dict.fromkeys(AGENTS, score.reward),
            dict.fromkeys(AGENTS, False),
            dict.fromkeys(AGENTS, over),
            infos,
        )

    def state(self) -> Vector:
        """What the orchestrator sees, which is all there is to see."""
        return self._observations()[ORCHESTRATOR]

    def render(self) -> None:
        """There is nothing to render; see `metadata`."""

    def close(self) -> None:
        """End the cell's thread."""
        self._cells.close()

    def _period(self, ran: Vector, core: Vector) -> JointScore:
        environment, twin = self._cells.environment, self._twin
        of_slice, of_cell = FLAT_ACTIONS
        action = Action(ran[:-of_cell].reshape(1, -1, of_slice), ran[-of_cell:][None])
        proposal = DECISION.allocate(action, environment.base, environment.observation.present)
        raw = core.reshape(self._slices, -1)
        twin.allocation = core_allocation(raw, self._core().upf_site[0], twin.topology)
        score = environment.apply(self._guidance.bind(proposal))
        return joint_score(
            score,
            self._core(),
            twin.end_to_end(),
            environment.circumstances.targets,
            self._prices,
        )

    def _core(self) -> CoreReportBatch:
        report = self._twin.report
        assert report is not None, "an episode begins with a period"
        return report

    def _checked(self, actions: PerAgent, agent: str) -> Vector:
        if agent not in actions:
            raise ValueError(f"actions: {agent} is absent")
        values, shape = np.asarray(actions[agent], np.float32), self._action_spaces[agent].shape
        if values.shape != shape:
            raise ValueError(f"actions[{agent!r}]: shape {values.shape}, needs {shape}")
        if not np.isfinite(values).all():
            raise ValueError(f"actions[{agent!r}]: not finite")
        return values

    def _observations(self) -> PerAgent:
        environment = self._cells.environment
        ran = environment.observation.slices.reshape(self._slices, FEATURES)
        core = core_observation(self._core(), self._twin.topology)
        intents = environment.circumstances.targets.rows[0, :, -len(TARGET_FEATURES) :]
        guidance = self._guidance.values.ravel()
        waited = np.array([self._turn % self._every / self._every])
        return {
            agent: np.concatenate([part.ravel() for part in parts]).astype(np.float32)
            for agent, parts in (
                (RAN, (ran, guidance)),
                (CORE, (core, intents, guidance)),
                (ORCHESTRATOR, (ran, core, guidance, waited)),
            )
        }

    def _seen_spaces(self) -> dict[str, F32Box]:
        s = self._slices
        low, high = ([getattr(f, side) for f in OBSERVATION] * s for side in ("low", "high"))
        core = core_observation_size(self._topology(), s)
        intents = s * len(TARGET_FEATURES)
        lowest = [0.0, 0.0, -1.0, -1.0, -1.0] * s
        highest = [MAX_FLOOR, 1.0, 1.0, 1.0, 1.0] * s
        return {
            RAN: _box(low + lowest, high + highest),
            CORE: _box([0.0] * (core + intents) + lowest, [1.0] * (core + intents) + highest),
            ORCHESTRATOR: _box(
                low + [0.0] * core + lowest + [0.0], high + [1.0] * core + highest + [1.0]
            ),
        }

    def _acted_spaces(self) -> dict[str, F32Box]:
        return {
            RAN: flat_action_space(self._slices),
            CORE: _outputs(self._slices * core_action_size(self._topology())),
            ORCHESTRATOR: _outputs(self._slices * len(GUIDANCE)),
        }

    def _topology(self) -> Topology:
        return self._twin.topology


def _outputs(size: int) -> F32Box:
    return spaces.Box(-BOUND, BOUND, (size,), np.float32)


def _box(low: list[float], high: list[float]) -> F32Box:
    return spaces.Box(np.array(low, np.float32), np.array(high, np.float32), dtype=np.float32)
