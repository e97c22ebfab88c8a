"""The compiled build: `python -m deploy.compiled` puts its wheel into dist/ (see hatch_build.py).

The checks and the bench run it unpacked, from a folder named after the sources it was made of.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
PACKAGES: Final = ("oran", "e2sim", "xapp", "trainer")
TOOLS: Final = ("hatchling", "mypy", "setuptools")
_UNPACKED: Final = ROOT / "build" / "compiled"


class BuildError(Exception):
    """The wheel cannot be built; the message is what the tools said last."""


def wheel(folder: Path) -> Path:
    """Build the compiled wheel into a folder.

    Raises:
        BuildError: a C compiler or Python's headers are missing, or mypyc refuses a module.
    """
    command = [
        sys.executable, "-m", "pip", "wheel", "--no-build-isolation", "--no-deps",
        "--disable-pip-version-check", "--wheel-dir", str(folder), str(ROOT),
    ]  # fmt: skip
    environment = os.environ | {"HATCH_BUILD_HOOK_ENABLE_CUSTOM": "true"}
    done = subprocess.run(  # noqa: S603
        command, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BuildError("\n".join((done.stdout + done.stderr).splitlines()[-30:]))
    made = max(folder.glob("slicepilot-*-linux_*.whl"), key=_written_ns, default=None)
    if made is None:
        raise BuildError(f"the wheel in {folder} is not of linux, as the compiled one would be")
    return made


def _written_ns(path: Path) -> int:
    return path.stat().st_mtime_ns


def unpacked() -> Path:
    """A folder with the packages of a compiled wheel of the sources as they are now.

    Raises:
        BuildError: see `wheel`.
    """
    folder = _UNPACKED / _digest()
    _UNPACKED.mkdir(parents=True, exist_ok=True)
    with open(_UNPACKED / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            for older in _UNPACKED.glob("*/"):
                shutil.rmtree(older)
            with tempfile.TemporaryDirectory(dir=_UNPACKED) as work:
                with zipfile.ZipFile(wheel(Path(work))) as archive:
                    archive.extractall(Path(work) / "packages")
                (Path(work) / "packages").rename(folder)
    return folder


def _sources() -> Iterator[Path]:
    yield ROOT / "pyproject.toml"
    yield ROOT / "hatch_build.py"
    for package in PACKAGES:
        yield from sorted(p for p in (ROOT / package).rglob("*") if "__pycache__" not in p.parts)


def _digest() -> str:
    """Sixteen hexadecimal digits that change with the sources, Python and the tools."""
    digest = sha256(f"{sys.version}{[version(tool) for tool in TOOLS]}".encode())
    for path in _sources():
        if path.is_file():
            digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{wheel(ROOT / 'dist')}\n")
    except BuildError as error:
        sys.exit(f"compiled build: {error}")
