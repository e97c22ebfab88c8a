"""Controllers: whatever can be put in charge of cells, to be compared under the same noise."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from oran.batch import AllocationBatch
from trainer.bundle import read_bundle
from trainer.clairvoyant import clairvoyant
from trainer.core import DECISION
from trainer.environment import Environment
from trainer.policy import Policy, TorchPolicy
from trainer.priority import Priority
from trainer.run import Run
from trainer.tuned import KINDS, read_constant, read_rule, read_tuned
from xapp.decision.barring import Barring
from xapp.decision.constant import Constant
from xapp.decision.heuristics import (
    DEFAULT_RULE,
    RuleParameters,
    demand_proportional,
    proportional_fair,
    round_robin,
    static_equal,
    static_shared,
    unsliced,
)
from xapp.decision.rules import Rule
from xapp.decision.situation import Situation

Propose = Callable[[Situation], AllocationBatch]
"""The allocation of the next period; may remember what it saw before."""


@dataclass(frozen=True, slots=True)
class Controller:
    """Somebody who can be put in charge.

    Attributes:
        name: for tables and pictures.
        begin: takes charge of an environment that has just begun. Only those that serve may look
            at no more than the situation; the clairvoyant looks at the environment.
        shielded: whether the shield stands behind it, as in service. The references without
            learning or tuning stand for what a node does on its own, where there is no shield.
        rule: parameters of the rule behind `Environment.base`.
    """

    name: str
    begin: Callable[[Environment], Propose]
    shielded: bool = False
    rule: RuleParameters = DEFAULT_RULE


def _reference(name: str, propose: Propose) -> Controller:
    return Controller(name, lambda _: propose)


REFERENCES: Final[dict[str, Controller]] = {
    c.name: c
    for c in (
        _reference("static", lambda s: static_equal(s.present)),
        _reference("static-shared", lambda s: static_shared(s.present)),
        _reference("demand", lambda s: demand_proportional(s.observation)),
        _reference("round-robin", lambda s: round_robin(s.present, s.turn)),
        _reference("proportional-fair", lambda s: proportional_fair(s.reports)),
        _reference("unsliced", lambda s: unsliced(s.present)),
        Controller("clairvoyant", clairvoyant, shielded=True),
    )
}


_BARRING: Final = "+barring"


class ControllerError(ValueError):
    """A controller's name is unknown, or what it names cannot be used."""


def controller(text: str) -> Controller:
    """A controller by its name on the command line.

    `static`, `static-shared`, `demand`, `round-robin`, `proportional-fair`, `unsliced`; the rules
    `rule`, `urllc-first`, `max-weight` and `drift-plus-penalty`, as they are or as `NAME:FILE` of
    `trainer tune`; `constant:FILE`; `policy:PATH` (a run's directory or a bundle; a bundle's int8
    graph as `policy-int8:PATH`); `clairvoyant`. `LABEL=` before any of them gives it another name,
    `+barring` behind it dynamic access class barring of mMTC slices.

    Raises:
        ControllerError: none of these.
    """
    label, equals, rest = text.partition("=")
    if equals and ":" not in label:
        return replace(controller(rest), name=label)
    if text.endswith(_BARRING):
        return barring_controller(controller(text.removesuffix(_BARRING)))
    kind, _, argument = text.partition(":")
    if text in REFERENCES:
        found: Controller | None = REFERENCES[text]
    elif kind in ("policy", "policy-int8") and argument:
        found = _policy_at(Path(argument), "int8" if kind == "policy-int8" else "fp32")
    else:
        found = _rule_named(kind, Path(argument) if argument else None)
    if found is None:
        rules = [f"{name}[:FILE]" for name in ("rule", *KINDS) if name != "constant"]
        known = ", ".join((*REFERENCES, *rules, "constant:FILE", "policy:PATH"))
        raise ControllerError(
            f"{text!r} is not a controller; known are {known}, policy-int8:PATH; any of them "
            f"followed by {_BARRING}"
        )
    return found


