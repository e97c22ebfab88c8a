"""Where the real recordings are; absent they are skipped, but not in CI."""

import os
from pathlib import Path

import pytest

_SHARED = Path(os.environ.get("SLICEPILOT_SHARED", Path(__file__).parents[3] / "shared"))


def recording(name: str) -> Path:
    path = _SHARED / "data" / name
    if not path.exists():
        reason = f"{path} is absent; SLICEPILOT_SHARED names the folder it is in"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return path
