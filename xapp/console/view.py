"""Views of a frame: a table for a terminal, a line for a log."""

import math
from collections.abc import Iterator
from itertools import islice
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from oran.snssai import STANDARD_SST
from xapp.api.documents import CellView, SlicesView, SliceView, StoreView
from xapp.console.frame import Frame, Rates
from xapp.core.view import CoreSliceView, CoreView

_UNKNOWN: Final = "-"


NOBODY: Final = "no cell has reported yet"


def live(url: str, frame: Frame, rates: Rates, rows: int, waiting: str = NOBODY) -> RenderableType:
    """The live view, with at most `rows` slices; `waiting` is said while there are none."""
    state = frame.state
    table = Table(expand=False, pad_edge=False)
    for name, justify in _COLUMNS:
        table.add_column(name, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    for cell, s in islice(_slices(state), rows):
        table.add_row(*_row(cell, s))
    parts: list[RenderableType] = [*_head(url, state, rates), *_core(frame.core), table]
    count = sum(len(c.slices) for c in state.cells)
    if count > rows:
        parts.append(Text(f"and {count - rows} more slices", style="dim"))
    if not count:
        parts.append(Text(waiting, style="dim"))
    return Group(*parts)


def line(frame: Frame, rates: Rates, waiting: str = NOBODY) -> str:
    """The same in one line, with the slices of the first cell."""
    state = frame.state
    if not state.cells:
        return f"{waiting} | store {_store(state.store)}"
    parts = [
        f"{_number(rates.decisions_per_s)} decisions/s",
        f"p50 {_ms(rates.p50_s)} p99 {_ms(rates.p99_s)}",
        f"{_number(rates.refusals_per_s)} refusals/s",
        f"rung {_rungs(rates)}",
        f"store {_store(state.store)}",
        f"{len(state.cells)} cells",
    ]
    parts += [text.plain for text in _core(frame.core)]
    for s in state.cells[0].slices:
        parts.append(
            f"{s.snssai}: {_mbps(s)} Mbit/s {_value(s.delay_ms)} ms {_value(s.prbs_used)} PRB "
            f"min {s.min_prb_ratio} % SLA {_met(s)}"
        )
    return " | ".join(parts)


_COLUMNS: Final = (
    ("cell", "left"), ("slice", "left"), ("Mbit/s a UE", "right"), ("delay ms", "right"),
    ("drop %", "right"), ("PRB used", "right"), ("PRB min-max %", "right"), ("SLA", "right"),
    ("rung", "left"), ("age s", "right"),
)  # fmt: skip


def _head(url: str, state: SlicesView, rates: Rates) -> Iterator[Text]:
    yield Text(f"{url}   policy {state.bundle} ({state.graph})", style="bold")
    yield Text(
        f"{_number(rates.decisions_per_s)} decisions/s   latency p50 {_ms(rates.p50_s)}, "
        f"p99 {_ms(rates.p99_s)}   rung {_rungs(rates)}   "
        f"{_number(rates.refusals_per_s)} refusals/s"
    )
    good = state.store.status == "ok"
    yield Text(f"store {state.store.store} {_store(state.store)}", style="" if good else "yellow")


def _core(core: CoreView) -> Iterator[Text]:
    """A line for the first cell's core, where one is driven."""
    if core.status == "off":
        return
    parts = [f"core {core.status}"]
    if core.status == "holding":
        parts.append(_printable(core.problem))
    elif core.cells:
        parts += [_upf(s) for s in core.cells[0].slices]
    style = {"driving": "", "connecting": "dim"}.get(core.status, "yellow")
    yield Text("   ".join(parts), style=style)


def _upf(s: CoreSliceView) -> str:
    """Where a slice's UPF is, where it is on its way to, and what UPF and transport take."""
    here = _UNKNOWN if s.site is None else s.site
    way = here if s.site_wanted == s.site else f"{here} > {s.site_wanted}"
    return _printable(f"{s.snssai} {way} {_value(s.delay_ms)} ms")


def _slices(state: SlicesView) -> Iterator[tuple[CellView, SliceView]]:
    for cell in state.cells:
        for s in cell.slices:
            yield cell, s


def _row(cell: CellView, s: SliceView) -> list[Text]:
    sst = int(s.snssai.partition("-")[0])
    kind = STANDARD_SST.get(sst)
    age = cell.report_age_ms
    met = Text(_met(s), style={True: "green", False: "bold red", None: "dim"}[s.sla_met])
    texts = (
        _printable(f"{cell.node}/{cell.cell}"),
        s.snssai if kind is None else f"{s.snssai} {kind}",
        _mbps(s),
        _value(s.delay_ms),
        _value(None if s.drop_rate is None else 100 * s.drop_rate),
        _value(s.prbs_used),
        f"{s.min_prb_ratio}-{s.max_prb_ratio}",
    )
    return [
        *map(Text, texts),
        met,
        Text(_UNKNOWN if cell.rung is None else cell.rung),
        Text(_UNKNOWN if age is None else f"{age / 1000:.1f}"),
    ]


def _printable(text: str) -> str:
    """Names come from the network: nothing of them may act on the terminal."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _met(s: SliceView) -> str:
    if s.satisfaction is None:
        return _UNKNOWN
    return "met" if s.sla_met else f"{100 * s.satisfaction:.0f} %"


def _store(store: StoreView) -> str:
    if store.status != "ok":
        return f"{store.status} ({_printable(store.detail)})"
    return "ok" if store.durable else "ok (not durable)"


def _rungs(rates: Rates) -> str:
    return _UNKNOWN if not rates.rungs else "+".join(rates.rungs)


def _mbps(s: SliceView) -> str:
    return _value(None if s.ue_throughput_kbps is None else s.ue_throughput_kbps / 1000)


def _value(value: float | None) -> str:
    return _UNKNOWN if value is None else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _ms(seconds: float) -> str:
    return _UNKNOWN if math.isnan(seconds) else f"{1000 * seconds:.2f} ms"


def _number(value: float) -> str:
    return _UNKNOWN if math.isnan(value) else f"{value:.0f}" if value >= 100 else f"{value:.1f}"
