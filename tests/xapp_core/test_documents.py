"""Documents of the core control API: what is read is what was written, what is wrong is told."""

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oran.core.allocation import CoreAllocation, SliceCoreAllocation
from oran.core.batch import CoreReportBatch
from oran.core.measurements import (
    CORE_SLICE_MEASUREMENTS,
    LINK_MEASUREMENTS,
    SITE_MEASUREMENTS,
)
from oran.measurements import Measurement
from oran.snssai import Snssai
from tests.decision.test_core_rules import TOPOLOGY
from xapp.core.batch import batch_of
from xapp.core.documents import read_allocation, read_report, read_topology
from xapp.core.fields import _object
from xapp.core.refusal import LONGEST_DETAIL, Refused, ReportRefusedError

SNSSAIS = (Snssai(1, 1), Snssai(2))


def values(table: tuple[Measurement, ...], *, whole: bool) -> st.SearchStrategy[list[float]]:
    """A row; NaN where not measured, as may be of everything unless it has to be `whole`."""
    numbers = [
        st.integers(int(m.low), int(m.high)).map(float)
        if m.kind == "integer"
        else st.floats(m.low, m.high)
        for m in table
    ]
    missing = st.nothing() if whole else st.just(math.nan)
    return st.tuples(*(n | missing for n in numbers)).map(list)


@st.composite
def batches(draw: st.DrawFn) -> CoreReportBatch:
    site_health = draw(st.lists(st.integers(0, 2), min_size=2, max_size=2))
    link_health = draw(st.lists(st.integers(0, 2), min_size=3, max_size=3))
    return CoreReportBatch(
        draw(st.integers(1, 60_000)),
        np.array([[draw(values(SITE_MEASUREMENTS, whole=h != 2)) for h in site_health]]),
        np.array([[draw(values(LINK_MEASUREMENTS, whole=h != 2)) for h in link_health]]),
        np.array([[draw(values(CORE_SLICE_MEASUREMENTS, whole=False)) for _ in SNSSAIS]]),
        np.array([site_health]),
        np.array([link_health]),
        np.array([draw(st.lists(st.integers(0, 1), min_size=2, max_size=2))]),
        np.array([draw(st.lists(st.booleans(), min_size=2, max_size=2))]),
    )


def told(batch: CoreReportBatch) -> dict[str, Any]:
    return batch.one(
        0, TOPOLOGY, SNSSAIS, node="n", name="cell-0", sequence=7, start_ms=700
    ).to_document()


@settings(max_examples=40)
@given(batches())
def test_a_report_reads_back_bit_for_bit(batch: CoreReportBatch) -> None:
    body = json.dumps(told(batch), allow_nan=False).encode()
    report = read_report(body, TOPOLOGY, SNSSAIS)
    again = batch_of(report, TOPOLOGY)
    assert again.period_ms == batch.period_ms
    for name in CoreReportBatch.__slots__[1:]:
        np.testing.assert_array_equal(getattr(again, name), getattr(batch, name))
    assert (report.node, report.cell, report.sequence, report.start_ms) == ("n", "cell-0", 7, 700)


def test_topologies_and_allocations_read_back() -> None:
    known = read_topology(json.dumps(TOPOLOGY.to_document()).encode())
    assert known.topology == TOPOLOGY
    reordered = dict(reversed(TOPOLOGY.to_document().items()))
    assert read_topology(json.dumps(reordered).encode()).id == known.id
    slower = TOPOLOGY.to_document()
    slower["paths"][0]["delay_ms"] = 0.2
    assert read_topology(json.dumps(slower).encode()).id != known.id
    allocation = CoreAllocation(
        tuple(SliceCoreAllocation(s, "edge", (("edge-near", 60), ("edge-ring", 40)))
              for s in SNSSAIS)
    )  # fmt: skip
    assert read_allocation(json.dumps(allocation.to_document()).encode(), TOPOLOGY) == allocation


def plain() -> dict[str, Any]:
    """A report with every figure at its least."""
    rows = [
        np.array([[[m.low for m in table]] * n])
        for table, n in ((SITE_MEASUREMENTS, 2), (LINK_MEASUREMENTS, 3),
                         (CORE_SLICE_MEASUREMENTS, 2))
    ]  # fmt: skip
    sites, links, at = (np.zeros((1, n), np.int64) for n in (2, 3, 2))
    still = np.zeros((1, 2), np.bool_)
    return told(CoreReportBatch(100, rows[0], rows[1], rows[2], sites, links, at, still))


