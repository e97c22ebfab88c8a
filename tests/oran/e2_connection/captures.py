"""Messages that other implementations sent, recorded on the wire."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from oran.e2.connection import Role

_FOLDER = Path(os.environ.get("SLICEPILOT_SHARED", Path(__file__).parents[4] / "shared"))
_FILE = _FOLDER / "vectors" / "e2_captures.json"
_SENDERS = {"E2node->RIC": Role.NODE, "RIC->E2node": Role.RIC}


@dataclass(frozen=True, slots=True)
class Capture:
    """One packet.

    Attributes:
        peers: who talked.
        sender: which end sent it.
        octets: the packet.
    """

    peers: str
    sender: Role
    octets: bytes


def captures() -> list[Capture]:
    """All recorded packets, in order; skips the test where there are none, fails it in CI."""
    if not _FILE.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{_FILE} is not there; set SLICEPILOT_SHARED to the folder of recordings")
        pytest.skip(f"{_FILE} is not there")
    return [
        Capture(m["peers"], _SENDERS[m["direction"]], bytes.fromhex(m["hex"]))
        for m in json.loads(_FILE.read_text())
    ]


def captured() -> list[bytes]:
    """The octets of all recorded packets."""
    return [c.octets for c in captures()]
