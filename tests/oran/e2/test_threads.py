"""Types and their memories are shared by all threads: each reads and writes as if it were alone."""

import random
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from oran.e2 import e2ap, kpm
from oran.e2.kpm.flat import Stamps
from oran.e2.per import repeated
from oran.e2.per.reader import Reader
from oran.e2.per.repeated import Repeated
from oran.e2.per.string import OctetString
from oran.e2.per.writer import Writer
from oran.snssai import Snssai

THREADS = 4


@contextmanager
def hasty() -> Iterator[None]:
    """Threads give way to each other as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def at_once(work: Callable[[random.Random], None]) -> None:
    """Do some work in several threads, each with its own random numbers; raises what they raise."""
    failures: list[BaseException] = []
    ready = threading.Barrier(THREADS)

    def run(seed: int) -> None:
        ready.wait()
        try:
            work(random.Random(seed))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(seed,)) for seed in range(THREADS)]
    with hasty():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if failures:
        raise failures[0]


def test_a_memory_that_is_forgotten_all_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeated, "MAX_VALUES", 20)
    memory: Repeated[bytes] = Repeated(OctetString())
    values = [bytes((i,)) * (i % 40) for i in range(200)]

    whole = [bytes((len(v),)) + v for v in values]

    def read(rng: random.Random) -> None:
        for _ in range(5_000):
            i = rng.randrange(len(values))
            assert memory.read(Reader(whole[i] + b"\xff")) == values[i]

    def write(rng: random.Random) -> None:
        for _ in range(5_000):
            i = rng.randrange(len(values))
            writer = Writer()
            memory.write(writer, values[i])
            assert writer.finish() == whole[i]

    at_once(read)
    at_once(write)
    assert len(memory._read) <= 20 + THREADS
    assert len(memory._written) <= 20 + THREADS
    assert len(memory._sizes) <= repeated._MAX_SIZES + THREADS


def _messages() -> list[kpm.IndicationFormat1]:
    rng = random.Random(7)
    made = []
    for i in range(120):
        labels = tuple(
            kpm.MeasurementLabel(slice=Snssai(rng.randrange(4), rng.randrange(50)))
            for _ in range(rng.randrange(1, 4))
        )
        columns = tuple(
            kpm.Measurement("M" * rng.randrange(1, 30), labels) for _ in range(rng.randrange(1, 5))
        )
        values = tuple(rng.choice((None, 7, 2.5)) for _ in range(len(columns) * len(labels)))
        made.append(kpm.IndicationFormat1((kpm.Record(values),), columns, 1 << i % 32))
    return made


def test_messages_are_read_and_written_alike_by_all_threads() -> None:
    messages = _messages()
    octets = [kpm.INDICATION_MESSAGE.encode(m) for m in messages]
    packets = [
        e2ap.encode(
            e2ap.RicIndication(
                e2ap.RicRequestId(i, i), i, 1, e2ap.IndicationType.REPORT, b"head", message, i
            )
        )
        for i, message in enumerate(octets)
    ]

    def work(rng: random.Random) -> None:
        for _ in range(600):
            i = rng.randrange(len(messages))
            found = e2ap.decode(packets[i])
            assert isinstance(found, e2ap.RicIndication)
            assert found.message == octets[i]
            assert kpm.INDICATION_MESSAGE.decode(found.message) == messages[i]
            assert kpm.INDICATION_MESSAGE.encode(messages[i]) == octets[i]
            assert e2ap.encode(found) == packets[i]

    at_once(work)


def test_stamps_of_headers_of_both_lengths_are_read_by_all_threads() -> None:
    stamps = Stamps()
    headers = [
        kpm.IndicationHeader(bytes((i,)) * size, sender_name="x" * (i % 3))
        for i in range(50)
        for size in (4, 8)
    ]
    octets = [kpm.INDICATION_HEADER.encode(h) for h in headers]
    whole = []
    for o in octets:
        header = kpm.INDICATION_HEADER.decode(o)
        assert isinstance(header, kpm.IndicationHeader)
        whole.append(header.start)

    def work(rng: random.Random) -> None:
        for _ in range(3_000):
            i = rng.randrange(len(octets))
            assert stamps.read(octets[i]) == whole[i]

    at_once(work)
