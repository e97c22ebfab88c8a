"""Cores that answer and do not act: reports that only repeat, wishes without effect."""

import asyncio
from dataclasses import replace
from itertools import pairwise

import pytest
from structlog.testing import CapturingLogger

from oran.core.allocation import CoreAllocation
from tests.xapp_core.rig import counted, driven, fronted, options, played
from xapp.core.refusal import CoreApiError, Failure
from xapp.core.view import core_view


def test_a_core_that_stands_still_is_held_and_still_read_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def test() -> None:
        twin, node = played()
        node.play(0)
        async with fronted(twin) as (front, url), driven(options(url)) as core:
            now = 0.0
            core.driver.clock = lambda: now
            await core.look()
            assert core_view(core.driver).status == "driving"
            front.asked.clear()
            now = 1.5
            await core.look()
            assert core_view(core.driver).status == "driving"
            assert [a for a in front.asked if "GET /core/v1/allocation" in a] == [
                f"GET /core/v1/allocation?cell={c}" for c in (0, 1)
            ]
            document = twin.core_allocation(0).to_document()
            document["slices"][2] |= {"site": "central", "split": {"central-metro": 100}}
            other = CoreAllocation.from_document(document, twin.topology)
            twin.apply_core(0, other)
            now = 3.0
            await core.look()
            assert core.driver.cells[0].in_force == other
            view = core_view(core.driver)
            assert view.status == "holding"
            assert view.problem.startswith("stale: report of cell 1: sequence: 0 is the last one")
            assert view.failures == 0
            # A failure is told, though it holds already.
            monkeypatch.setattr("xapp.core.driver._log", log := CapturingLogger())
            for _ in range(2):
                core.driver._hold(CoreApiError(Failure.TIMEOUT, "t"))
            assert len(log.calls) == 1
            # A core that goes on does not hide the other one, which stands still.
            core.driver.cells[1].report, core.driver.cells[1].stale = None, False
            await core.look()
            assert core_view(core.driver).status == "holding"
            node.play(0)
            await core.look()
            assert core_view(core.driver).status == "driving"

    asyncio.run(test())


def test_a_wish_without_effect_is_put_once_more_after_pauses_that_double(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def test() -> None:
        twin, node = played()
        monkeypatch.setattr(twin, "apply_core", lambda *_: None)  # acknowledged, and no more
        own = options("http://x", rule="nearest-site", min_stay_ms=0, max_cells=1)
        async with fronted(twin) as (front, url), driven(replace(own, url=url)) as core:
            core.driver.clock = lambda: 0.0  # nothing is read back
            periods = []
            for i in range(80):
                node.play(0)
                front.asked.clear()
                await core.look()
                periods += [i for a in front.asked if a.startswith("PUT")]
            found = counted(core.registry)
        assert [b - a for a, b in pairwise(periods)] == [24, 44]
        assert found["decisions sent"] == 3
        assert found["migrations"] == found["effects site ineffective"] == 6, "two slices"

    asyncio.run(test())
