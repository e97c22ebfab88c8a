"""The programs of a guest's two namespaces, each in a process of its own."""

import asyncio
import json
import signal
import sys
from asyncio.subprocess import Process
from pathlib import Path
from typing import Any, Final

from oran.e2.transport import Address

SCENARIO: Final = Path(__file__).with_name("crowded.yaml")


class Programs:
    """Starts programs, and keeps what they write.

    Args:
        folder: for a log of each, and for the emulators' summaries.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def start(self, name: str, namespace: str, program: str, *arguments: str) -> Process:
        """Start `xapp` or `e2sim` in a namespace."""
        main = f"from {program}.cli import app; app()"
        command = ["ip", "netns", "exec", namespace, sys.executable, "-c", main, *arguments]
        with (self._folder / f"{name}.log").open("wb") as log:
            return await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log)

    async def emulator(self, name: str, gnb_id: int, ric: Address) -> Process:
        """Start an emulator of one cell."""
        summary = str(self._folder / f"{name}.json")
        return await self.start(
            name, "node", "e2sim", "run", "--ric", str(ric), "--gnb-id", str(gnb_id),
            "--scenario", str(SCENARIO), "--seed", str(gnb_id), "--summary", summary,
        )  # fmt: skip

    def log(self, name: str) -> str:
        """What a program has written."""
        return (self._folder / f"{name}.log").read_text()

    def summary(self, name: str) -> dict[str, Any]:
        """What an emulator did; there once it has ended."""
        found: dict[str, Any] = json.loads((self._folder / f"{name}.json").read_text())
        return found


async def stop(process: Process, wait_s: float) -> int:
    """End a program in order; returns its exit status."""
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(wait_s):
        return await process.wait()


async def set_link(state: str) -> None:
    """Cut (`down`) or mend (`up`) the link between the namespaces."""
    link = await asyncio.create_subprocess_exec("ip", "-n", "node", "link", "set", "v0", state)
    assert await link.wait() == 0