def changed(document: dict[str, Any], path: str, value: object) -> bytes:
    """With another value at a path of dots; `...` takes the field away."""
    *way, last = [int(p) if p.isdigit() else p for p in path.split("/")]
    at: Any = document
    for step in way:
        at = at[step]
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return json.dumps(document).encode()


WRONG: list[tuple[str, object, Refused, str]] = [
    ("node", ..., Refused.FIELD, "node: is required"),
    ("node", "", Refused.FIELD, "node: needs text of 1..64 characters, got ''"),
    ("extra", 1, Refused.FIELD, "extra: unknown; known are node, cell"),
    ("sequence", 1.5, Refused.FIELD, "sequence: needs an integer, got 1.5"),
    ("sequence", True, Refused.FIELD, "sequence: needs an integer, got True"),
    ("sequence", 2**32, Refused.OUT_OF_RANGE, "sequence: 4294967296 is outside 0..4294967295"),
    ("start_ms", -1, Refused.OUT_OF_RANGE, "start_ms: -1 is outside"),
    ("period_ms", 0, Refused.OUT_OF_RANGE, "period_ms: 0 is outside 1..60000"),
    ("sites", {}, Refused.FIELD, "sites: needs a list, got dict"),
    ("sites", [{}] * 257, Refused.FIELD, "sites: 257 items, at most 256 are taken"),
    ("sites/1", 3, Refused.FIELD, "sites[1]: needs an object, got 3"),
    ("sites/1/health", "fine", Refused.FIELD, "sites[1].health: 'fine' is not one of ok, "),
    ("sites/1", ..., Refused.PARTIAL, "sites: central missing"),
    ("sites", [], Refused.PARTIAL, "sites: edge, central missing"),
    ("sites/1/name", "moon", Refused.OTHER_TOPOLOGY, "sites: are edge, moon; need to be edge, "),
    ("links/0", ..., Refused.PARTIAL, "links: near missing"),
    ("links/0/name", "ring", Refused.PARTIAL, "links: near missing"),
    ("slices/0", ..., Refused.PARTIAL, "slices: 1-000001 missing"),
    ("slices/1/snssai", "3", Refused.OTHER_TOPOLOGY, "slices: are 1-000001, 3; need to be"),
    ("slices/1/snssai", "x", Refused.FIELD, "slices[1].snssai: 'x' is not an S-NSSAI"),
    ("slices/1/site", "moon", Refused.OTHER_TOPOLOGY, "slices[1].site: 'moon' is not one of edge"),
    ("slices/1/migrating", 0, Refused.FIELD, "slices[1].migrating: needs true or false, got 0"),
    ("slices/1/measurements", [], Refused.FIELD, "slices[1].measurements: needs an object, got l"),
    (
        "sites/0/measurements/CORE.SiteDelayMean", ..., Refused.PARTIAL,
        "sites[0].measurements.CORE.SiteDelayMean: is required of edge, which has not failed",
    ),
    (
        "links/2/measurements/CORE.LinkDelayMean", -1, Refused.OUT_OF_RANGE,
        "links[2].measurements.CORE.LinkDelayMean: -1 is outside 0..1e+12",
    ),
    (
        "links/2/measurements/CORE.LinkDelayMean", "1", Refused.FIELD,
        "links[2].measurements.CORE.LinkDelayMean: needs a number, got '1'",
    ),
    (
        "links/2/measurements/CORE.SiteDelayMean", 1, Refused.FIELD,
        "links[2].measurements.CORE.SiteDelayMean: unknown; known are CORE.LinkDelayMean, ",
    ),
    (
        "slices/0/measurements/CORE.DelayDlP99", 10**400, Refused.OUT_OF_RANGE,
        "slices[0].measurements.CORE.DelayDlP99: 1e+20 is outside",
    ),
    (
        "slices/0/measurements/CORE.DelayDlP99", float("nan"), Refused.MALFORMED,
        "body: not JSON: NaN is not a JSON number",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "reason", "says"), WRONG)
