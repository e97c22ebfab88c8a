"""Attempts: steps of which each is tried, although another one fails."""

from collections.abc import Callable
from typing import Any, TypeVar

_Made = TypeVar("_Made")


def attempt(step: Callable[..., _Made], *arguments: Any) -> _Made | Exception:
    """What a step makes of its arguments, or the exception that it raises."""
    try:
        return step(*arguments)
    except Exception as error:
        return error
