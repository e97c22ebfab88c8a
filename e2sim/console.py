"""The console: clocks, lines and tables around the emulator's two commands."""

import asyncio
import importlib.util
import json
import math
import signal
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from e2sim.link.address import AddressError, FileAddress, parse_address
from e2sim.link.answer import Target
from e2sim.link.file import FileTarget
from e2sim.link.service import ServiceTarget
from e2sim.node.node import equal_shares
from e2sim.scenario import Scenario
from e2sim.stop import Stop
from oran.batch import AllocationBatch

if TYPE_CHECKING:
    from e2sim.core.twin import CoredTwin
    from e2sim.network import Network

PROGRESS_S: Final = 10.0
"""Time between lines of progress."""

BUILD_S: Final = 3.0
"""A twin that takes longer to start is being compiled."""

timer: Final = time.perf_counter
"""Seconds, monotonic, fine enough to time a decision."""

Built = TypeVar("Built")
Counts = tuple[dict[str, Any], Table]
"""What a run did, as a document and as a table."""
Main = Callable[[Target, Stop], Awaitable[Counts]]


def now_ms() -> float:
    """Milliseconds since 1970-01-01 UTC."""
    return time.time() * 1e3


def say(line: str) -> None:
    """One line for the user, beside the standard output."""
    typer.echo(f"e2sim: {line}", err=True)


def fail(line: str, code: int = 2) -> NoReturn:
    """One line on what is wrong, and the end: 2 for what the user wrote, 1 for the rest."""
    say(line)
    raise typer.Exit(code)


def check(target: str, speed: float, summary: Path | None) -> None:
    """Refuse what neither command can work with, before anything is opened or compiled."""
    try:
        parse_address(target)
    except AddressError as error:
        fail(str(error))
    check_files(speed, summary)


def check_files(speed: float, summary: Path | None) -> None:
    """The part of `check` that is not about the target."""
    if not math.isfinite(speed):
        fail(f"--speed: {speed} is not a finite number")
    if summary is not None and (summary.is_dir() or not summary.parent.is_dir()):
        fail(f"--summary: {str(summary)!r} is not a file in a folder that exists")


def play(target: str, timeout_s: float, summary: Path | None, main: Main) -> dict[str, Any]:
    """Open the target, run `main` until a signal stops it, write and print its counts."""

    def opened() -> Counts:
        with closing(_opened(target, timeout_s)) as found:
            return _run(lambda stop: main(found, stop))

    return _told(opened, target, summary)


def play_alone(
    main: Callable[[Stop], Awaitable[Counts]], peer: str, summary: Path | None
) -> dict[str, Any]:
    """Run `main`, which has no target to open, until a signal stops it; else as `play`."""
    return _told(lambda: _run(main), peer, summary)


def _told(run: Callable[[], Counts], target: str, summary: Path | None) -> dict[str, Any]:
    failed: list[BaseException] = []
    try:
        document, table = run()
        conclude(document, table, target, summary)
    except* OSError as group:
        failed.extend(_leaves(group))
    if failed:
        fail(str(failed[0]), code=1)
    return document


def conclude(document: dict[str, Any], table: Table, target: str, summary: Path | None) -> None:
    """Write and print the counts; raises `OSError` where they cannot be written."""
    if summary is not None:
        summary.write_text(json.dumps(document, indent=2, allow_nan=False) + "\n", "utf-8")
    Console(stderr=target == "-").print(table)


def build(make: Callable[[], Built]) -> Built:
    """`make()`, with a word when it takes as long as compiling takes.

    Raises:
        KeyboardInterrupt: SIGINT or SIGTERM came meanwhile.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    line = "compiling the twin; this takes some ten seconds, the first time only"
    word = threading.Timer(BUILD_S, say, [line])
    word.start()
    try:
        return make()
    finally:
        word.cancel()


def compiled(scenario: Scenario, seeds: NDArray[np.uint64]) -> "Network":
    """A twin whose first period takes no longer than the next ones."""
    # A replay needs no twin, and should not wait for the compiler to be loaded.
    from e2sim.network import Network  # noqa: PLC0415

    network = Network(scenario, seeds)
    group = scenario.interference.coupled_cells
    rehearsal = Network(scenario, seeds[:group])
    one = AllocationBatch.of(equal_shares(rehearsal.snssais))
    rows = np.repeat(one.slices, group, axis=0)
    rehearsal.step(AllocationBatch(rows, np.repeat(one.tx_power_offset_db, group)))
    return network


def compiled_with_core(scenario: Scenario, seeds: NDArray[np.uint64]) -> "CoredTwin":
    """`compiled`, with the core networks behind the cells."""
    from e2sim.core.network import CoreNetwork  # noqa: PLC0415
    from e2sim.core.twin import CoredTwin  # noqa: PLC0415

    rehearsal = CoreNetwork(scenario, seeds[:1])
    rehearsal.step(rehearsal.first(), np.zeros((1, len(rehearsal.snssais), 2)))
    return CoredTwin(compiled(scenario, seeds), CoreNetwork(scenario, seeds))


@asynccontextmanager
async def progress(figures: Callable[[], str]) -> AsyncIterator[None]:
    """A line on some figures every `PROGRESS_S`."""

    async def tell() -> None:
        started = timer()
        while True:
            await asyncio.sleep(PROGRESS_S)
            say(f"{timer() - started:.0f} s: {figures()}")

    telling = asyncio.create_task(tell())
    try:
        yield
    finally:
        telling.cancel()


def _event_loop() -> asyncio.AbstractEventLoop:
    """libuv's loop where it is installed: a fifth less time of the client's own in a latency."""
    if importlib.util.find_spec("uvloop") is None:
        return asyncio.new_event_loop()
    return importlib.import_module("uvloop").new_event_loop()  # type: ignore[no-any-return]


def _run(main: Callable[[Stop], Awaitable[Counts]]) -> Counts:
    async def stoppable() -> Counts:
        stop = Stop()
        stop.on_signals()
        return await main(stop)

    with asyncio.Runner(loop_factory=_event_loop) as runner:
        return runner.run(stoppable())


def _opened(text: str, timeout_s: float) -> Target:
    try:
        address = parse_address(text)
    except AddressError as error:
        fail(str(error))
    if isinstance(address, FileAddress):
        try:
            return FileTarget(address.path)
        except OSError as error:
            fail(f"target {text!r}: {error.strerror or error}")
    return ServiceTarget(address, timer, say, timeout_s)


def _leaves(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    return [
        leaf
        for error in group.exceptions
        for leaf in (_leaves(error) if isinstance(error, BaseExceptionGroup) else [error])
    ]
