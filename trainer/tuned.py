"""Files of `trainer tune`: parameters found, and what it took to find them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, TypeVar

from xapp.decision.constant import Constant
from xapp.decision.heuristics import RuleParameters
from xapp.decision.rules import DriftPlusPenalty, MaxWeight, Rule, UrllcFirst

Parameters = RuleParameters | Constant | UrllcFirst | MaxWeight | DriftPlusPenalty
"""What tuning finds."""

KINDS: Final[dict[str, Callable[..., Rule]]] = {
    "constant": Constant,
    "urllc-first": UrllcFirst,
    "max-weight": MaxWeight,
    "drift-plus-penalty": DriftPlusPenalty,
}
"""Name of a rule in files and on the command line -> its parameters. `rule`, the one below the
policies, has parameters of its own, which travel in bundles."""


class TunedError(ValueError):
    """A file is not one of `trainer tune`, or holds another controller's parameters."""


def kind_of(parameters: Parameters) -> str:
    """The name of the rule whose parameters these are."""
    if isinstance(parameters, RuleParameters):
        return "rule"
    return next(name for name, made in KINDS.items() if made is type(parameters))


def write_tuned(path: Path, parameters: Parameters, compute: Mapping[str, Any]) -> None:
    """Write parameters, with seeds and time spent for the record."""
    document = {kind_of(parameters): asdict(parameters), "compute": dict(compute)}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1) + "\n")


def read_rule(path: Path) -> RuleParameters:
    """The rule's parameters from a file of `write_tuned`.

    Raises:
        TunedError: it holds none.
    """
    return _read(path, "rule", RuleParameters)


def read_constant(path: Path) -> Constant:
    """The constant's parameters from a file of `write_tuned`.

    Raises:
        TunedError: it holds none.
    """
    return _read(path, "constant", Constant)


def read_tuned(path: Path, kind: str) -> Rule:
    """A rule of `KINDS` from a file of `write_tuned`.

    Raises:
        TunedError: it holds none of that kind.
    """
    return _read(path, kind, KINDS[kind])


_T = TypeVar("_T")


def _read(path: Path, kind: str, make: Callable[..., _T]) -> _T:
    try:
        return make(**json.loads(path.read_text())[kind])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TunedError(f"{path}: holds no tuned {kind}: {error!r}") from error
