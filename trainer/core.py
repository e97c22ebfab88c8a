"""The decision core, compiled: what training and evaluation run over batches of cells."""

from typing import Any, Final

import numba

from xapp.decision.batch import Batch


def _compiled(function: Any) -> Any:
    """Compiled at its first call and kept on disk; the twin's flags, for the same arithmetic."""
    return numba.njit(function, error_model="numpy", nogil=True, cache=True)


DECISION: Final = Batch.compiled(_compiled)
