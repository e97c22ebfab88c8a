"""E2AP: packets worked out by hand, tolerance, and what is refused."""

import pytest

from oran.e2 import e2ap
from oran.e2.e2ap import Criticality, RawIe
from oran.e2.e2ap.container import Ie
from oran.e2.e2ap.ies import REQUEST_ID
from oran.e2.e2ap.message import MessageType, Outcome
from oran.e2.errors import DecodeError, EncodeError
from oran.e2.per.limits import MAX_OCTETS
from oran.e2.per.scalar import Boolean
from oran.e2.per.string import Bits

from .examples import GNB, MESSAGES

REQUEST = e2ap.RicRequestId(1021, 0)

GOLDEN: list[tuple[e2ap.Message, str]] = [
    (
        e2ap.RicSubscriptionDeleteRequest(REQUEST, 2),
        # initiating, procedure 9, reject; 18 octets: 2 IEs; 29 reject, 5 octets: 1021, 0;
        # 5 reject, 2 octets: 2
        "00 09 00 12 00 0002 001d 00 05 00 03fd 0000 0005 00 02 0002",
    ),
    (
        e2ap.RicControlAcknowledge(e2ap.RicRequestId(1, 2), 3, outcome=b"\0\0"),
        "20 04 00 19 00 0003 001d 00 05 00 0001 0002 0005 00 02 0003 0020 00 03 02 0000",
    ),
    (
        e2ap.ErrorIndication(cause=e2ap.CauseProtocol.SEMANTIC_ERROR),
        # procedure 2, ignore; IE 1 ignore: alternative 4 of 6 is 0 100, value 4 of 7 is 0 100
        "00 02 40 08 00 0001 0001 40 01 44",
    ),
    (
        e2ap.E2RemovalRequest(255),
        "00 0d 00 09 00 0001 0031 00 02 00 ff",
    ),
    (
        e2ap.RicSubscriptionFailure(REQUEST, 2, e2ap.CauseRicRequest.SUBSCRIPTION_END_TIME_EXPIRED),
        # an addition to the enumeration: 0 000, then 1 and a small number 0: 0000 1000 0000
        "40 08 00 18 00 0003 001d 00 05 00 03fd 0000 0005 00 02 0002 0001 00 02 08 00",
    ),
]


@pytest.mark.parametrize(("message", "octets"), GOLDEN)
def test_packet_worked_out_by_hand(message: e2ap.Message, octets: str) -> None:
    assert e2ap.encode(message).hex() == bytes.fromhex(octets).hex()
    assert e2ap.decode(bytes.fromhex(octets)) == message


def test_any_order_and_criticality_is_read() -> None:
    octets = bytes.fromhex("00 09 40 12 00 0002 0005 80 02 0002 001d 40 05 00 03fd 0000")
    assert e2ap.decode(octets) == e2ap.RicSubscriptionDeleteRequest(REQUEST, 2)


def test_item_of_any_criticality_is_read() -> None:
    setup = e2ap.E2SetupRequest(
        1,
        GNB,
        (e2ap.RanFunction(2, b"\1", 1, "1.3"),),
        (MESSAGES[0].components[0],),  # type: ignore[attr-defined]
    )
    octets = e2ap.encode(setup)
    for criticality in (b"\x00", b"\x40", b"\x80"):
        assert e2ap.decode(octets.replace(b"\x00\x08\x00", b"\x00\x08" + criticality)) == setup


def test_unknown_ie_is_kept() -> None:
    octets = bytes.fromhex("00 0d 00 10 00 0002 0031 00 02 00 01 03e7 40 03 aabbcc")
    message = e2ap.decode(octets)
    assert message == e2ap.E2RemovalRequest(
        1, unknown_ies=(RawIe(999, Criticality.IGNORE, b"\xaa\xbb\xcc"),)
    )
    assert e2ap.encode(message) == octets


def test_extended_message_is_read() -> None:
    octets = bytes.fromhex("00 0d 00 0c 80 0001 0031 00 02 00 01 01 01 00")
    assert e2ap.decode(octets) == e2ap.E2RemovalRequest(1)


