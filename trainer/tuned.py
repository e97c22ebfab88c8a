"""Files of `trainer tune`: parameters found, and what it took to find them."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from trainer.constant import Constant
from xapp.decision.heuristics import RuleParameters


class TunedError(ValueError):
    """A file is not one of `trainer tune`, or holds another controller's parameters."""


def write_tuned(
    path: Path, parameters: RuleParameters | Constant, compute: Mapping[str, Any]
) -> None:
    """Write parameters, with seeds and time spent for the record."""
    kind = "rule" if isinstance(parameters, RuleParameters) else "constant"
    document = {kind: asdict(parameters), "compute": dict(compute)}
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


_T = TypeVar("_T")


def _read(path: Path, kind: str, make: type[_T]) -> _T:
    try:
        return make(**json.loads(path.read_text())[kind])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TunedError(f"{path}: holds no tuned {kind}: {error!r}") from error
