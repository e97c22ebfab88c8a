"""A guest with a kernel of its own, booted on the host's file system."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

REPO: Final = Path(__file__).parents[2]
LAB: Final = Path(os.environ.get("SLICEPILOT_SHARED", REPO.parent / "shared")).resolve() / "lab"
SECONDS: Final = 400
"""Most that a guest may take."""


def runner() -> Path:
    """What boots guests; skips the test where it is not, fails it in CI."""
    found = LAB / "run_uml.sh"
    if not found.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{found} is not there; set SLICEPILOT_SHARED to the folder above lab/")
        pytest.skip(f"{found} is not there")
    return found


def boot(init: str, **arguments: object) -> list[str]:
    """Boot with a script of this folder as process 1; returns the lines of the console.

    Args:
        init: name of the script.
        arguments: what the script's environment has besides LAB, PYTHON and REPO.
    """
    variables = {"LAB": LAB, "PYTHON": sys.executable, "REPO": REPO, **arguments}
    guest = subprocess.run(
        [runner(), REPO / "tests/uml" / init, *(f"{k}={v}" for k, v in variables.items())],
        env=os.environ | {"TIMEOUT": str(SECONDS), "MEM": "1G"},
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS + 120,
    )
    return guest.stdout.splitlines()
