"""The three agents of design as a PettingZoo environment: RAN, core and orchestrator."""

from trainer.gym.agents.guidance import GUIDANCE, Guidance
from trainer.gym.agents.parallel import AGENTS, CORE, ORCHESTRATOR, RAN, SlicingParallelEnv

__all__ = [
    "AGENTS",
    "CORE",
    "GUIDANCE",
    "ORCHESTRATOR",
    "RAN",
    "Guidance",
    "SlicingParallelEnv",
]
