"""Any octets give a value or a `DecodeError`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oran.e2 import e2ap
from oran.e2.errors import DecodeError
from oran.e2.servicemodel import SERVICE_MODELS

from . import fuzz
from .examples import MESSAGES, VALUES


def test_examples_are_complete() -> None:
    assert {type(message) for message in MESSAGES} == {kind.made for kind in e2ap.MESSAGE_TYPES}
    assert {name for name, _ in VALUES} == {p.name for m in SERVICE_MODELS for p in m.payloads()}
    for message in MESSAGES:
        assert e2ap.decode(e2ap.encode(message)) == message
    for name, value in VALUES:
        payload = fuzz.PAYLOADS[name]
        assert payload.decode(payload.encode(value)) == value


@pytest.mark.timeout(600)  # seconds on an idle machine, minutes under coverage on a busy one
def test_mutations_of_good_octets() -> None:
    good, refused = fuzz.run(20_000, seed=1)
    # both must be many, else the mutations are too tame or too wild to find anything
    assert good > 1_000
    assert refused > 5_000


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_million_mutations() -> None:
    good, refused = fuzz.run(1_000_000, seed=2)
    assert good > 50_000
    assert refused > 250_000


@given(st.binary(max_size=60))
def test_random_octets(octets: bytes) -> None:
    fuzz.check_packet(octets)
    for payload in fuzz.PAYLOADS.values():
        fuzz.check_payload(payload, octets)


def test_every_beginning_of_an_encoding_is_refused() -> None:
    for name, octets in fuzz.seeds():
        for length in range(min(len(octets), 400)):
            short = octets[:length]
            good = (
                fuzz.check_payload(fuzz.PAYLOADS[name], short) if name else fuzz.check_packet(short)
            )
            assert not good or name == "E2SM-KPM-IndicationHeader"


BOMBS = [
    ("E2SM-KPM-IndicationMessage", "00ffff00c4" + 4000 * "ff"),
    ("E2SM-KPM-IndicationMessage", "00000000c4" + 20000 * "92"),
    ("E2SM-KPM-IndicationMessage", "4000c4" + 65536 * "ff"),
    ("E2SM-KPM-ActionDefinition", "00010100ffff" + 3000 * "00"),
    ("E2SM-RC-ControlMessage", "00ffff" + 5000 * "00"),
    ("E2SM-RC-ControlMessage", "000001" + 5000 * "00004400" + "00"),
    ("E2SM-RC-ControlMessage", "000001" + 5000 * "0000600000400000"),
    ("E2SM-RC-RANFunctionDefinition", "7c" + 5000 * "ff"),
]


@pytest.mark.parametrize(("name", "octets"), BOMBS, ids=range(len(BOMBS)))
def test_huge_counts_and_deep_nesting_end_soon(name: str, octets: str) -> None:
    with pytest.raises(DecodeError):
        fuzz.PAYLOADS[name].decode(bytes.fromhex(octets))
