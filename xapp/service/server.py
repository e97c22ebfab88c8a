"""The server: one process, one event loop, one HTTP listener, stopped by a signal."""

import asyncio
import contextlib
import gc
import secrets
import signal
import socket
import sys
import time
from collections.abc import Generator

import structlog
import uvicorn
from prometheus_client import disable_created_metrics

from oran.e2.transport import Address, NoSctpError, UnreachableError
from xapp.api.app import create_app
from xapp.e2.settings import E2Settings
from xapp.e2.terminator import Listening
from xapp.service.cells import Freshness
from xapp.service.decider import Clock
from xapp.service.listener import ListenError
from xapp.service.protocol import protocol
from xapp.service.runtime import Options, Runtime
from xapp.service.serving_policy import ServingPolicy
from xapp.settings import Settings
from xapp.store.backend import Backend

_SWITCH_INTERVAL_S = 0.0005
# Exposition and views run in threads; the decision path waits at most this long for the
# interpreter's lock, not Python's default of 5 ms.

_log = structlog.get_logger(__name__)


def system_clock() -> Clock:
    """The machine's clocks."""
    return Clock(lambda: time.time_ns() // 1_000_000, time.perf_counter_ns)


def options_of(settings: Settings) -> Options:
    """The part of the settings that the runtime depends on."""
    return Options(
        intents=tuple(i.to_intent() for i in settings.intents),
        limits=settings.shield,
        freshness=Freshness(settings.max_report_age_ms, settings.max_skew_ahead_ms),
        max_cells=settings.max_cells,
        cell_idle_ms=settings.cell_idle_s * 1000,
        max_body_bytes=settings.max_body_bytes,
    )


def listening_of(settings: E2Settings, url: str) -> Listening:
    """Where to listen for E2 nodes, and as whom."""
    return Listening(
        Address.parse(url),
        settings.global_ric_id(),
        settings.max_nodes,
        settings.answer_errors,
        settings.configured_cells(),
    )


def serve(settings: Settings, serving: ServingPolicy, sock: socket.socket) -> None:
    """Serve on a listening socket until SIGINT or SIGTERM.

    Raises:
        ListenError: the address for E2 nodes cannot be listened on.
    """
    # A second series for each counter, which nothing reads.
    disable_created_metrics()  # type: ignore[no-untyped-call]
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    with asyncio.Runner(loop_factory=_new_loop) as runner:
        runner.run(_serve(settings, serving, sock))


def _new_loop() -> asyncio.AbstractEventLoop:
    if sys.platform == "linux":
        import uvloop  # noqa: PLC0415  # there is none for other systems

        return uvloop.new_event_loop()
    else:  # noqa: RET505  # the type checker drops one branch
        return asyncio.new_event_loop()


async def _serve(settings: Settings, serving: ServingPolicy, sock: socket.socket) -> None:
    backend = Backend(settings.store)
    mark = secrets.token_hex(4)
    runtime = Runtime(serving, backend, options_of(settings), system_clock(), mark)
    await _listen_e2(runtime, settings.e2)
    if (driven := settings.core.options()) is not None:
        runtime.drive_core(driven)
    app = create_app(runtime)
    config = uvicorn.Config(
        app,
        http=protocol(app.door, runtime.metrics),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=5,
    )
    server = _Server(config)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, server.stop)
    host, port = sock.getsockname()[:2]
    _log.info("listening", host=host, port=port)
    await server.serve([sock])


async def _listen_e2(runtime: Runtime, settings: E2Settings) -> None:
    if settings.listen is not None:
        try:
            await runtime.listen(listening_of(settings, settings.listen), settings.options())
        except NoSctpError as error:
            raise ListenError(f"{settings.listen}: {error.reason}") from error
        except UnreachableError as error:
            raise ListenError(error.reason) from error


class _Server(uvicorn.Server):
    """uvicorn's server, without its way of dying by the signal that stopped it."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # What lives after the warm-up lives to the end: full collections, which take tens of
        # milliseconds, need not walk it again.
        gc.collect()
        gc.freeze()

    def stop(self) -> None:
        """Stop taking connections, answer what is under way, and end."""
        self.should_exit = True

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield
