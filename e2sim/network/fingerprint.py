"""The fingerprint of the kernel's sources, which its cache on disk is looked up by."""

from functools import cache
from hashlib import sha256
from importlib.resources import files


@cache
def fingerprint() -> str:
    """Sixteen hexadecimal digits that change with any module of this package.

    numba renews a cached function when its own file changes, not when a file changes whose
    functions it has inlined; the fingerprint is part of an argument's type, which it does check.
    """
    modules = sorted(
        (f.name, f.read_bytes()) for f in files("e2sim.network").iterdir() if f.name.endswith(".py")
    )
    return sha256(repr(modules).encode()).hexdigest()[:16]
