"""Service models: payloads worked out by hand, time stamps, slice quota, and our own function."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oran.e2 import kpm, rc, spc
from oran.e2.common.cell import NrCgi
from oran.e2.common.function import RanFunctionName
from oran.e2.common.plmn import plmn_digits, plmn_octets
from oran.e2.errors import DecodeError, EncodeError
from oran.e2.kpm.label import MEASUREMENT_LABEL
from oran.e2.per.reader import Skipped
from oran.e2.per.string import Bits
from oran.e2.per.type import Json, Payload
from oran.snssai import Snssai

PLMN = b"\x00\xf1\x10"

GOLDEN: list[tuple[Payload[Any], Any, str]] = [
    (kpm.EVENT_TRIGGER, kpm.EventTrigger(1000), "08 03e7"),
    (kpm.EVENT_TRIGGER, kpm.EventTrigger(1), "00 00"),
    (
        kpm.INDICATION_MESSAGE,
        # one record of three values; one measurement with a name and no label; no period
        kpm.IndicationFormat1(
            (kpm.Record((5, 2.5, None)),), (kpm.Measurement("ab", (kpm.NO_LABEL,)),)
        ),
        "08 0000 00 03 00 05 20 03 80ff05 40 0000 0010 6162 01 200000",
    ),
    (
        kpm.INDICATION_HEADER,
        kpm.IndicationHeader(bytes.fromhex("ec1a2b3c"), vendor="us"),
        "02 ec1a2b3c 04 7573",
    ),
    (
        kpm.ACTION_DEFINITION,
        kpm.ActionDefinition(1, kpm.ActionFormat1((kpm.Measurement(1, (kpm.NO_LABEL,)),), 10)),
        "00 01 01 00 0000 20 0000 01 200000 00 09",
    ),
    (rc.CONTROL_HEADER, rc.quota_header(PLMN), "000000 00 00 00f110 000000 0102 00 0005"),
    (
        rc.CONTROL_MESSAGE,
        rc.quota_message((rc.SliceQuota((rc.SliceMember(PLMN, Snssai(1, 2)),), 5, 60, 7),)),
        "00 0001 00 00 60 0000 40 0003"  # the list of policies: one, of four parameters
        "00 02 44 0000 00 04 60 0000 40 0001"  # policy, list of members: one, of two parameters
        "00 06 2a00 03 00f110 00 07 44 0001"  # PLMN; S-NSSAI: two parameters
        "00 08 2a00 01 01 00 09 2a00 03 000002"
        "00 0a 2880 01 05 00 0b 2880 01 3c 00 0c 2880 01 07",
    ),
    (rc.CONTROL_OUTCOME, rc.ControlOutcome(()), "00 00"),
    (
        spc.FUNCTION_DEFINITION,
        # names of 19, 44 and 4 characters: extension bits, then lengths less one of 8, 16, 8 bits
        spc.FunctionDefinition(
            RanFunctionName(spc.SHORT_NAME, spc.OID, "cell"),
            -9,
            6,
            tuple(spc.SleepState),
            (
                spc.ServedCell(NrCgi(PLMN, Bits(1, 36)), (Snssai(1, 1), Snssai(2))),
                spc.ServedCell(NrCgi(PLMN, Bits(2, 36)), (Snssai(1, 1),)),
            ),
        ),
        f"01 20 {spc.SHORT_NAME.encode().hex()} 00 002b {spc.OID.encode().hex()} 01 80 6365 6c6c"
        # power 0 and 21 of 5 bits; backoff 0 and 6; 2 bits of count 3; states 0 00, 0 01, ...
        "54 6c 14 c0 0001"  # cells: 16 bits of count 1
        "00 00f110 0000000010"  # extension 0; identity 0 0, 0; 36 bits of cell, 4 of the count
        "50 10 000001 00 80"  # 6 bits of count 1; slices 0 1, SST and SD; 0 0, SST; extension 0
        "00f110 00 00 00 00 20 10 10 000001",
    ),
    (
        spc.CONTROL_HEADER,
        spc.ControlHeader(NrCgi(PLMN, Bits(1, 36))),
        "00 00f110 0000000010",
    ),
    (
        spc.CONTROL_MESSAGE,
        # extension 0, both there 11; power 0 and 27 of 5 bits; state 0 01; 7 bits of count 1;
        # slice: 0, backoff and admission 11, S-NSSAI 0 0, SST; backoff 0 00011; admission 1100100
        spc.ControlMessage(-3, spc.SleepState.MICRO, (spc.SliceControl(Snssai(2), 3, 100),)),
        "6d 90 2c 02 0f 20",
    ),
]


@pytest.mark.parametrize(("payload", "value", "octets"), GOLDEN)
def test_payload_worked_out_by_hand(payload: Payload[Any], value: Any, octets: str) -> None:
    assert payload.encode(value).hex() == bytes.fromhex(octets).hex()
    assert payload.decode(bytes.fromhex(octets)) == value


LABELS: list[tuple[str, Json]] = [
    ("noLabel", True), ("plmnID", "00f110"), ("sliceID", {"sST": 1}), ("fiveQI", 9), ("qFI", 1),
    ("qCI", 1), ("qCImax", 1), ("qCImin", 1), ("aRPmax", 1), ("aRPmin", 1), ("bitrateRange", 1),
    ("layerMU-MIMO", 1), ("sUM", True), ("distBinX", 1), ("distBinY", 1), ("distBinZ", 1),
    ("preLabelOverride", True), ("startEndInd", "end"), ("min", True), ("max", True), ("avg", True),
]  # fmt: skip
"""Root components of MeasurementLabel in the order of their presence bits (E2SM-KPM 8.3.11)."""


@pytest.mark.parametrize("place", range(len(LABELS)), ids=lambda place: LABELS[place][0])
def test_presence_bit_of_each_label(place: int) -> None:
    name, value = LABELS[place]
    payload = Payload("label", MEASUREMENT_LABEL)
    label = payload.from_json({name: value})
    head = int.from_bytes(payload.encode(label)[:3], "big") >> 2
    assert head == 1 << (len(LABELS) - 1 - place)
    assert payload.to_json(label) == {name: value}


@pytest.mark.parametrize(
    ("name", "bits"), [("ssbIndex", 4), ("nonGoB-BFmode-Index", 2), ("mIMO-mode-Index", 1)]
)
def test_additions_to_the_labels(name: str, bits: int) -> None:
    payload = Payload("label", MEASUREMENT_LABEL)
    octets = payload.encode(payload.from_json({name: 2}))
    # extended, 21 absent; 3 additions (0 000010), which of them; one open type
    head = 1 << 31 | 2 << 3 | bits
    assert int.from_bytes(octets[:4], "big") == head
    assert len(octets) in (4 + 1 + 1, 4 + 1 + 3)


def test_path_leads_to_the_value() -> None:
    message = kpm.IndicationFormat1(tuple(kpm.Record((i,)) for i in range(5)))
    octets = bytearray(kpm.INDICATION_MESSAGE.encode(message))
    octets[3 + 3 * 4 + 2] = 0xE0  # the head of the value of record 3
    with pytest.raises(DecodeError) as caught:
        kpm.INDICATION_MESSAGE.decode(bytes(octets))
    assert caught.value.path == "E2SM-KPM-IndicationMessage.measData[3].measRecord[0]"


def test_time_stamp_of_other_length() -> None:
    with pytest.raises(EncodeError, match=r"colletStartTime: needs 8 octets .* got 5"):
        kpm.INDICATION_HEADER.encode(kpm.IndicationHeader(bytes(5)))
    with pytest.raises(DecodeError, match="colletStartTime: needs 64 more bits, 17 are left"):
        kpm.INDICATION_HEADER.decode(bytes(3))


def test_notes_of_a_header_are_those_of_the_version_that_it_has() -> None:
    for size in (8, 4):
        header = kpm.INDICATION_HEADER.encode(kpm.IndicationHeader(bytes(size)))
        later = bytes((header[0] | 0x20,)) + header[1:] + b"\1\1\0"  # format 1 has an addition
        skipped: list[Skipped] = []
        assert kpm.INDICATION_HEADER.decode(later, skipped) == kpm.IndicationHeader(bytes(size))
        assert [note.what for note in skipped] == ["addition 0 of IndicationHeader"]
        assert kpm.INDICATION_HEADER.decode(later) == kpm.IndicationHeader(bytes(size))


def test_time_stamps() -> None:
    # 2026-01-01T00:00:00.500 UTC: 1,767,225,600 s since 1970 and 2,208,988,800 s before that
    octets = (3_976_214_400).to_bytes(4, "big") + b"\x80\0\0\0"
    assert kpm.timestamp_v3(1_767_225_600_500) == octets
    assert kpm.timestamp_v2(1_767_225_600_500) == octets[:4]
    assert kpm.unix_ms(octets) == 1_767_225_600_500
    assert kpm.unix_ms(octets[:4]) == 1_767_225_600_000
    for wrong in (1 << 45, -(1 << 45)):
        with pytest.raises(ValueError, match="outside the NTP era 0"):
            kpm.timestamp_v3(wrong)
    with pytest.raises(ValueError, match="8 or 4 are defined"):
        kpm.unix_ms(bytes(5))


@given(st.integers(0, 2_085_978_495_000))
def test_time_stamp_comes_back(unix_ms: int) -> None:
    assert kpm.unix_ms(kpm.timestamp_v3(unix_ms)) == unix_ms
    assert kpm.unix_ms(kpm.timestamp_v2(unix_ms)) == unix_ms // 1000 * 1000


@pytest.mark.parametrize(
    ("digits", "octets"), [("00101", "00f110"), ("310410", "130014"), ("50501", "05f510")]
)
def test_plmn(digits: str, octets: str) -> None:
    assert plmn_octets(digits).hex() == octets
    assert plmn_digits(bytes.fromhex(octets)) == digits


@pytest.mark.parametrize("digits", ["0010", "0010101", "0010a", "\u0661\u0661\u0661\u0661\u0661"])
def test_plmn_of_other_form(digits: str) -> None:
    with pytest.raises(ValueError, match="is not a PLMN"):
        plmn_octets(digits)


@pytest.mark.parametrize("octets", ["00f1", "0af110", "00f1ff"])
def test_plmn_identity_of_other_form(octets: str) -> None:
    with pytest.raises(ValueError, match="is not a PLMN identity"):
        plmn_digits(bytes.fromhex(octets))
