"""Spaces: the rules that `trainer tune` can tune, and the bounds of their parameters."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from trainer.priority import Priority
from trainer.tuned import Parameters
from xapp.decision.constant import Constant
from xapp.decision.heuristics import RuleParameters
from xapp.decision.rules import DriftPlusPenalty, MaxWeight, Rule, UrllcFirst

_P = TypeVar("_P", bound=Parameters)


@dataclass(frozen=True, slots=True)
class Space(Generic[_P]):
    """What is tuned.

    Attributes:
        make: parameters from their values, by name.
        bounds: of each parameter, by name. A search for one that spans more than two decades is a
            search for its logarithm.
        rule: the rule under given parameters.
    """

    make: Callable[..., _P]
    bounds: Mapping[str, tuple[float, float]]
    rule: Callable[[_P], Rule]

    @property
    def logarithmic(self) -> NDArray[np.bool_]:
        """Which parameters are searched for by their logarithm."""
        return np.array([low > 0.0 and high > 100.0 * low for low, high in self.bounds.values()])

    def box(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Bounds of the search."""
        low, high = np.array(list(self.bounds.values())).T
        return self._searched(low), self._searched(high)

    def parameters(self, searched: NDArray[np.float64]) -> _P:
        """The parameters at a point of the search."""
        values = np.where(self.logarithmic, np.exp(searched), searched)
        return self.make(**dict(zip(self.bounds, values.tolist(), strict=True)))

    def _searched(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        logarithm = np.log(np.where(self.logarithmic, values, 1.0))
        return np.where(self.logarithmic, logarithm, values)


def _itself(rule: Rule) -> Rule:
    return rule


_BOUNDS: Final[dict[str, tuple[float, float]]] = {
    "headroom": (0.5, 4.0),
    "urllc_headroom": (0.5, 8.0),
    "urllc_reserve": (0.0, 0.5),
    "urllc_memory": (0.0, 1.0),
    "urllc_urgency": (0.1, 1000.0),
    "urllc_drift": (0.1, 1000.0),
    "urllc_mcs_backoff": (0.0, 6.0),
    "utility": (0.01, 100.0),
    "tolerance": (0.001, 0.5),
    "embb": (0.05, 1.0),
    "urllc": (0.05, 1.0),
    "mmtc": (0.05, 1.0),
}
# A name means the same in every rule.


def _bounds(parameters: type[Parameters]) -> dict[str, tuple[float, float]]:
    return {f.name: _BOUNDS[f.name] for f in fields(parameters)}


SPACES: Final[dict[str, Space[Any]]] = {
    "rule": Space(RuleParameters, _bounds(RuleParameters), Priority),
} | {
    name: Space(made, _bounds(made), _itself)
    for name, made in (
        ("constant", Constant),
        ("urllc-first", UrllcFirst),
        ("max-weight", MaxWeight),
        ("drift-plus-penalty", DriftPlusPenalty),
    )
}
"""What `trainer tune` can tune."""
