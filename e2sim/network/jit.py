"""The compiler of the twin's physics: numba, with the flags all its functions share.

Functions neither make arrays nor own them (`_nrt`): the caller of the kernel holds them all. Each
slot makes dozens of views; counting the references to them atomically took as long as the physics,
and compiling the counting a quarter of the compiler's time. So `a[...] = b` of two arrays, for
which numba may take a copy, does not compile: copy in a loop.

Division by zero follows IEEE 754 (`error_model="numpy"`): a branch that raises would keep LLVM
from vectorising. Fast-math stays off, so results do not depend on the vector width. Everything is
inlined into the functions that Python calls, and tuples of arrays are handed on by reference: see
`lent`, which also says how a function is compiled only for scenarios that have what it is for.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

import numba
from llvmlite.ir import Constant, IntType  # type: ignore[import-untyped]
from numba import types
from numba.extending import intrinsic

Function = TypeVar("Function", bound=Callable[..., Any])

_SHARED: Final[dict[str, Any]] = {"error_model": "numpy", "_nrt": False}

_NO_WRAPPERS: Final = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def jit(function: Function) -> Function:
    """`function` compiled, callable from Python and from compiled functions."""
    return _compile(function)


def pure(function: Function) -> Function:
    """`jit`, inlined in any case: loops that call anything are not vectorised."""
    return _compile(function, forceinline=True)


def internal(function: Function) -> Function:
    """`jit` for callers that are compiled: without the wrappers Python would need."""
    return _compile(function, **_NO_WRAPPERS)


def fuse(function: Function) -> Function:
    """`internal`, inlined in any case: for functions of the slot loop that take arrays."""
    return _compile(function, forceinline=True, **_NO_WRAPPERS)


def inline(function: Function) -> Function:
    """`internal`, copied into its caller before that is compiled.

    For functions with a single caller that are large, which then are optimised once and not once a
    level, and for those that return records in a tuple, which numba cannot return.
    """
    return _compile(function, inline="always", **_NO_WRAPPERS)


def entry(function: Function) -> Function:
    """A function called from Python: cached on disk, and run without the GIL."""
    return _compile(function, cache=True, nogil=True)


def _compile(function: Function, **options: Any) -> Function:
    return cast(Function, numba.njit(**_SHARED, **options)(function))


def _lowest(_context: Any, word: Any) -> Any:
    def build(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], Constant(IntType(1), 1))

    return types.int64(word), build


lowest: Any = intrinsic(_lowest)
"""Place of the lowest set bit of an uint64 that has one."""


def _highest(_context: Any, word: Any) -> Any:
    def build(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        zeros = builder.ctlz(arguments[0], Constant(IntType(1), 1))
        return builder.sub(Constant(IntType(64), 63), zeros)

    return types.int64(word), build


highest: Any = intrinsic(_highest)
"""Place of the highest set bit of an uint64 that has one."""
