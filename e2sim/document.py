"""Dataclasses from documents of YAML or JSON, with the path of whatever is wrong."""

from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields, is_dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin, get_type_hints

Range = tuple[float, float]
"""Two numbers, the first not above the second; `[low, high]` in a document."""


@dataclass(frozen=True, slots=True)
class Within:
    """Annotation: the range of a number, or of both of a `Range`; ends included."""

    low: float
    high: float


def read(kind: Any, document: object, path: str) -> Any:
    """An instance of the dataclass `kind`.

    Its fields may be `str`, `bool`, `Literal`, `int`, `float` and `Range` annotated with `Within`,
    tuples of and other such dataclasses, classes with a `parse(text)`, and any of them `| None`.

    Raises:
        ValueError: a key is unknown or absent, or a value is none of its field; the message names
            its path below `path` and what may stand there.
    """
    if not isinstance(document, dict):
        raise ValueError(f"{path or 'document'}: needs a mapping, got {document!r}")
    known = {f.name: f for f in fields(kind)}
    for key in document:
        if key not in known:
            raise ValueError(f"{_at(path, key)}: unknown key; known are {', '.join(known)}")
    for name, f in known.items():
        if name not in document and f.default is MISSING and f.default_factory is MISSING:
            raise ValueError(f"{_at(path, name)}: is required")
    hints = get_type_hints(kind, include_extras=True)
    return kind(**{k: _value(hints[k], v, _at(path, k)) for k, v in document.items()})


def _at(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)


def _value(hint: Any, value: object, path: str) -> Any:
    if is_dataclass(hint) and not hasattr(hint, "parse"):
        return read(hint, value, path)
    origin: Any = get_origin(hint) or hint
    return _READERS.get(origin, _parsed)(hint, value, path)


def _bounded(hint: Any, value: object, path: str) -> Any:
    kind, within = get_args(hint)
    if kind is not Range:
        return _number(kind, within, value, path)
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError(f"{path}: needs [low, high], got {value!r}")
    low, high = (_number(float, within, v, f"{path}[{i}]") for i, v in enumerate(value))
    if low > high:
        raise ValueError(f"{path}: low {low:g} is above high {high:g}")
    return low, high


def _number(kind: type, within: Within, value: object, path: str) -> Any:
    allowed = int if kind is int else (int, float)
    number = isinstance(value, allowed) and not isinstance(value, bool)
    if not number or not within.low <= cast(float, value) <= within.high:
        noun = "an integer" if kind is int else "a number"
        raise ValueError(f"{path}: {value!r} is not {noun} of {within.low:g}..{within.high:g}")
    return kind(value)


def _choice(hint: Any, value: object, path: str) -> Any:
    if value not in get_args(hint):
        raise ValueError(f"{path}: {value!r} is not one of {', '.join(get_args(hint))}")
    return value


def _optional(hint: Any, value: object, path: str) -> Any:
    if value is None:
        return None
    (kind,) = (k for k in get_args(hint) if k is not NoneType)
    return _value(kind, value, path)


def _items(hint: Any, value: object, path: str) -> Any:
    if not isinstance(value, list):
        raise ValueError(f"{path}: needs a list, got {value!r}")
    kind = get_args(hint)[0]
    return tuple(_value(kind, v, f"{path}[{i}]") for i, v in enumerate(value))


def _plain(hint: Any, value: object, path: str) -> Any:
    if type(value) is not hint:
        raise ValueError(f"{path}: {value!r} is not {'text' if hint is str else 'true or false'}")
    return value


def _parsed(hint: Any, value: object, path: str) -> Any:
    try:
        return hint.parse(str(value))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


_READERS: dict[Any, Callable[[Any, object, str], Any]] = {
    Annotated: _bounded,
    Literal: _choice,
    UnionType: _optional,
    Union: _optional,  # what `Annotated[...] | None` is
    tuple: _items,
    str: _plain,
    bool: _plain,
}
