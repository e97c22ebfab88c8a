"""The driver in the service: settings, view, metrics, and decisions that do not wait for it."""

import asyncio
import math
import time
from pathlib import Path
from typing import Any, get_args

import httpx
import msgspec
import pytest
from prometheus_client import CollectorRegistry
from rich.console import Console

from tests.xapp.bundles import bundle
from tests.xapp.process import serving_process
from tests.xapp.redis_server import free_port
from tests.xapp.rig import JSON, options, report, write
from tests.xapp.test_views import rows
from tests.xapp_core.rig import driven, fronted, played, until
from tests.xapp_core.rig import options as core_options
from tests.xapp_e2.test_process import emulator
from xapp.api.app import create_app
from xapp.api.documents import CellView, SlicesView, StoreView
from xapp.console.frame import Frame, Rates
from xapp.console.view import line, live
from xapp.core.exposition import CoreCollector
from xapp.core.settings import CoreSettings
from xapp.core.view import CoreView, core_view
from xapp.decision.core_rules import CORE_RULES
from xapp.decision.core_shield import CoreLimits
from xapp.service import serving_policy
from xapp.service.runtime import Runtime
from xapp.service.server import system_clock
from xapp.settings import ConfigurationError, load
from xapp.store.backend import EMBEDDED, Backend

NOBODY = CellView("n", "c", 0, 0, None, None, None, None, 0, [])

WRONG: list[tuple[dict[str, str], str]] = [
    ({"XAPP_CORE__URL": "127.0.0.1:8081"}, "XAPP_CORE__URL: '127.0.0.1:8081' is not http(s)://"),
    ({"XAPP_CORE__URL": "http://h:x"}, "XAPP_CORE__URL: 'http://h:x' is not http(s)://"),
    ({"XAPP_CORE__URL": "http://h:0"}, "XAPP_CORE__URL: 'http://h:0' is not"),
    ({"XAPP_CORE__URL": "http://h:70000"}, "XAPP_CORE__URL: 'http://h:70000' is not"),
    ({"XAPP_CORE__URL": "http://h/core/v1"}, "XAPP_CORE__URL: 'http://h/core/v1' is not"),
    ({"XAPP_CORE__URL": "http://[::1"}, "XAPP_CORE__URL: "),
    ({"XAPP_CORE__RULE": "best"}, "XAPP_CORE__RULE: Input should be 'hysteretic-site'"),
    ({"XAPP_CORE__PERIOD_MS": "0"}, "XAPP_CORE__PERIOD_MS: "),
    ({"XAPP_CORE__MIN_GAIN": "2"}, "XAPP_CORE__MIN_GAIN: "),
    ({"XAPP_CORE__TIMEOUT": "2"}, "XAPP_CORE__TIMEOUT: unknown key"),
    ({"XAPP_CORE": "3"}, "core: needs a mapping"),
]


