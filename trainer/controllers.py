"""Controllers: whatever can be put in charge of cells, to be compared under the same noise."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from oran.batch import AllocationBatch
from trainer.bundle import read_bundle
from trainer.constant import Constant, constant_allocation
from trainer.core import DECISION
from trainer.policy import Policy, TorchPolicy
from trainer.run import Run
from trainer.tuned import read_constant, read_rule
from xapp.decision.action import Base, at_rest
from xapp.decision.heuristics import (
    DEFAULT_RULE,
    RuleParameters,
    demand_proportional,
    round_robin,
    static_equal,
    static_shared,
    unsliced,
)
from xapp.decision.observation import Observation


@dataclass(frozen=True, slots=True)
class Situation:
    """What a controller decides on.

    Attributes:
        observation: of N cells.
        base: the rule's answer, with the controller's own rule parameters.
        sst: int64 [N, S], slice/service types.
        turn: number of the period, from 0.
    """

    observation: Observation
    base: Base
    sst: NDArray[np.int64]
    turn: int

    @property
    def present(self) -> NDArray[np.bool_]:
        """bool [N, S]."""
        return self.observation.present


@dataclass(frozen=True, slots=True)
class Controller:
    """Somebody in charge.

    Attributes:
        name: for tables and pictures.
        propose: the allocation for the next period.
        shielded: whether the shield stands behind it, as in service. The references without
            learning or tuning stand for what a node does on its own, where there is no shield.
        rule: parameters of the rule behind `Situation.base`.
    """

    name: str
    propose: Callable[[Situation], AllocationBatch]
    shielded: bool = False
    rule: RuleParameters = DEFAULT_RULE


REFERENCES: Final[dict[str, Controller]] = {
    c.name: c
    for c in (
        Controller("static", lambda s: static_equal(s.present)),
        Controller("static-shared", lambda s: static_shared(s.present)),
        Controller("demand", lambda s: demand_proportional(s.observation)),
        Controller("round-robin", lambda s: round_robin(s.present, s.turn)),
        Controller("unsliced", lambda s: unsliced(s.present)),
    )
}


class ControllerError(ValueError):
    """A controller's name is unknown, or what it names cannot be used."""


def controller(text: str) -> Controller:
    """A controller by its name on the command line.

    `static`, `static-shared`, `demand`, `round-robin`, `unsliced`, `rule`, `rule:FILE`,
    `constant:FILE` (files of `trainer tune`), `policy:PATH` (a run's directory or a bundle; a
    bundle's int8 graph as `policy-int8:PATH`).

    Raises:
        ControllerError: none of these.
    """
    kind, _, argument = text.partition(":")
    if text in REFERENCES:
        return REFERENCES[text]
    if kind == "rule":
        return rule_controller(read_rule(Path(argument)) if argument else DEFAULT_RULE)
    if kind == "constant" and argument:
        return constant_controller(read_constant(Path(argument)))
    if kind in ("policy", "policy-int8") and argument:
        return _policy_at(Path(argument), "int8" if kind == "policy-int8" else "fp32")
    known = ", ".join((*REFERENCES, "rule", "rule:FILE", "constant:FILE", "policy:PATH"))
    raise ControllerError(f"{text!r} is not a controller; known are {known}, policy-int8:PATH")


def rule_controller(rule: RuleParameters, name: str = "rule") -> Controller:
    """The priority rule, as it serves when there is no policy."""
    return Controller(
        name,
        lambda s: DECISION.allocate(at_rest(s.present), s.base, s.present),
        shielded=True,
        rule=rule,
    )


def constant_controller(constant: Constant) -> Controller:
    """The same allocation always."""
    return Controller(
        "constant", lambda s: constant_allocation(constant, s.sst, s.present), shielded=True
    )


def policy_controller(policy: Policy, rule: RuleParameters, name: str = "policy") -> Controller:
    """A policy, as it serves."""

    def propose(s: Situation) -> AllocationBatch:
        action = policy.act(s.observation.slices, s.present)
        return DECISION.allocate(action, s.base, s.present)

    return Controller(name, propose, shielded=True, rule=rule)


def _policy_at(path: Path, graph: str) -> Controller:
    name = "policy" if graph == "fp32" else "policy-int8"
    if path.is_dir():
        run = Run(path)
        return policy_controller(TorchPolicy(run.snapshot().network), run.config().rule, name)
    bundle = read_bundle(path.read_bytes())
    return policy_controller(bundle.policy(graph), bundle.manifest.rule, name)
