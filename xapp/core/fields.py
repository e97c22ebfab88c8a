"""Fields of a JSON document, each checked once, by path and name."""

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NoReturn

from xapp.core.refusal import Refused, ReportRefusedError

MAX_NAME: Final = 64
_LONGEST_INTEGER: Final = 20
_BEYOND: Final = 10**_LONGEST_INTEGER


def parse(body: bytes) -> object:
    """The document: RFC 8259 in UTF-8, each name of an object once, no half of a surrogate pair.

    Raises:
        ReportRefusedError: it is none.
    """
    try:
        made: object = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_not_a_number,
            parse_int=_integer,
        )
        if b"\\u" in body:
            # An escape can make text that UTF-8 cannot hold, and no answer of ours could tell it.
            json.dumps(made, ensure_ascii=False).encode("utf-8")
        return made
    except RecursionError as error:
        raise ReportRefusedError(Refused.MALFORMED, "body: nested too deeply") from error
    except ReportRefusedError:
        raise
    except ValueError as error:
        raise ReportRefusedError(Refused.MALFORMED, f"body: not JSON: {error}") from error


class Fields:
    """One object of the document.

    Args:
        document: what stands there.
        at: its path; empty at the root.
        names: the fields it has, all of them required.

    Raises:
        ReportRefusedError: it is no object, or has other fields.
    """

    def __init__(self, document: object, at: str, names: Sequence[str]) -> None:
        if not isinstance(document, Mapping):
            refuse(at or "body", f"needs an object, got {_short(document)}")
        self._at = at
        self._values: Mapping[str, object] = document
        for name in document:
            if name not in names:
                refuse(self.path(str(name)[:MAX_NAME]), f"unknown; known are {', '.join(names)}")
        for name in names:
            if name not in document:
                refuse(self.path(name), "is required")

    def path(self, name: str) -> str:
        """Of a field."""
        return f"{self._at}.{name}" if self._at else name

    def text(self, name: str) -> str:
        """A name: 1 to `MAX_NAME` characters."""
        value = self._values[name]
        if not isinstance(value, str) or not 1 <= len(value) <= MAX_NAME:
            refuse(self.path(name), f"needs text of 1..{MAX_NAME} characters, got {_short(value)}")
        return value

    def integer(self, name: str, low: int, high: int) -> int:
        """An integer in a range."""
        value = self._values[name]
        if type(value) is not int:
            refuse(self.path(name), f"needs an integer, got {_short(value)}")
        if not low <= value <= high:
            refuse(self.path(name), f"{value} is outside {low}..{high}", Refused.OUT_OF_RANGE)
        return value

    def real(self, name: str, low: float, high: float) -> float:
        """A number in a range."""
        return number(self._values[name], self.path(name), low, high)

    def boolean(self, name: str) -> bool:
        """True or false."""
        value = self._values[name]
        if type(value) is not bool:
            refuse(self.path(name), f"needs true or false, got {_short(value)}")
        return value

    def items(self, name: str) -> Iterator[tuple[str, object]]:
        """The path and the value of each item of a list."""
        value = self._values[name]
        if not isinstance(value, list):
            refuse(self.path(name), f"needs a list, got {_short(value)}")
        return ((f"{self.path(name)}[{i}]", item) for i, item in enumerate(value))

    def mapping(self, name: str) -> Mapping[str, object]:
        """An object whose names are free."""
        value = self._values[name]
        if not isinstance(value, Mapping):
            refuse(self.path(name), f"needs an object, got {_short(value)}")
        return value


def number(value: object, path: str, low: float, high: float) -> float:
    """A number in a range; an integer counts as one."""
    if type(value) not in (int, float):
        refuse(path, f"needs a number, got {_short(value)}")
    found = float(value)  # type: ignore[arg-type]  # one of the two
    if not low <= found <= high or math.isnan(found):
        refuse(path, f"{found:g} is outside {low:g}..{high:g}", Refused.OUT_OF_RANGE)
    return found


def refuse(path: str, why: str, reason: Refused = Refused.FIELD) -> NoReturn:
    """Raise the refusal of a field."""
    raise ReportRefusedError(reason, f"{path}: {why}")


def _short(value: object) -> str:
    text = repr(value) if not isinstance(value, Mapping | list) else type(value).__name__
    return text if len(text) <= MAX_NAME else f"{text[:MAX_NAME]}..."


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        twice = next(name for name, n in Counter(name for name, _ in pairs).items() if n > 1)
        raise ReportRefusedError(
            Refused.MALFORMED, f"body: the name {twice[:MAX_NAME]!r} stands twice in one object"
        )
    return made


def _integer(digits: str) -> int:
    """The integer, or one beyond any range in place of one that takes long to read."""
    if len(digits) <= _LONGEST_INTEGER:
        return int(digits)
    return _BEYOND if digits[0] != "-" else -_BEYOND


def _not_a_number(token: str) -> NoReturn:
    raise ValueError(f"{token} is not a JSON number")
