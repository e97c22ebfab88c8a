"""The command `xapp`: serve decisions, watch them, or run the whole loop on one machine."""

# ruff: noqa: PLC0415
# Each command imports what it needs, when it needs it: neither `xapp watch` nor a message about a
# taken port should wait for a server's libraries.

import os
import signal
import sys
import time
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)

_CONFIGURATION = 2
_FAILURE = 1


def _fail(message: str, code: int) -> NoReturn:
    typer.echo(f"xapp: {message}", err=True)
    raise typer.Exit(code)


@app.callback()
def main() -> None:
    """Slicepilot's near-RT RIC xApp."""


@app.command()
def serve(
    *,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="TCP port to listen on.")] = None,
    e2: Annotated[str | None, typer.Option(help="sctp:// or tcp://HOST[:PORT] for nodes.")] = None,
    store: Annotated[str | None, typer.Option(help="redis://HOST..., or embedded://")] = None,
    bundle: Annotated[Path | None, typer.Option(help="Policy bundle.")] = None,
    config: Annotated[Path | None, typer.Option(help="Settings in YAML, or XAPP_CONFIG.")] = None,
    log_level: Annotated[str | None, typer.Option(help="debug, info, warning or error.")] = None,
    log_format: Annotated[str | None, typer.Option(help="json or console.")] = None,
) -> None:
    """Serve decisions over HTTP, and to E2 nodes.

    Every setting can also stand in the file, or in the environment as XAPP_NAME; flags win over
    the environment, that over the file.
    """
    from xapp.decision.manifest import BundleError
    from xapp.service import logs, serving_policy
    from xapp.service.listener import ListenError, listen
    from xapp.settings import ConfigurationError, load

    # Until the server takes over, stopping is as clean as after it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    flags: dict[str, Any] = {
        "host": host,
        "port": port,
        "store": store,
        "bundle": bundle,
        "log": {"level": log_level, "format": log_format},
        "e2": {"listen": e2},
    }
    try:
        settings = load(flags, os.environ, config)
        logs.configure(settings.log.level, settings.log.format)
        with listen(settings.host, settings.port) as sock:
            serving = serving_policy.load(settings.bundle, time.perf_counter_ns)
            from xapp.service.server import serve

            serve(settings, serving, sock)
    except ConfigurationError as error:
        _fail(f"configuration: {error}", _CONFIGURATION)
    except BundleError as error:
        _fail(f"bundle: {error}", _FAILURE)
    except ListenError as error:
        _fail(f"cannot listen on {error}", _FAILURE)
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


@app.command()
def watch(
    *,
    url: Annotated[str, typer.Option(help="Where the xApp serves.")] = "http://127.0.0.1:8080",
    seconds: Annotated[float | None, typer.Option(min=0, help="End after so long.")] = None,
) -> None:
    """Watch a running xApp: live on a terminal, one line a second elsewhere."""
    from rich.console import Console

    from xapp.console.frame import UnreachableError
    from xapp.console.watch import watch

    try:
        watch(url, Console(), seconds)
    except UnreachableError as error:
        _fail(str(error), _FAILURE)
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


@app.command()
def demo(
    *,
    scenario: Annotated[str, typer.Option(help="Scenario of the emulator.")] = "mixed",
    trace: Annotated[Path | None, typer.Option(help="Recording to replay instead.")] = None,
    speed: Annotated[float, typer.Option(min=0, help="Times real time.")] = 1.0,
    seed: Annotated[int, typer.Option(min=0, help="Of the scenario.")] = 1,
    port: Annotated[int, typer.Option(min=1, max=65_535, help="TCP port of the xApp.")] = 8080,
    bundle: Annotated[Path | None, typer.Option(help="Policy bundle.")] = None,
    seconds: Annotated[float | None, typer.Option(min=0, help="End after so long.")] = None,
) -> None:
    """Run xApp and emulator on this machine, and watch them."""
    from rich.console import Console

    from xapp.console.children import ChildError
    from xapp.console.demo import Play, demo
    from xapp.service.listener import ListenError

    try:
        status = demo(Play(scenario, trace, speed, seed), port, bundle, seconds, Console())
    except ChildError as error:
        _fail(str(error).removeprefix("xapp: "), _FAILURE)
    except ListenError as error:
        _fail(f"cannot listen on {error}", _FAILURE)
    raise typer.Exit(status)


if __name__ == "__main__":
    app()
