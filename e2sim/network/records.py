"""Records: structured dtypes that NumPy and the kernel read alike."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Record: TypeAlias = Any
"""A row of a structured array; type checkers do not know its fields."""

Feature: TypeAlias = Any
"""An array of what only some scenarios have; None where the scenario has not, see `lent`."""

Records = NDArray[Any]
F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
U32 = NDArray[np.uint32]
U64 = NDArray[np.uint64]


def record(**fields: str) -> "np.dtype[Any]":
    """A structured dtype of the named fields, aligned as a C compiler would."""
    return np.dtype(list(fields.items()), align=True)
