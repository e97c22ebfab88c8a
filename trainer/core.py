"""The decision core, compiled: what training and evaluation run over batches of cells."""

from collections.abc import Callable
from functools import cache
from hashlib import sha256
from importlib.resources import files
from types import FunctionType
from typing import Any, Final

import numba
from numba.extending import register_jitable

from xapp.decision.batch import Batch

_SOURCES: Final = ("oran", "xapp.decision", "xapp.decision.scalar")


def _compiled(function: Any) -> Any:
    """Compiled at its first call and kept on disk; the twin's flags, for the same arithmetic.

    The loops over cells are closures around the functions of one cell. A closure around compiled
    functions is never found on disk again, since each process gives those another identity; so
    functions of one cell stay as they are, and numba compiles them where a loop calls them.
    """
    if not isinstance(function, FunctionType):
        raise ImportError(
            f"{function.__module__}.{function.__name__} is of the compiled wheel, which has no "
            "bytecode that numba could compile: the trainer needs the plain wheel or the sources"
        )
    if function.__closure__ is None:
        return register_jitable(error_model="numpy")(function)
    return _at_first_call(function)


def _at_first_call(function: Any) -> Callable[..., Any]:
    @cache
    def made() -> Any:
        # numba renews a cached loop when its own file changes, not when that of a function in it
        # does; the fingerprint is part of the name by which the loop is looked up.
        function.__qualname__ = f"{function.__qualname__}.{fingerprint()}"
        return numba.njit(function, error_model="numpy", nogil=True, cache=True)

    def call(*arguments: Any) -> Any:
        return made()(*arguments)

    return call


@cache
def fingerprint() -> str:
    """Sixteen hexadecimal digits that change with any source that the compiled loops draw on."""
    modules = [
        (package, source.name, source.read_bytes())
        for package in _SOURCES
        for source in sorted(files(package).iterdir(), key=lambda f: f.name)
        if source.name.endswith(".py")
    ]
    return sha256(repr(modules).encode()).hexdigest()[:16]


DECISION: Final = Batch.compiled(_compiled)