def _rule_named(kind: str, file: Path | None) -> Controller | None:
    if kind == "rule":
        return rule_controller(read_rule(file) if file else DEFAULT_RULE)
    if kind == "constant":
        return constant_controller(read_constant(file)) if file else None
    if kind in KINDS:
        return tuned_controller(kind, read_tuned(file, kind) if file else None)
    return None


def tuned_controller(name: str, rule: Rule | None = None) -> Controller:
    """A rule of `xapp.decision.rules`, with its default parameters where none are given."""
    chosen = KINDS[name]() if rule is None else rule
    return Controller(name, lambda _: remembering(chosen), shielded=True)


def rule_controller(rule: RuleParameters, name: str = "rule") -> Controller:
    """The priority rule, as it serves when there is no policy."""
    return Controller(name, lambda _: remembering(Priority(rule)), shielded=True, rule=rule)


def constant_controller(constant: Constant) -> Controller:
    """The same allocation always."""
    return tuned_controller("constant", constant)


def barring_controller(inner: Controller, barring: Barring | None = None) -> Controller:
    """A controller whose mMTC slices have dynamic access class barring in place of its own.

    No shield stands behind it: the shield's floor of admission is for flows, and few of the devices
    of a burst may pass.
    """
    chosen = Barring() if barring is None else barring

    def begin(environment: Environment) -> Propose:
        return Barred(inner.begin(environment), chosen)

    return replace(inner, name=inner.name + _BARRING, begin=begin, shielded=False)


def policy_controller(policy: Policy, rule: RuleParameters, name: str = "policy") -> Controller:
    """A policy, as it serves."""

    def begin(environment: Environment) -> Propose:
        def propose(s: Situation) -> AllocationBatch:
            action = policy.act(s.observation.slices, s.present)
            return DECISION.allocate(action, environment.base, s.present)

        return propose

    return Controller(name, begin, shielded=True, rule=rule)


class Remembering:
    """A rule that carries its memory from period to period."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._memory = np.zeros((1, 1))  # as wide as the first situation

    def __call__(self, s: Situation) -> AllocationBatch:
        """The rule's decision; its memory is that of the last one."""
        held = np.broadcast_to(self._memory, s.present.shape)
        allocation, self._memory = self._rule.decide(s, held)
        return allocation

    def copy_cells(self, sources: NDArray[np.int64], targets: NDArray[np.int64]) -> None:
        """Remember of cells at `targets` what it does of those at `sources`; int64 [K] each."""
        memory = np.array(self._memory)
        if len(memory) > 1:
            memory[targets] = memory[sources]
        self._memory = memory


class Barred(Remembering):
    """A proposer whose mMTC slices have dynamic access class barring, with its memory."""

    def __init__(self, inner: Propose, barring: Barring) -> None:
        self._inner = inner
        self._barring = barring
        self._memory = np.zeros((1, 1))

    def __call__(self, s: Situation) -> AllocationBatch:
        """The inner decision, barred."""
        held = np.broadcast_to(self._memory, s.present.shape)
        allocation, self._memory = self._barring.barred(self._inner(s), s, held)
        return allocation

    def copy_cells(self, sources: NDArray[np.int64], targets: NDArray[np.int64]) -> None:
        """See `Remembering.copy_cells`; the inner memory goes along."""
        super().copy_cells(sources, targets)
        if isinstance(self._inner, Remembering):
            self._inner.copy_cells(sources, targets)


def remembering(rule: Rule) -> Propose:
    """A rule that carries its memory from period to period."""
    return Remembering(rule)


def _policy_at(path: Path, graph: str) -> Controller:
    name = "policy" if graph == "fp32" else "policy-int8"
    if path.is_dir():
        run = Run(path)
        return policy_controller(TorchPolicy(run.snapshot().network), run.config().rule, name)
    bundle = read_bundle(path.read_bytes())
    return policy_controller(bundle.policy(graph), bundle.manifest.rule, name)
