"""The configuration of a training run: one frozen tree, read from TOML, unknown keys refused."""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from typing import Any, TypeVar, get_type_hints

from trainer.domain import Domain
from trainer.objective import Prices
from trainer.policy import InitialSpread
from trainer.ppo import PpoConfig
from xapp.decision.heuristics import RuleParameters
from xapp.decision.shield import Limits


class ConfigError(ValueError):
    """A configuration is not usable; the message names the key's path."""


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """Everything a run depends on but the machine's speed.

    Attributes:
        scenario: name of the twin's scenario.
        minutes: wall-clock time for rollouts and updates, warm-up and compilation excluded.
        iterations: where not 0, stop after so many instead: reproducible to the bit on one machine.
        seed: of initial weights, exploration, and the draw of training seeds and intents.
        cells: cells simulated at once, over all shards.
        shards: networks into which the cells are split; each is reset as a whole.
        copies: cells that share a seed, side by side, for the group baseline.
        horizon: periods of a rollout.
        life: rollouts after which a shard starts anew; shards take turns.
        mixes: whether half of the shards have a slice more or less than the scenario.
        width: of the network's layers.
        learning_rate: of Adam, at the start.
        final_learning_rate: share of `learning_rate` at the end; linear in between.
        ppo: the update.
        prices: the objective.
        domain: how intents and capabilities vary from cell to cell.
        spread: exploration at the start.
        rule: the rule to which actions are residuals.
        limits: the shield.
    """

    scenario: str = "mixed"
    minutes: float = 2.0
    iterations: int = 0
    seed: int = 1
    cells: int = 256
    shards: int = 8
    copies: int = 8
    horizon: int = 8
    life: int = 16
    mixes: bool = True
    width: int = 64
    learning_rate: float = 1.5e-3
    final_learning_rate: float = 0.02
    ppo: PpoConfig = field(default_factory=PpoConfig)
    prices: Prices = field(default_factory=Prices)
    domain: Domain = field(default_factory=Domain)
    spread: InitialSpread = field(default_factory=InitialSpread)
    rule: RuleParameters = field(default_factory=RuleParameters)
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        for name in ("cells", "shards", "copies", "horizon", "life", "width"):
            if getattr(self, name) < 1:
                raise ConfigError(f"{name}: needs at least 1, got {getattr(self, name)}")
        if self.cells % (self.shards * self.copies):
            raise ConfigError(
                f"cells: {self.cells} is not a multiple of shards x copies "
                f"= {self.shards} x {self.copies}"
            )

    def to_document(self) -> dict[str, Any]:
        """As nested plain values, for JSON."""
        return asdict(self)


def config_from_document(document: Mapping[str, Any]) -> TrainingConfig:
    """The inverse of `TrainingConfig.to_document`; absent keys take their defaults.

    Raises:
        ConfigError: a key is unknown, or a value has another type or is out of range.
    """
    return _filled(TrainingConfig(), document, "")


def config_from_toml(text: str) -> TrainingConfig:
    """A configuration in TOML, with the names of `TrainingConfig`; see `config_from_document`."""
    try:
        return config_from_document(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"not TOML: {error}") from error


_T = TypeVar("_T")


def _filled(defaults: _T, document: Mapping[str, Any], at: str) -> _T:
    assert is_dataclass(defaults)
    assert not isinstance(defaults, type)
    kinds = get_type_hints(type(defaults))
    known = {f.name for f in fields(defaults)}
    changes: dict[str, Any] = {}
    for name, value in document.items():
        path = f"{at}{name}"
        if name not in known:
            raise ConfigError(f"{path}: unknown; known are {', '.join(sorted(known))}")
        current = getattr(defaults, name)
        if is_dataclass(current):
            if not isinstance(value, Mapping):
                raise ConfigError(f"{path}: needs a table, got {value!r}")
            changes[name] = _filled(current, value, f"{path}.")
        else:
            changes[name] = _typed(value, kinds[name], path)
    try:
        return replace(defaults, **changes)
    except ConfigError:
        raise
    except ValueError as error:
        raise ConfigError(f"{at or 'configuration'}: {error}") from error


def _typed(value: object, kind: type, path: str) -> object:
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise ConfigError(f"{path}: needs {kind.__name__}, got {value!r}")
    return value
