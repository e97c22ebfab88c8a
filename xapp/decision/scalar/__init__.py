"""The arithmetic of a decision, for one slice or one cell, as scalar functions.

The xApp runs these functions as they stand, on lists and tuples: at a handful of slices, plain
Python is several times faster than array operations. The trainer has the same functions compiled
and runs them over batches of cells (`xapp.decision.batch`). For that they keep to what a compiler
reads like the interpreter: scalars, indexing, loops, `math`, and no call of one another.

`x` stands for the measurements of a slice in the order of `oran.measurements`, NaN where not
measured; `value != value` is the test for NaN that both run fastest. A row of an allocation has
the columns of `oran.batch`. What is written goes to the arguments named for it, which the caller
provides, so that nothing is allocated here.
"""

from collections.abc import MutableSequence, Sequence

Row = Sequence[float]
FloatRow = MutableSequence[float]
IntRow = MutableSequence[int]
IntRows = Sequence[MutableSequence[int]]