@pytest.mark.parametrize(("environment", "told"), WRONG)
def test_settings_that_are_wrong_are_told(environment: dict[str, str], told: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        load({}, environment)
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_settings_become_nouns() -> None:
    assert load({}, {}).core.options() is None
    found = load({}, {"XAPP_CORE__URL": "https://[::1]:8081/", "XAPP_CORE__MIN_STAY_MS": "7"}).core
    made = found.options()
    assert made is not None
    assert (made.url, made.limits) == ("https://[::1]:8081", CoreLimits(min_stay_ms=7))
    assert CoreSettings().min_stay_ms == CoreLimits().min_stay_ms
    assert CoreSettings().min_gain == CoreLimits().min_gain
    rule: Any = CoreSettings.model_fields["rule"].annotation
    assert set(get_args(rule)) == set(CORE_RULES)


def runtime(folder: Path) -> Runtime:
    path = write(folder / "test.bundle", bundle())
    serving = serving_policy.load(path, time.perf_counter_ns)
    return Runtime(serving, Backend(EMBEDDED), options(), system_clock(), "t")


def test_radio_reports_are_decided_on_while_the_core_does_not_answer(tmp_path: Path) -> None:
    """One event loop, a request to the core under way for all of the time: not one decision waits
    for it, as the core answers only after the last of them."""

    async def test() -> None:
        twin, _ = played()
        made = runtime(tmp_path)
        async with fronted(twin) as (front, url):
            front.mode = "hang"
            made.drive_core(core_options(url))
            await made.start()
            transport = httpx.ASGITransport(create_app(made))
            async with httpx.AsyncClient(transport=transport, base_url="http://rig") as client:
                await until(lambda: bool(front.asked))
                for sequence in range(20):
                    now = time.time_ns() // 1_000_000 - 100
                    body = msgspec.json.encode(
                        report(sequence, start_ms=now + sequence).to_document()
                    )
                    answer = await client.post("/decide", content=body, headers=JSON)
                    assert answer.status_code == 200, answer.text
                view = await client.get("/v1/core")
                assert front.asked == ["GET /core/v1/topology"]
                told = msgspec.json.decode(view.content, type=CoreView)
                assert (told.status, told.failures, told.cells) == ("connecting", 0, [])
                front.mode = "well"
                front.release.set()
                # The core comes by itself, and goes with the service.
                await until(lambda: made.core is not None and bool(made.core.cells))
            await made.stop()

    asyncio.run(test())


def test_the_view_says_off_where_no_core_is_driven() -> None:
    off = core_view(None)
    assert (off.status, off.url, off.cells) == ("off", None, [])
    assert not list(CoreCollector(lambda: None).collect())


def test_every_gauge_of_the_core_is_documented() -> None:
    found: dict[str, tuple[str, set[str]]] = {}

    async def test() -> None:
        twin, node = played()
        node.play(0)
        async with fronted(twin) as (_, url), driven(core_options(url)) as core:
            await core.look()
            registry = CollectorRegistry()
            registry.register(CoreCollector(lambda: core.driver))
            for family in registry.collect():
                labels = {k for s in family.samples for k in s.labels}
                assert family.samples, family.name
                found[family.name] = (family.type, labels)
            value = registry.get_sample_value
            place = {"node": "n", "cell": "cell-1", "snssai": "1-000001"}
            report = twin.core_report(1, "n", "cell-1")
            assert report is not None
            s = report.slices[0]
            us = s["CORE.DelayDlInUpfMean"] + s["GTP.DelayDlPsaUpfNgranMean"]
            assert value("slicepilot_core_slice_delay_seconds", place) == us * 1e-6
            assert value("slicepilot_core_slice_site", place | {"site": "central"}) == 1.0
            assert value("slicepilot_core_up") == 1.0

    asyncio.run(test())
    documented = {
        name: (kind.split(",")[0], {label for label in labels.split(", ") if label})
        for name, kind, labels, _ in rows("## Core")
    }
    assert found == documented


def test_the_programs_close_the_loop() -> None:
    """`xapp serve` with the variable, `e2sim run --core`: decisions for radio and core."""
    port = free_port()
    core = f"127.0.0.1:{port}"
    with serving_process(XAPP_CORE__URL=f"http://{core}") as served:
        with emulator(
            served.url, 1, 80, "--scenario", "edge", "--core", core, to="--target"
        ) as played_:
            _, err = played_.communicate(timeout=90)
            assert played_.returncode == 0, err
        view = httpx.get(f"{served.url}/v1/core").json()
        text = httpx.get(f"{served.url}/metrics").text
        status, _ = served.stop()
    assert status == 0
    assert view["cells"][0]["cell"] == "cell-0"
    assert [s["snssai"] for s in view["cells"][0]["slices"]] == [
        "1-000001", "2-000001", "3-000001"
    ]  # fmt: skip
    values = dict(line.rsplit(" ", 1) for line in text.splitlines() if line[:1] != "#")
    made = sum(
        float(values[f'slicepilot_core_decisions_total{{outcome="{o}"}}'])
        for o in ("sent", "unchanged")
    )
    assert made >= 10
    assert view["problem"].startswith("unreachable: ")


def test_the_live_view_has_a_line_for_the_core() -> None:
    def drawn(core: CoreView) -> tuple[str, str]:
        state = SlicesView("b", "g", StoreView("embedded://", False, "ok", "", 0), [NOBODY])
        now = Frame(1.0, state, {}, 0.0, (math.inf,), (0.0,), core)
        console = Console(width=140, height=30, force_terminal=False)
        with console.capture() as capture:
            console.print(live("http://x", now, Rates.between(now, now), 5))
        return capture.get(), line(now, Rates.between(now, now))

    async def test() -> CoreView:
        twin, node = played()
        node.play(0)
        async with fronted(twin) as (_, url), driven(core_options(url)) as core:
            await core.look()
            return core_view(core.driver)

    view = asyncio.run(test())
    central = view.cells[0].slices[0]
    for text in drawn(view):
        assert f"core driving   1-000001 central {central.delay_ms:.2f} ms   2-000001 edge" in text
    on_its_way = msgspec.structs.replace(central, site_wanted="edge\x1b", delay_ms=None)
    cell = msgspec.structs.replace(view.cells[0], slices=[on_its_way])
    for text in drawn(msgspec.structs.replace(view, cells=[cell])):
        assert "core driving   1-000001 central > edge\N{REPLACEMENT CHARACTER} - ms" in text
    held = msgspec.structs.replace(view, status="holding", problem="timeout: no answer\x1b")
    for text in drawn(held):
        assert "core holding   timeout: no answer\N{REPLACEMENT CHARACTER}" in text
    for text in drawn(core_view(None)):
        assert "core" not in text
