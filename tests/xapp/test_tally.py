"""The tally exposes what the client library's histogram would."""

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from xapp.service.tally import Tally

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


def _samples(registry: CollectorRegistry) -> list[object]:
    text = generate_latest(registry).decode()
    return [
        (s.name, s.labels, s.value)
        for family in text_string_to_metric_families(text)
        for s in family.samples
        if not s.name.endswith("_created")
    ]