REFUSED = [
    ("", "E2AP-PDU", "needs 3 more bits"),
    ("60 09 00 00", "E2AP-PDU", "choice 3"),
    ("80 09 00 00", "E2AP-PDU", "choice 4"),
    ("00 0e 00 03 000000", "E2AP-PDU", "procedure 14 has no known initiating message"),
    ("20 05 00 03 000000", "E2AP-PDU", "procedure 5 has no known successful message"),
    ("00 09 c0 03 000000", "E2AP-PDU", "no value has number 3"),
    ("00 09 00 03 000000", "RICsubscriptionDeleteRequest", "RICrequestID .29., RANfunctionID .5."),
    ("00 09 00 04 00000000", "RICsubscriptionDeleteRequest", "mandatory IEs are missing"),
    ("00 0d 00 08 00 0001 0031 c0 01 00", "E2RemovalRequest", "criticality 3"),
    (
        "00 0d 00 0f 00 0002 0031 00 02 00 01 0031 00 02 00 01",
        "E2RemovalRequest.TransactionID",
        "stands in the message twice",
    ),
    ("00 0d 00 09 00 0001 0031 00 02 00 01 00", "E2RemovalRequest", "1 octets are left over"),
    ("00 0d 00 0a 00 0001 0031 00 03 00 01 00", "E2RemovalRequest.TransactionID", "left over"),
    (
        "00 09 00 12 00 0002 001d 00 05 00 03fd 0000 0005 00 02 1000",
        "RICsubscriptionDeleteRequest.RANfunctionID",
        "4096 is outside 0..4095",
    ),
    (
        "20 08 00 1d 00 0003 001d 00 05 00 03fd 0000 0005 00 02 0002 0011 00 07 00 000f 40 02 0000",
        "RICsubscriptionResponse.RICactions-Admitted",
        "IE id 15; this list holds 14",
    ),
]


@pytest.mark.parametrize(("octets", "path", "reason"), REFUSED)
def test_refused(octets: str, path: str, reason: str) -> None:
    with pytest.raises(DecodeError, match=reason) as caught:
        e2ap.decode(bytes.fromhex(octets))
    assert caught.value.path.split("[")[0] == path


def test_path_leads_to_the_field() -> None:
    setup = MESSAGES[0]
    octets = e2ap.encode(setup)
    at = octets.index(b"1.3.6.1") + 3
    with pytest.raises(DecodeError) as caught:
        e2ap.decode(octets[:at] + b"\xff" + octets[at + 1 :])
    assert caught.value.path == "E2setupRequest.RANfunctionsAdded[0].ranFunctionOID"
    assert caught.value.offset >= 8 * at


WRONG: list[tuple[object, str]] = [
    ("text", "E2AP-PDU: 'text' is no E2AP message"),
    (e2ap.Message(), "E2AP-PDU: Message.* is no E2AP message"),
    (
        e2ap.RicSubscriptionDeleteRequest(REQUEST, 4096),
        "RICsubscriptionDeleteRequest.RANfunctionID",
    ),
    (e2ap.RicSubscriptionDeleteRequest(None, 1), "RICsubscriptionDeleteRequest.RICrequestID"),  # type: ignore[arg-type]
    (
        e2ap.E2RemovalRequest(1, unknown_ies=(RawIe(49, Criticality.IGNORE, b"\0"),)),
        "E2RemovalRequest: IE 49 is known",
    ),
    (
        e2ap.E2RemovalRequest(1, unknown_ies=(RawIe(65536, Criticality.IGNORE, b"\0"),)),
        "IE id 65536 is not an integer in 0..65535",
    ),
    (
        e2ap.E2RemovalRequest(1, unknown_ies=(RawIe(7, "reject", b"\0"),)),  # type: ignore[arg-type]
        "needs a Criticality and bytes",
    ),
    (
        e2ap.E2RemovalRequest(1, unknown_ies=(RawIe(7, Criticality.REJECT, "0"),)),  # type: ignore[arg-type]
        "needs a Criticality and bytes",
    ),
    (
        e2ap.RicIndication(REQUEST, 2, 1, e2ap.IndicationType.REPORT, b"", bytes(MAX_OCTETS - 20)),
        "RICindication: .* octets are more than the 1048576 accepted",
    ),
    (
        e2ap.E2SetupResponse(1, e2ap.GlobalRicId(b"\0\xf1\x10", Bits(1, 19)), ()),
        "E2setupResponse.GlobalRIC-ID.ric-ID: 19 bits; 20..20 are allowed",
    ),
]


@pytest.mark.parametrize(("message", "reason"), WRONG, ids=range(len(WRONG)))
def test_message_without_encoding(message: e2ap.Message, reason: str) -> None:
    with pytest.raises(EncodeError, match=reason):
        e2ap.encode(message)


def test_large_messages_come_back() -> None:
    for size in (16360, 16384, 70000):
        message = e2ap.RicIndication(
            REQUEST, 2, 1, e2ap.IndicationType.REPORT, b"\1", bytes(range(256)) * (size // 256)
        )
        assert e2ap.decode(e2ap.encode(message)) == message


def test_table_and_dataclass_must_agree() -> None:
    with pytest.raises(TypeError, match="differ in what is optional"):
        MessageType(
            "Wrong",
            e2ap.RicSubscriptionDeleteRequest,
            9,
            Outcome.INITIATING,
            REQUEST_ID,
            Ie(1, "x", "ran_function_id", Boolean(), optional=True),
        )
