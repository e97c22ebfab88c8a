"""JSON as this interface takes it: RFC 8259 in UTF-8, with each name of an object once (RFC 7493).

Used off the fast path: to explain a refusal, and by the documented route.
"""

import json
from collections.abc import Sequence
from typing import Any, Final, NoReturn

from xapp.service.refusal import Reason, Refusal

_LONGEST_INTEGER: Final = 64
_BEYOND: Final = 10**_LONGEST_INTEGER


def parse(body: bytes) -> Any:
    """The document; numbers beyond float64 come out infinite and are left to the schema.

    Raises:
        Refusal: not JSON, not UTF-8, nested too deeply, or a name stands twice in one object.
    """
    try:
        return json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_not_a_number,
            parse_int=_integer,
        )
    except UnicodeDecodeError as error:
        raise Refusal(
            Reason.MALFORMED, f"the body is not UTF-8: {error.reason} at byte {error.start}"
        ) from error
    except RecursionError as error:
        raise Refusal(Reason.MALFORMED, "the document is nested too deeply") from error
    except ValueError as error:
        raise Refusal(Reason.MALFORMED, f"the body is not JSON: {error}") from error


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise Refusal(Reason.DUPLICATE_NAME, f"the name {twice[:80]!r} stands twice in one object")
    return made


def _integer(digits: str) -> int:
    """The integer, or one far beyond any range in place of one that takes long to read."""
    if len(digits) <= _LONGEST_INTEGER:
        return int(digits)
    return _BEYOND if digits[0] != "-" else -_BEYOND


def _not_a_number(token: str) -> NoReturn:
    raise ValueError(f"{token} is not a JSON number")
