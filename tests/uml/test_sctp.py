"""Kernel SCTP for real, in a guest whose kernel has it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPO = Path(__file__).parents[2]
LAB = Path(os.environ.get("SLICEPILOT_SHARED", REPO.parent / "shared")).resolve() / "lab"
SECONDS = 400


def boot(init: Path) -> list[str]:
    """The lines of the guest's console; skips the test without a lab, fails it in CI."""
    runner = LAB / "run_uml.sh"
    if not runner.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{runner} is not there; set SLICEPILOT_SHARED to the folder above lab/")
        pytest.skip(f"{runner} is not there")
    guest = subprocess.run(
        [runner, init, f"LAB={LAB}", f"PYTHON={sys.executable}", f"REPO={REPO}"],
        env=os.environ | {"TIMEOUT": str(SECONDS)},
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS + 120,
    )
    return guest.stdout.splitlines()


@pytest.mark.slow
@pytest.mark.timeout(SECONDS + 150)
def test_two_namespaces() -> None:
    console = boot(REPO / "tests/uml/init.sh")
    text = "\n".join(console)
    steps = [line.removeprefix("INIT ") for line in console if line.startswith("INIT ")]
    exchange = ("exchanged", "both ends noticed the cut", "reconnected", "closed in order")
    assert steps == [
        *(f"sctp: {step}" for step in exchange),
        *(f"tcp: {step}" for step in exchange),
        "loopback tests ended with 0",
        "done",
    ], text
    said = [line.removeprefix("EXCHANGE ") for line in console if line.startswith("EXCHANGE ")]
    reports = "ric: reports of [1, 65536, 150000, 250000] octets, each followed by a control"
    assert said.count(reports) == 4, text
    assert said.count("node: set up with functions [2, 3]") == 4, text
    assert "ric: from the node came streams and identifiers [(0, 70)]" in said, text
