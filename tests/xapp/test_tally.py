"""The tally exposes what the client library's histogram and counters would."""

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from xapp.service.tally import Counts, Tally

BOUNDS = (5e-6, 0.25, 1.0, 7.5)


@given(
    st.lists(st.sampled_from(BOUNDS) | st.floats(0.0, 1e6)),
)
def test_it_is_the_librarys_histogram(values: list[float]) -> None:
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    tally = Tally("x_seconds", "About.", buckets=BOUNDS, registry=ours)
    histogram = Histogram("x_seconds", "About.", buckets=BOUNDS, registry=theirs)
    for value in values:
        tally.observe(value)
        histogram.observe(value)
    assert _samples(ours) == _samples(theirs)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 5))))
def test_counts_are_the_librarys_counters(counted: list[tuple[str, int]]) -> None:
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    children = {key: (key.upper(), f"{key}2") for key in "ab"}
    counts = Counts("x", "About.", ("one", "two"), children, ours).children
    library = Counter("x", "About.", ("one", "two"), registry=theirs)
    for values in children.values():
        library.labels(*values)
    for key, amount in counted:
        counts[key].inc(amount)
        library.labels(*children[key]).inc(amount)
    assert _samples(ours) == _samples(theirs)


def _samples(registry: CollectorRegistry) -> list[object]:
    text = generate_latest(registry).decode()
    return [
        (s.name, s.labels, s.value)
        for family in text_string_to_metric_families(text)
        for s in family.samples
        if not s.name.endswith("_created")
    ]
