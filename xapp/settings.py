"""Settings: read once, at the start, from flags, the environment and a file, in this order.

A key that nothing reads is an error, wherever it stands. Each key has the same name everywhere:
`shield.urllc_floor` in the file is `XAPP_SHIELD__URLLC_FLOOR` in the environment.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from oran.intent import DEFAULT_INTENTS, Intent, Sla
from oran.snssai import Snssai
from xapp.core.settings import CoreSettings
from xapp.decision.shield import Limits
from xapp.e2.settings import E2Settings
from xapp.store.backend import EMBEDDED, check_url

PREFIX: Final = "XAPP_"
CONFIG: Final = "XAPP_CONFIG"
DEFAULT_BUNDLE: Final = Path(__file__).parent / "bundles" / "default.bundle"


class ConfigurationError(ValueError):
    """A setting is not usable; the message is one line that names the source, key and reason."""


class IntentSettings(BaseModel):
    """One intent, see `oran.intent.Intent`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    snssai: str
    sla: Sla
    weight: float = 1.0

    @model_validator(mode="after")
    def _check(self) -> "IntentSettings":
        self.to_intent()
        return self

    def to_intent(self) -> Intent:
        """The noun behind the setting."""
        return Intent(Snssai.parse(self.snssai), self.sla, self.weight)


class LogSettings(BaseModel):
    """How the service logs, on standard error.

    Attributes:
        level: least severe level that is written.
        format: `json`, an object a line, or `console`, for people.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["json", "console"] = "json"


def _check_intents(value: tuple[IntentSettings, ...]) -> tuple[IntentSettings, ...]:
    if not value:
        raise ValueError("needs one intent or more")
    snssais = [i.to_intent().snssai for i in value]
    for i, s in enumerate(snssais):
        if s in snssais[:i]:
            raise ValueError(f"[{i}].snssai: {s} stands before already")
    return value


_DEFAULT_INTENTS: Final = tuple(
    IntentSettings(snssai=str(i.snssai), sla=i.sla, weight=i.weight) for i in DEFAULT_INTENTS
)


class Settings(BaseSettings):
    """What `xapp serve` can be told.

    Attributes:
        host: address to listen on.
        port: TCP port to listen on; 0 takes a free one.
        store: `redis://...`, `rediss://...`, `unix://...`, or `embedded://` for an in-process
            store that does not outlive the process.
        bundle: the policy bundle; the one that comes with the package by default.
        intents: the operator's intents; reports may carry these slices only.
        shield: bounds of the safety shield.
        max_report_age_ms: a report whose period ended longer ago is stale, milliseconds.
        max_skew_ahead_ms: a report may start at most this far in the future, milliseconds.
        max_body_bytes: largest body of a request, bytes.
        max_cells: most cells that are served.
        cell_idle_s: a cell that did not report for so long gives way to a new one, seconds.
        log: what is logged.
        e2: the E2 terminator.
        core: the core driver.
    """

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix=PREFIX, env_nested_delimiter="__"
    )

    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8080
    store: Annotated[str, AfterValidator(check_url)] = EMBEDDED
    bundle: Path = DEFAULT_BUNDLE
    intents: Annotated[tuple[IntentSettings, ...], AfterValidator(_check_intents)] = (
        _DEFAULT_INTENTS
    )
    shield: Limits = Limits()
    max_report_age_ms: Annotated[int, Field(ge=1, le=3_600_000)] = 2_000
    max_skew_ahead_ms: Annotated[int, Field(ge=0, le=3_600_000)] = 1_000
    max_body_bytes: Annotated[int, Field(ge=1_024, le=16 * 2**20)] = 256 * 1024
    max_cells: Annotated[int, Field(ge=1, le=65_536)] = 1_024
    cell_idle_s: Annotated[int, Field(ge=1, le=86_400)] = 600
    log: LogSettings = LogSettings()
    e2: E2Settings = E2Settings()
    core: CoreSettings = CoreSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        *args: PydanticBaseSettingsSource,
        **kwargs: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load` hands over, so that it can tell the source of each value."""
        return (init_settings,)


_NESTED: Final = ("shield", "log", "e2", "core")
# Settings with keys of their own.


@dataclass(frozen=True, slots=True)
class _Layer:
    """One source of settings: its name for messages, and its values by key, nested."""

    name: str
    values: Mapping[str, Any]

    def holds(self, path: Sequence[str | int]) -> bool:
        """Whether the layer sets the value at `path` or above it."""
        at: Any = self.values
        for step in path:
            if not isinstance(at, Mapping):
                return True
            if step not in at:
                return False
            at = at[step]
        return True


