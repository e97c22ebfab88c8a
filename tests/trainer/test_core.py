"""The compiled core: found on disk by the next process, and only while its sources are the same."""

import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from trainer import core

PROGRAM = """
import numpy as np
from trainer.core import DECISION
present = np.ones((2, 3), np.bool_)
from xapp.decision.action import at_rest, Base
base = Base(np.full((2, 3), 1 / 3), np.zeros((2, 3)))
print(DECISION.allocate(at_rest(present), base, present).slices[0, :, 1].tolist())
"""


def test_the_next_process_compiles_nothing(tmp_path: Path) -> None:
    def run() -> tuple[str, dict[str, int]]:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)},
            check=True,
            capture_output=True,
            text=True,
        )
        code = {f.name: f.stat().st_mtime_ns for f in tmp_path.rglob("*.nb?")}
        return done.stdout, code

    first, written = run()
    assert first == "[34, 33, 33]\n"
    assert {name.split(".")[1] for name in written} == {"_allocate"}
    assert all(core.fingerprint() in name for name in written)
    assert run() == (first, written)


def test_the_fingerprint_is_that_of_the_sources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = core.fingerprint.__wrapped__
    assert now() == now() == core.fingerprint()
    for package in ("oran", "xapp.decision", "xapp.decision.scalar"):
        for name in [f.name for f in files(package).iterdir() if f.name.endswith(".py")]:
            source = tmp_path / package / name
            source.parent.mkdir(exist_ok=True)
            source.write_bytes((files(package) / name).read_bytes())
    monkeypatch.setattr(core, "files", lambda package: tmp_path / package)
    assert now() == core.fingerprint()
    seen = {core.fingerprint()}
    for package, name in (
        ("oran", "measurements.py"),
        ("xapp.decision", "batch.py"),
        ("xapp.decision.scalar", "act.py"),
    ):
        changed = tmp_path / package / name
        changed.write_text(changed.read_text() + "# another comment\n")
        seen.add(now())
    assert len(seen) == 4
