"""Short operations on a block's lanes, as vectors.

LLVM unrolls a loop of few instructions over `LANES` before it looks for vectors, and then finds
none. What is long enough to stay a loop needs nothing of this.
"""

from typing import Any, Final

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.core import cgutils as untyped_cgutils
from numba.extending import intrinsic

from e2sim.network.fading import LANES

cgutils: Any = untyped_cgutils


def _lanes(context: Any, builder: Any, array: Any, value: Any, place: Any) -> Any:
    """Where the `LANES` elements from flat `place` on stand, as a vector's address."""
    data = context.make_array(array)(context, builder, value).data
    vector = ir.VectorType(context.get_data_type(array.dtype), LANES)
    return builder.bitcast(builder.gep(data, [place]), vector.as_pointer())


def _sum_rows(
    _context: Any, out: Any, at: Any, factor: Any, table: Any, first: Any, step: Any, column: Any
) -> Any:
    size: Final = table.dtype.bitwidth // 8

    def build(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        target, at, factor, source, first, step, column = arguments
        shape = context.make_array(table)(context, builder, source).shape
        rows, width = cgutils.unpack_tuple(builder, shape, 2)

        def row(number: Any) -> Any:
            place = builder.add(builder.mul(number, width), column)
            return builder.load(_lanes(context, builder, table, source, place), align=size)

        total = cgutils.alloca_once_value(builder, row(first))
        second = builder.add(first, step)
        with cgutils.for_range_slice(builder, second, rows, step, rows.type) as (number, _):
            builder.store(builder.fadd(builder.load(total), row(number)), total)
        by = builder.load(_lanes(context, builder, out, target, factor), align=size)
        result = builder.fmul(builder.load(total), by)
        builder.store(result, _lanes(context, builder, out, target, at), align=size)
        return context.get_dummy_value()

    return types.void(out, at, factor, table, first, step, column), build


sum_rows: Any = intrinsic(_sum_rows)
"""`sum_rows(out, at, factor, table, first, step, column)`: the sum of rows `first`, `first + step`,
... of a two-dimensional table, in this order, from a column on, times lanes `factor` of `out`,
becomes its lanes `at`."""


def _approach(_context: Any, row: Any, mean: Any, news: Any, weight: Any, least: Any) -> Any:
    size: Final = row.dtype.bitwidth // 8

    def build(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        value, mean, news, weight, least = arguments
        means = _lanes(context, builder, row, value, mean)
        newest = _lanes(context, builder, row, value, news)
        vector = means.type.pointee
        old = builder.load(means, align=size)
        change = builder.fsub(builder.load(newest, align=size), old)
        moved = builder.fadd(old, builder.fmul(_splat(builder, weight, vector), change))
        floor = _splat(builder, least, vector)
        kept = builder.select(builder.fcmp_ordered(">", moved, floor), moved, floor)
        builder.store(kept, means, align=size)
        builder.store(ir.Constant(vector, None), newest, align=size)
        return context.get_dummy_value()

    return types.void(row, mean, news, weight, least), build


def _splat(builder: Any, value: Any, vector: Any) -> Any:
    """The value in every lane."""
    lanes = ir.Constant(vector, ir.Undefined)
    for i in range(LANES):
        lanes = builder.insert_element(lanes, value, ir.Constant(ir.IntType(32), i))
    return lanes


approach: Any = intrinsic(_approach)
"""`approach(row, mean, news, weight, least)`: lanes `mean` of a row move towards its lanes `news`
by `weight` of their distance, `least` at the lowest; the news become 0."""