def load(
    flags: Mapping[str, Any], environment: Mapping[str, str], config: Path | None = None
) -> Settings:
    """The settings: flags win over the environment, that over the file, that over defaults.

    Args:
        flags: values by key, nested; None means not given.
        environment: the process's environment variables, as `os.environ` holds them.
        config: a YAML file; `XAPP_CONFIG` names one otherwise.

    Raises:
        ConfigurationError: see there.
    """
    if config is None and (named := environment.get(CONFIG)):
        config = Path(named)
    layers = (
        _Layer("command line", _given(flags)),
        _Layer("environment", _environment(environment)),
        *([_file(config)] if config is not None else []),
    )
    merged: dict[str, Any] = {}
    for layer in reversed(layers):
        for name in _NESTED:
            if not isinstance(layer.values.get(name, {}), Mapping):
                raise ConfigurationError(f"{layer.name}: {name}: needs a mapping of keys to values")
        merged = _merge(merged, layer.values)
    try:
        return Settings(**merged)
    except ValidationError as error:
        raise ConfigurationError(_one_line(error, layers)) from error


def _one_line(error: ValidationError, layers: Sequence[_Layer]) -> str:
    first = error.errors(include_url=False)[0]
    path = first["loc"]
    source = next((layer.name for layer in layers if layer.holds(path)), "defaults")
    key = _key(path)
    if source == "environment":
        depth = 2 if path[0] in _NESTED else 1
        key = PREFIX + "__".join(map(str, path[:depth])).upper() + _key(path[depth:])
    reason = first["msg"].removeprefix("Value error, ")
    if first["type"] in {"extra_forbidden", "unexpected_keyword_argument"}:
        reason = f"unknown key; known are {', '.join(_known(path[:-1]))}"
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{source}: {key}: {reason}{more}"


def _key(path: Sequence[str | int]) -> str:
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in path).strip(".")


def _known(path: Sequence[str | int]) -> list[str]:
    """The keys there are at a place of the settings."""
    place: Any = Settings()
    for step in path:
        place = place[0] if isinstance(step, int) else getattr(place, step)
    if is_dataclass(place):
        return [f.name for f in fields(place)]
    return list(type(place).model_fields)


def _given(flags: Mapping[str, Any]) -> dict[str, Any]:
    """`flags` without those that were not given."""
    found: dict[str, Any] = {}
    for key, value in flags.items():
        if isinstance(value, Mapping):
            if nested := _given(value):
                found[key] = nested
        elif value is not None:
            found[key] = value
    return found


def _environment(environment: Mapping[str, str]) -> dict[str, Any]:
    known = {CONFIG, *(PREFIX + n.upper() for n in Settings.model_fields)}
    known |= {f"{PREFIX}{n.upper()}__{k.upper()}" for n in _NESTED for k in _known([n])}
    for name in environment:
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            raise ConfigurationError(f"environment: {name}: unknown key")
    source = EnvSettingsSource(Settings)
    source.env_vars = {n.lower(): v for n, v in environment.items()}
    try:
        return source()
    except SettingsError as error:
        # Its message names the field between the first quotes, and nothing else of use.
        name = PREFIX + str(error).split('"')[1].upper()
        raise ConfigurationError(f"environment: {name}: not JSON: {error.__cause__}") from error


class _Loader(yaml.SafeLoader):
    """YAML in which a key may stand once in a mapping."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for i, key in enumerate(keys):
            if key in keys[:i]:
                mark = node.value[i][0].start_mark
                raise yaml.MarkedYAMLError(problem=f"{key!r} stands twice", problem_mark=mark)
        return super().construct_mapping(node, deep)


def _file(path: Path) -> _Layer:
    try:
        values = yaml.load(path.read_text("utf-8"), _Loader)  # noqa: S506  # a SafeLoader
    except OSError as error:
        raise ConfigurationError(f"file {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"file {path}: not UTF-8: byte {error.start}") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        raise ConfigurationError(f"file {path}, line {line}: {error.problem}") from error
    except yaml.YAMLError as error:
        raise ConfigurationError(f"file {path}: {' '.join(str(error).split())}") from error
    if values is None:
        values = {}
    if not isinstance(values, dict) or not all(isinstance(k, str) for k in values):
        raise ConfigurationError(f"file {path}: needs a mapping of keys to values")
    return _Layer(f"file {path}", values)


def _merge(low: Mapping[str, Any], high: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(low)
    for key, value in high.items():
        under = merged.get(key)
        both = isinstance(value, Mapping) and isinstance(under, Mapping)
        merged[key] = _merge(under, value) if both and under is not None else value
    return merged
