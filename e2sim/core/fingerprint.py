"""The fingerprint of the core kernel's sources; see `e2sim.network.fingerprint`."""

from functools import cache
from hashlib import sha256
from importlib.resources import files


@cache
def fingerprint() -> str:
    """Sixteen hexadecimal digits that change with any module whose functions are compiled in."""
    modules = sorted(
        (package, f.name, f.read_bytes())
        for package in ("e2sim.core", "e2sim.network")
        for f in files(package).iterdir()
        if f.name.endswith(".py")
    )
    return sha256(repr(modules).encode()).hexdigest()[:16]
