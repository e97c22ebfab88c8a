"""`e2sim run`: the twin in real time, against an xApp or a RIC."""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from e2sim.command.options import (
    OptionalTargetOption,
    PeriodsOption,
    SpeedOption,
    SummaryOption,
    TimeoutOption,
)
from e2sim.console import (
    Counts,
    build,
    check,
    check_files,
    compiled,
    compiled_with_core,
    conclude,
    fail,
    now_ms,
    play,
    play_alone,
    progress,
    say,
    timer,
)
from e2sim.core.server import CoreAddress, serving
from e2sim.e2 import options as e2
from e2sim.e2 import summary as e2_summary
from e2sim.e2.fleet import Fleet
from e2sim.e2.fleet import Run as E2Run
from e2sim.e2.identity import MAX_CELLS
from e2sim.e2.offer import KpmVersion
from e2sim.e2.site import Site
from e2sim.link.answer import Target
from e2sim.node import summary as run_summary
from e2sim.node.loop import Loop, Run
from e2sim.node.node import Node
from e2sim.scenario import BUNDLED, Scenario, load_scenario
from e2sim.stop import Stop
from oran.e2.transport import NoSctpError
from oran.e2.transport.sctp import make_socket

if TYPE_CHECKING:
    from e2sim.core.twin import CoredTwin
    from e2sim.network import Network

INTERRUPTED = "a signal, before the first period"

