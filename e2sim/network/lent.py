"""Tuples of arrays that compiled functions hand on by reference.

numba hands a tuple on by value, field by field and seven numbers an array: for a cell and its plan
over two hundred at every call of every function, which LLVM removes again after much work. A lent
tuple is one pointer. Functions take it and read its fields as they would the tuple's.

A field may be None: what only some scenarios have is None where the scenario has none, which is
another type, for which numba compiles the functions anew. One that takes the field as an argument
and begins with `if field is None: return` is then compiled to nothing, and so is all it calls.

Handed to a function that is not inlined a tuple has to be in memory from then on, for its lender
too: functions of the slot loop lend such a function a copy (`lend(copied(cell))`), or fields.
"""

from collections.abc import Callable
from hashlib import sha256
from typing import Any, TypeVar, cast

from llvmlite.ir import IntType  # type: ignore[import-untyped]
from numba import types
from numba.core import cgutils as untyped_cgutils
from numba.core.datamodel import models
from numba.core.typing.templates import AttributeTemplate
from numba.extending import infer_getattr, intrinsic, lower_getattr_generic, register_model
from numba.np import arrayobj as untyped_arrayobj

Fields = TypeVar("Fields")

cgutils: Any = untyped_cgutils
arrayobj: Any = untyped_arrayobj


class Lent(types.Type):
    """A named tuple of type `lender`, by reference."""

    def __init__(self, lender: types.NamedTuple) -> None:
        self.lender = lender
        super().__init__(f"Lent({lender.name})")

    @property
    def mangling_args(self) -> tuple[str, tuple[()]]:
        """Short, as it stands in the name of each function that takes one; one for each layout.

        Functions of one name would be taken for one another where they come out of the cache.
        """
        layout = sha256(self.lender.name.encode()).hexdigest()[:16]
        return f"Lent{self.lender.instance_class.__name__}_{layout}", ()


@register_model(Lent)
class _Reference(models.PrimitiveModel):
    def __init__(self, manager: Any, lent: Lent) -> None:
        lender = manager.lookup(lent.lender).get_value_type()
        super().__init__(manager, lent, lender.as_pointer())  # type: ignore[no-untyped-call]


@infer_getattr
class _Attributes(AttributeTemplate):
    key = Lent

    def generic_resolve(self, lent: Lent, name: str) -> Any:  # type: ignore[override]
        fields = lent.lender.fields
        return lent.lender.types[fields.index(name)] if name in fields else None


@lower_getattr_generic(Lent)  # type: ignore[no-untyped-call, untyped-decorator]
def _field(_context: Any, builder: Any, lent: Lent, reference: Any, name: str) -> Any:
    place = (IntType(32)(0), IntType(32)(lent.lender.fields.index(name)))
    return builder.load(builder.gep(reference, place, inbounds=True))


def _lend(_context: Any, lender: Any) -> Any:
    def build(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return cgutils.alloca_once_value(builder, arguments[0])

    return Lent(lender)(lender), build


lend = cast(Callable[[Fields], Fields], intrinsic(_lend))
"""A named tuple by reference, which must not outlive the function that lends it."""


def _copied(_context: Any, lent: Any) -> Any:
    def build(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.load(arguments[0])

    return lent.lender(lent), build


copied = cast(Callable[[Fields], Fields], intrinsic(_copied))
"""The named tuple itself that was lent."""


def _row_type(field: Any) -> Any:
    if field is types.none:
        return field
    return field.copy(ndim=max(field.ndim - 1, 1), layout="C" if field.layout == "C" else "A")


def _row(context: Any, builder: Any, field: Any, value: Any, c: Any) -> Any:
    if field is types.none:
        return value
    array = context.make_array(field)(context, builder, value)
    shape = cgutils.unpack_tuple(builder, array.shape, field.ndim)
    strides = cgutils.unpack_tuple(builder, array.strides, field.ndim)
    data = cgutils.pointer_add(builder, array.data, builder.mul(c, strides[0]), array.data.type)
    row = context.make_array(_row_type(field))(context, builder)
    alone = field.ndim == 1
    arrayobj.populate_array(
        row,
        data=data,
        shape=[c.type(1)] if alone else shape[1:],
        strides=strides if alone else strides[1:],
        itemsize=array.itemsize,
        meminfo=None,
    )
    return row._getvalue()


def _lend_row(_context: Any, given: Any, _c: Any) -> Any:
    lender = given.lender if isinstance(given, Lent) else given
    rows = types.NamedTuple(  # type: ignore[no-untyped-call]
        [_row_type(field) for field in lender.types], lender.instance_class
    )

    def build(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        arrays, c = arguments
        if isinstance(given, Lent):
            arrays = builder.load(arrays)
        row = [
            _row(context, builder, field, builder.extract_value(arrays, i), c)
            for i, field in enumerate(lender.types)
        ]
        return cgutils.alloca_once_value(builder, context.make_tuple(builder, rows, row))

    return Lent(rows)(given, types.intp), build


lend_row = cast(Callable[[Fields, int], Fields], intrinsic(_lend_row))
"""Row `c` of every array of a named tuple, by reference: each without its first axis, but those of
one axis, which keep it, with that row only."""