def test_a_report_that_is_wrong_is_refused_by_path(
    path: str, value: object, reason: Refused, says: str
) -> None:
    with pytest.raises(ReportRefusedError) as raised:
        read_report(changed(plain(), path, value), TOPOLOGY, SNSSAIS)
    assert str(raised.value).startswith(says)
    assert raised.value.reason is reason
    assert len(str(raised.value)) < 500


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "body: not JSON"),
        (b"\xff\xfe", "body: not JSON: 'utf-8' codec"),
        (b"[" * 100_000, "body: "),
        (b'{"node": 1, "node": 2}', "body: the name 'node' stands twice"),
        (b'{"node": 1e999}', "cell: is required"),
        (b"[]", "body: needs an object, got list"),
        (b'{"node": "\\ud800"}', "body: not JSON: 'utf-8' codec can't encode"),
        (b'{"\\udfff": 1}', "body: not JSON: 'utf-8' codec can't encode"),
        (b'{"node": "\\ud83d\\ude00"}', "cell: is required"),
        (
            b"{" + b",".join(b'"%d": 0' % min(i, 49_998) for i in range(50_000)) + b"}",
            "body: the name '49998' stands twice",
        ),
        (b'{"node": -' + b"9" * 5_000 + b"}", "cell: is required"),
    ],
)
def test_bytes_that_are_no_report_are_refused(body: bytes, says: str) -> None:
    with pytest.raises(ReportRefusedError) as raised:
        read_report(body, TOPOLOGY, SNSSAIS)
    assert str(raised.value).startswith(says)


class Compared(str):
    """Text that counts how often it is compared."""

    __slots__ = ()
    times = 0

    def __eq__(self, other: object) -> bool:
        Compared.times += 1
        return str.__eq__(self, other)

    __hash__ = str.__hash__


def test_names_that_stand_twice_are_found_without_comparing_each_with_each() -> None:
    names = [str(min(i, 1998)) for i in range(2000)]
    Compared.times = 0
    with pytest.raises(ReportRefusedError, match="the name '1998' stands twice"):
        _object([(Compared(name), 0) for name in names])
    split = tuple((Compared(name), 0) for name in names)
    with pytest.raises(ValueError, match=r"split\.1998: is there twice"):
        CoreAllocation((SliceCoreAllocation(SNSSAIS[0], "edge", split),)).check()
    assert Compared.times < 10 * len(names)


@given(st.binary(max_size=60) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["node", "sites", "links", "paths", "slices", "name"]), inner),
).map(lambda d: json.dumps(d).encode()))  # fmt: skip
def test_no_bytes_bring_any_other_error(body: bytes) -> None:
    readers = (
        read_topology,
        lambda b: read_allocation(b, TOPOLOGY),
        lambda b: read_report(b, TOPOLOGY, SNSSAIS),
    )
    for reader in readers:
        with pytest.raises(ReportRefusedError):
            reader(body)


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("sites", [], "sites: none, needs at least one"),
        ("sites/0", "", "sites[0]: needs a name"),
        ("links/1", "near", "links[1]: 'near' is that of an earlier one"),
        ("paths/0/site", "moon", "paths[0].site: 'moon' is not one of edge, central"),
        ("paths/0/links", ["x"], "paths[0].links[0]: 'x' is not one of near, ring, far"),
        ("paths/0/links", [], "paths[0].links: none, needs at least one"),
        ("paths/1/name", "edge-near", "paths[1].name: 'edge-near' is that of an earlier path"),
        ("paths/0/delay_ms", -1, "paths[0].delay_ms: -1 is outside"),
        ("paths", [], "sites[0]: no path starts at edge"),
    ],
)
def test_a_topology_that_is_wrong_is_refused_by_path(path: str, value: object, says: str) -> None:
    with pytest.raises(ReportRefusedError) as raised:
        read_topology(changed(TOPOLOGY.to_document(), path, value))
    assert str(raised.value).startswith(says)


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({"slices": []}, "slices: 0 slices, needs 1..16"),
        ({"slices": [{}] * 17}, "slices: 17 slices, at most 16 are taken"),
        ({"slices": "x" * 9999}, "slices: needs a list, got 'xxx"),
        ({"slices": [{"snssai": "1", "site": "x", "split": {"edge-near": 100}}]},
         "slices[0].site: 'x' is not one of edge, central"),
    ],
)  # fmt: skip
def test_an_allocation_that_is_wrong_is_refused_by_path(
    document: dict[str, Any], says: str
) -> None:
    with pytest.raises(ReportRefusedError) as raised:
        read_allocation(json.dumps(document).encode(), TOPOLOGY)
    assert str(raised.value).startswith(says)
    assert len(str(raised.value)) <= LONGEST_DETAIL