TARGET_ONLY = ("timeout", "node_id")
"""Parameters that have a meaning with `--target` alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Playing:
    """What both ways of running need."""

    name: str
    scenario: Scenario
    cells: int
    seed: int
    speed: float
    limit: int
    summary: Path | None
    core: CoreAddress | None = None

    @property
    def interval_s(self) -> float:
        """Time between two periods; 0 without a pace."""
        return self.scenario.period_ms / 1e3 / self.speed if self.speed else 0.0

    @property
    def figures(self) -> dict[str, Any]:
        """What summaries repeat."""
        return {"cells": self.cells, "period_ms": self.scenario.period_ms, "speed": self.speed}

    def twin(self) -> "Network | CoredTwin":
        """The twin, compiled; raises `KeyboardInterrupt` where a signal comes first."""
        seeds = np.arange(self.seed, self.seed + self.cells, dtype=np.uint64)
        if self.core is None:
            return build(lambda: compiled(self.scenario, seeds))
        return build(lambda: compiled_with_core(self.scenario, seeds))


def run(
    ctx: typer.Context,
    *,
    target: OptionalTargetOption = None,
    ric: e2.RicOption = None,
    scenario: Annotated[
        str,
        typer.Option(envvar="E2SIM_SCENARIO", help="Name of a bundled scenario, or a YAML file."),
    ] = "mixed",
    cells: Annotated[int, typer.Option(envvar="E2SIM_CELLS", min=1, max=10_000)] = 1,
    speed: SpeedOption = 1.0,
    seed: Annotated[
        int,
        typer.Option(
            envvar="E2SIM_SEED", min=0, max=2**63, help="Seed of cell 0; cell i has seed + i."
        ),
    ] = 1,
    limit: PeriodsOption = 0,
    summary: SummaryOption = None,
    node_id: Annotated[
        str, typer.Option(envvar="E2SIM_NODE_ID", help="Global E2 node id in reports (--target).")
    ] = "e2sim",
    timeout: TimeoutOption = 2.0,
    plmn: e2.PlmnOption = e2.DEFAULT_PLMN,
    gnb_id: e2.GnbIdOption = e2.DEFAULT_GNB_ID,
    kpm: e2.KpmOption = KpmVersion.V3_00,
    kpm_id: e2.KpmIdOption = e2.DEFAULT_IDS.kpm,
    rc_id: e2.RcIdOption = e2.DEFAULT_IDS.rc,
    spc_id: e2.SpcIdOption = e2.DEFAULT_IDS.spc,
    names: e2.NamesOption = False,
    ppid: e2.PpidOption = e2.DEFAULT_PPID,
    reply_delay_ms: e2.ReplyDelayOption = 0.0,
    fault: e2.FaultOption = None,
    core: Annotated[
        str | None,
        typer.Option(
            envvar="E2SIM_CORE", help="HOST:PORT of the core control API (scenarios with a core)."
        ),
    ] = None,
) -> None:
    """Play the twin in real time, against an xApp (--target) or a RIC (--ric).

    With --target each cell's report is sent, and what the xApp decides is applied. With --ric each
    cell is an E2 node that serves subscriptions and applies RIC controls.

    With --core the core networks behind the cells are played too, and controlled over HTTP.

    Ends with 1 where reports were sent and not one decision came, or no E2 Setup succeeded.
    """
    options = None
    if _to_ric(ctx, target, ric):
        options = _e2_options(
            lambda: e2.E2Options.of(
                str(ric),
                plmn=plmn,
                gnb_id=gnb_id,
                ids=(kpm_id, rc_id, spc_id),
                version=kpm,
                names=names,
                ppid=ppid,
                reply_delay_ms=reply_delay_ms,
                fault=fault or [],
            )
        )
        _check_ric(options, cells, speed)
        check_files(speed, summary)
    else:
        if not 1 <= len(node_id) <= 64:
            fail(f"--node-id: {len(node_id)} characters, needs 1..64")
        check(str(target), speed, summary)
    loaded = _loaded(scenario, cells)
    playing = Playing(
        name=scenario,
        scenario=loaded,
        core=_core_address(core, loaded),
        cells=cells,
        seed=seed,
        speed=speed,
        limit=limit,
        summary=summary,
    )
    if options is None:
        _against_xapp(playing, str(target), node_id, timeout)
    else:
        _against_ric(playing, options)


def _to_ric(ctx: typer.Context, target: str | None, ric: str | None) -> bool:
    """Whether the run is against a RIC; refuses options that have no meaning in it."""
    source = {name: ctx.get_parameter_source(name) for name in ctx.params}
    typed = {name for name, found in source.items() if found and found.name == "COMMANDLINE"}
    if target is None and ric is None:
        raise typer.BadParameter("needs --target or --ric")
    if {"target", "ric"} <= typed:
        fail("--target and --ric: one of them")
    # An image that has a target in its environment can still be told to go to a RIC.
    to_ric = ric is not None and "target" not in typed
    for name in sorted(typed & set(TARGET_ONLY if to_ric else e2.E2_ONLY)):
        fail(f"--{name.replace('_', '-')}: has a meaning with --{'target' if to_ric else 'ric'}")
    return to_ric


def _e2_options(make: Callable[[], e2.E2Options]) -> e2.E2Options:
    try:
        return make()
    except ValueError as error:
        fail(str(error))


def _check_ric(options: e2.E2Options, cells: int, speed: float) -> None:
    if not speed:
        fail("--speed: 0 has no meaning with --ric, which waits for no answers; needs above 0")
    if cells > MAX_CELLS:
        fail(f"--cells: {cells}; a gNB has {MAX_CELLS} at most")
    if options.ric.scheme == "sctp":
        try:
            make_socket(socket.AF_INET).close()
        except NoSctpError as error:
            fail(error.reason, code=1)


def _loaded(name: str, cells: int) -> Scenario:
    try:
        loaded = load_scenario(name)
    except OSError as error:
        fail(f"scenario {name!r}: {error.strerror}; bundled are {', '.join(BUNDLED)}")
    except ValueError as error:
        fail(f"scenario {name!r}: {error}")
    group = loaded.interference.coupled_cells
    if cells % group:
        fail(
            f"--cells: {cells} are no whole groups of {group}, which the scenario couples; "
            f"needs a multiple of {group}, such as {-(-cells // group) * group}"
        )
    return loaded


def _core_address(text: str | None, scenario: Scenario) -> CoreAddress | None:
    if text is None:
        return None
    if scenario.core is None:
        fail(f"--core: scenario {scenario.name!r} has no core network")
    try:
        return CoreAddress.parse(text)
    except ValueError as error:
        fail(f"--core: {error}")


def _against_xapp(playing: Playing, target: str, node_id: str, timeout: float) -> None:
    def told(run: Run, stopped: str) -> Counts:
        document = run_summary.document(
            playing.name, target, run=run, stopped=stopped, **playing.figures
        )
        return document, run_summary.table(document)

    async def main(opened: Target, stop: Stop) -> Counts:
        node = Node(twin, node_id)
        loop = Loop(node, opened, playing.interval_s, clock_ms=now_ms, timer=timer, stop=stop)
        async with serving(twin, playing.core, node_id), progress(loop.run.outcomes.figures):
            return told(await loop.play(playing.limit), stop.reason)

    try:
        twin = playing.twin()
    except KeyboardInterrupt:
        conclude(*told(Run(), INTERRUPTED), target, playing.summary)
        return
    document = play(target, timeout, playing.summary, main)
    if document["reports_sent"] and not document["decisions"] and "://" in target:
        raise typer.Exit(1)


def _against_ric(playing: Playing, options: e2.E2Options) -> None:
    ric = str(options.ric)

    def told(run: E2Run, stopped: str) -> Counts:
        document = e2_summary.document(
            playing.name, ric, run=run, stopped=stopped, **playing.figures
        )
        return document, e2_summary.table(document)

    async def main(stop: Stop) -> Counts:
        site = Site(twin)
        fleet = Fleet(
            site,
            options.offers(site.cells, site.snssais, uplink=site.uplink),
            options.settings(playing.interval_s, playing.seed),
            clock_ms=now_ms,
            timer=timer,
            stop=stop,
            say=say,
        )
        async with serving(twin, playing.core), progress(fleet.run.tally.figures):
            return told(await fleet.play(playing.limit), stop.reason)

    try:
        twin = playing.twin()
    except KeyboardInterrupt:
        conclude(*told(E2Run(), INTERRUPTED), ric, playing.summary)
        return
    if not play_alone(main, ric, playing.summary)["setups"]:
        raise typer.Exit(1)
