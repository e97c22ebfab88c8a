"""Messages recorded between FlexRIC and its peers, with the values two other decoders gave them.

They stand in the folder that the environment variable SLICEPILOT_SHARED names, else in `shared`
beside the repository. Without it the tests that need them are skipped, and fail where CI is "true".
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from oran.e2.per.type import Json

_REPOSITORY = Path(__file__).parents[3]


@dataclass(frozen=True)
class Capture:
    """One packet: octets, the recorded E2AP value, and octets and values of the service models."""

    name: str
    octets: bytes
    e2ap: Any
    e2sm: dict[str, tuple[bytes, Any]]


@cache
def captures() -> tuple[Capture, ...]:
    shared = Path(os.environ.get("SLICEPILOT_SHARED", _REPOSITORY.parent / "shared"))
    file = shared / "vectors" / "e2_captures.json"
    if not file.exists():
        return ()
    return tuple(
        Capture(
            f"{i}-{c['message']}",
            bytes.fromhex(c["hex"]),
            c["e2ap"],
            {k: (bytes.fromhex(v["hex"]), v["val"]) for k, v in c["e2sm"].items()},
        )
        for i, c in enumerate(json.loads(file.read_text()))
    )


def need_captures() -> tuple[Capture, ...]:
    found = captures()
    if not found:
        if os.environ.get("CI") == "true":
            pytest.fail("the captured messages are missing; set SLICEPILOT_SHARED to their folder")
        pytest.skip("the captured messages are not here; SLICEPILOT_SHARED names their folder")
    return found


def payloads() -> Iterator[tuple[str, bytes, Any]]:
    for capture in need_captures():
        for name, (octets, value) in capture.e2sm.items():
            yield name, octets, value


def as_ours(recorded: Any) -> Json:  # noqa: PLR0911
    """The recorded form, which is pycrate's, in the form of `oran.e2.jsonform`.

    Alternatives are pairs of a name and a value there, bit strings pairs of integers, reals
    triples of mantissa, base and exponent.
    """
    if isinstance(recorded, dict):
        return {name: as_ours(part) for name, part in recorded.items()}
    if not isinstance(recorded, list):
        return recorded if recorded != "true" else True
    match recorded:
        case ["noValue", 0]:
            return {"noValue": None}
        case [("real" | "valueReal") as name, [mantissa, base, exponent]]:
            return {name: float(mantissa) * float(base) ** exponent}
        case [str(name), value]:
            return {name: as_ours(value)}
        case [int(bits), int(length)]:
            return f"{bits:0{length}b}" if length else ""
    return [as_ours(item) for item in recorded]
