"""What runs in the guest: emulator and xApp close the loop over SCTP, which is then broken.

Of two emulators the first one has a direct association, whose link is cut; that of the second one
goes through a relay, and is reset. Prints for each stage that is reached what the xApp tells of its
nodes, and for each emulator what it did.
"""

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from urllib.error import URLError
from urllib.request import urlopen

from oran.e2.transport import Address
from oran.e2.transport.endpoint import listen
from tests.uml.programs import Programs, set_link, stop
from tests.uml.relay import OPTIONS, Relay

RIC: Final = Address("sctp", "10.9.0.2")
RELAYED: Final = Address("sctp", "10.9.0.2", 36422)
HTTP: Final = "http://127.0.0.1:8080"
DIRECT, THROUGH_RELAY = "gnb_001_01_000001.22_du1", "gnb_001_01_000002.22_du1"
WAIT_S: Final = 120.0
"""Most seconds for a stage; the guest shares its host with whatever else runs there."""
REPORTS: Final = 30
"""Reports that have to be decided on for a stage to be reached."""

Node = dict[str, Any]


def say(stage: str, **found: Any) -> None:
    """A line for the test."""
    print("LOOP " + json.dumps({"stage": stage, **found}), flush=True)


async def fetch(path: str) -> str:
    """What the xApp answers."""

    def get() -> bytes:
        with urlopen(HTTP + path, timeout=30) as response:
            body: bytes = response.read()
        return body

    return (await asyncio.to_thread(get)).decode()


async def nodes() -> dict[str, Node]:
    """What the xApp knows of its nodes, by their names."""
    return {node["node"]: node for node in json.loads(await fetch("/v1/nodes"))["nodes"]}


async def counters() -> dict[str, float]:
    """The E2 terminator's counters and gauges."""
    samples = (line for line in (await fetch("/metrics")).splitlines() if line[:1] != "#")
    pairs = (line.rsplit(" ", 1) for line in samples if line.startswith("slicepilot_e2_"))
    return {name: float(value) for name, value in pairs if "_e2_loop_" not in name}


async def say_all(stage: str, **found: Any) -> None:
    """Tell a stage, with all that the xApp counts and knows now."""
    say(stage, metrics=await counters(), nodes=await nodes(), **found)


async def listening() -> None:
    """Wait until the xApp answers."""
    async with asyncio.timeout(WAIT_S):
        while True:
            try:
                await fetch("/readyz")
            except URLError:
                await asyncio.sleep(0.5)
            else:
                return


async def until(name: str, about: str, holds: Callable[[Node], bool]) -> Node:
    """Wait until something holds for a node."""
    node: Node | None = None
    try:
        async with asyncio.timeout(WAIT_S):
            while (node := (await nodes()).get(name)) is None or not holds(node):
                await asyncio.sleep(0.5)
    except TimeoutError:
        raise AssertionError(f"{name}: not {about} in {WAIT_S:g} s: {node}") from None
    return node


async def controlled(name: str, reports: int = REPORTS) -> Node:
    """Wait until a node's cell is decided for and controlled, and its last report shows that."""

    def holds(node: Node) -> bool:
        return bool(
            node["present"]
            and node["cells"]
            and (cell := node["cells"][0])["subscription"] == "active"
            and cell["reports"] >= reports
            and cell["quota"]["known"]
            and cell["rest"]["known"]
            and cell["verdict"] == "effective"
        )

    return await until(name, "controlled", holds)


async def gone(name: str) -> Node:
    """Wait until the xApp has noticed that a node is away."""
    return await until(name, "gone", lambda node: not node["present"])


async def accept() -> Relay:
    """The relay, between the node that comes to it and the xApp."""
    sock, at = await listen(RELAYED, OPTIONS)
    with sock:
        async with asyncio.timeout(WAIT_S):
            return await Relay.accept(sock, at, RIC)


async def close_loop(relay: Relay) -> None:
    """Set-up to control to measured effect, with both nodes."""
    for name in (DIRECT, THROUGH_RELAY):
        await controlled(name)
    await say_all("controlled", carried=relay.carried)


async def reset(relay: Relay) -> None:
    """Reset both ends of the association through the relay."""
    before = await controlled(THROUGH_RELAY)
    async with asyncio.timeout(WAIT_S):
        await relay.reset()
    await controlled(THROUGH_RELAY, before["cells"][0]["reports"] + REPORTS)
    await controlled(DIRECT)
    await say_all("reset", carried=relay.carried, dropped=relay.dropped)


async def cut(programs: Programs) -> None:
    """Cut the link until both ends of the direct association have noticed, and mend it."""

    def losses() -> int:
        return programs.log("direct").count("no association")

    before = losses()
    await set_link("down")
    await gone(DIRECT)
    async with asyncio.timeout(WAIT_S):
        while losses() == before:
            await asyncio.sleep(0.5)
    await say_all("cut")
    await set_link("up")
    await controlled(DIRECT)
    await say_all("reconnected")


async def main(folder: Path) -> None:
    """Play the stages."""
    programs = Programs(folder)
    xapp = await programs.start("xapp", "ric", "xapp", "serve", "--e2", str(RIC))
    await listening()
    accepting = asyncio.create_task(accept())
    direct = await programs.emulator("direct", 1, RIC)
    relayed = await programs.emulator("relayed", 2, RELAYED)
    relay = await accepting
    carrying = asyncio.create_task(relay.carry())

    await close_loop(relay)
    await reset(relay)
    status = await stop(relayed, WAIT_S)
    await carrying
    await gone(THROUGH_RELAY)
    say("relayed", status=status, lost=relay.lost, **programs.summary("relayed"))

    await cut(programs)
    status = await stop(direct, WAIT_S)
    await gone(DIRECT)
    say("direct", status=status, **programs.summary("direct"))
    await say_all("left")
    say("xapp", status=await stop(xapp, WAIT_S))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
