"""Leaves bytecode and compiled kernels in an image, by loading its program: `warm.py xapp`.

A read-only container cannot keep what it compiles, so a start would pay for it each time.
"""

import importlib
import pkgutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from typing import Final

MODULES: Final[Mapping[str, tuple[str, ...]]] = {
    "xapp": (
        "uvicorn.loops.uvloop",
        "uvicorn.protocols.http.httptools_impl",
        "uvicorn.lifespan.on",
    ),
    "e2sim": (),
    "trainer": (),
}
"""Loaded late by the programs' libraries, so an import of the program does not reach them."""


def load(program: str) -> None:
    """Import every module of a program, which writes the bytecode of all it needs."""
    package = importlib.import_module(program)
    for module in pkgutil.walk_packages(package.__path__, f"{program}."):
        importlib.import_module(module.name)
    for name in MODULES[program]:
        importlib.import_module(name)


KINDS: Final = ("mixed", "city")
"""Scenarios without devices and with: each kind has kernels of its own."""


def play(program: str, folder: str) -> None:
    """Two periods of a scenario of each kind, into files: compiles the twin's kernels."""
    for name in KINDS:
        target = f"{folder}/{name}.jsonl"
        arguments = ["run", "--scenario", name, "--target", target, "--limit", "2", "--speed", "0"]
        subprocess.run([program, *arguments], check=True)  # noqa: S603


if __name__ == "__main__":
    load(sys.argv[1])
    if sys.argv[1] == "e2sim":
        with tempfile.TemporaryDirectory() as folder:
            play(f"{sys.prefix}/bin/e2sim", folder)
