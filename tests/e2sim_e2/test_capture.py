"""Packets in files: every form, and what is wrong with some."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e2sim.capture.document import Decoder
from e2sim.capture.form import Form, form_of, packets
from e2sim.capture.frame import NULL, RAW
from e2sim.capture.packet import Flaw, Packet
from oran.e2 import e2ap
from oran.e2.errors import DecodeError
from oran.e2.jsonform import from_document
from oran.e2.transport.framing import frame
from tests.e2sim_e2 import files
from tests.e2sim_e2.rig import Pair, asking, of_cell
from tests.oran.e2.captures import need_captures
from tests.oran.e2_connection.mutation import SEEDS

PACKETS = list(SEEDS[:6])
BIG = bytes(range(256)) * 300


def found(octets: bytes, form: Form | None = None) -> list[bytes]:
    """The packets of a file that has no flaw."""
    made = list(packets(octets, form or form_of(octets)))
    assert all(isinstance(p, Packet) for p in made), made
    return [p.octets for p in made if isinstance(p, Packet)]


def flaws(octets: bytes, form: Form | None = None) -> list[str]:
    made = packets(octets, form or form_of(octets))
    return [f"{f.place}: {f.reason}" for f in made if isinstance(f, Flaw)]


def test_hexadecimal_text() -> None:
    lines = (
        PACKETS[0].hex(),
        f"  {PACKETS[1].hex(' ')} # x",
        f"0x{PACKETS[2].hex()}",
        f"{PACKETS[3].hex(':')}\r",
    )
    text = "# a comment\n\n" + "\n".join(lines)
    assert form_of(text.encode()) is Form.HEX
    assert found(text.encode()) == PACKETS[:4]
    assert found(PACKETS[0].hex(":").upper().encode()) == PACKETS[:1]
    assert flaws(b"00\n0\n0g\n", Form.HEX) == [
        "line 2: 1 hexadecimal digits, an odd number",
        "line 3: 'g' is no hexadecimal digit",
    ]


@given(st.lists(st.binary(min_size=1, max_size=50), min_size=1))
def test_framed_packets(made: list[bytes]) -> None:
    stream = b"".join(map(frame, made))
    assert found(stream, Form.FRAMED) == made
    cut = flaws(stream[:-1], Form.FRAMED)
    assert cut == [f"octet {len(stream) - 4 - len(made[-1])}: the file ends within a packet"]


def test_a_stream_that_cannot_be_followed() -> None:
    (text,) = flaws(frame(b"x") + bytes(4), Form.FRAMED)
    assert text.startswith("octet 5: a frame of 0 octets")


def test_a_binary_packet() -> None:
    for packet in PACKETS:
        assert form_of(packet) is Form.BINARY
        assert found(packet) == [packet]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("simple", [False, True])
def test_capture_files(order: str, simple: bool) -> None:
    frames = files.conversation(PACKETS)
    for octets in (files.pcap(*frames, order=order),
                   files.pcapng(*frames, order=order, simple=simple)):  # fmt: skip
        assert form_of(octets) is Form.PCAP
        assert found(octets) == PACKETS


@pytest.mark.parametrize(
    ("link_type", "wrap"),
    [
        (1, files.ethernet),
        (1, lambda p: files.ethernet(p, vlan=True)),
        (113, files.cooked),
        (276, files.cooked_2),
        *((t, lambda p: p) for t in (*RAW, 228)),
        *((t, lambda p: b"\2\0\0\0" + p) for t in NULL),
    ],
)
def test_links(link_type: int, wrap) -> None:  # type: ignore[no-untyped-def]
    packet = wrap(files.ipv4(files.sctp(files.chunk(1, PACKETS[0]))))
    assert found(files.pcap(packet, link_type=link_type)) == PACKETS[:1]


def test_ipv6_with_headers_before_sctp() -> None:
    datagram = files.sctp(files.chunk(1, PACKETS[0]))
    hop_by_hop = bytes((132, 0)) + bytes(6)
    frames = (
        files.ethernet(files.ipv6(datagram)),
        files.ethernet(
            files.ipv6(files.sctp(files.chunk(2, PACKETS[1])), extension=hop_by_hop, following=0)
        ),
    )
    assert found(files.pcap(*frames)) == PACKETS[:2]


def test_several_messages_in_a_packet_and_a_message_in_several() -> None:
    parts = [BIG[i : i + 1400] for i in range(0, len(BIG), 1400)]
    chunks = [
        files.chunk((2**32 - 5 + i) % 2**32, part, flags=2 * (i == 0) + (i == len(parts) - 1))
        for i, part in enumerate(parts)
    ]
    frames = [files.ethernet(files.ipv4(files.sctp(c))) for c in (*chunks[1::2], *chunks[0::2])]
    several = files.sctp(files.chunk(900, PACKETS[0]), files.chunk(901, PACKETS[1]))
    frames.append(files.ethernet(files.ipv4(several)))
    assert found(files.pcap(*frames)) == [BIG, *PACKETS[:2]]
    (text,) = flaws(files.pcap(*frames[1:]))
    assert "parts of messages wait for others" in text


def test_repetitions_are_left_out_until_numbers_begin_anew() -> None:
    one = files.ethernet(files.ipv4(files.sctp(files.chunk(7, PACKETS[0]))))
    start = files.ethernet(files.ipv4(files.sctp(files.init())))
    back = files.ethernet(
        files.ipv4(
            files.sctp(files.chunk(7, PACKETS[1]), source=36421, destination=40000), back=True
        )
    )
    assert found(files.pcap(one, one, back, one)) == PACKETS[:2]
    assert found(files.pcap(one, start, one)) == [PACKETS[0]] * 2


def test_other_protocols_over_sctp_are_left_out() -> None:
    def message(port: int, ppid: int, packet: bytes, tsn: int) -> bytes:
        datagram = files.sctp(files.chunk(tsn, packet, ppid), source=port, destination=port)
        return files.ethernet(files.ipv4(datagram))

    mixed = files.pcap(
        message(38412, 60, b"ngap", 1),
        message(5000, 70, PACKETS[0], 1),
        message(36421, 0, PACKETS[1], 1),
        message(5001, 0, PACKETS[2], 1),
        files.ethernet(files.ipv4(b"tcp", protocol=6)),
        bytes(60),
    )
    assert found(mixed) == PACKETS[:2]
    more = packets(mixed, Form.PCAP, frozenset((5001,)))
    assert [p.octets for p in more if isinstance(p, Packet)] == [PACKETS[0], PACKETS[2]]
    (text,) = flaws(files.pcap(message(38412, 60, b"ngap", 1)))
    assert "no message of E2, and 1 of other protocols" in text


GOOD = files.ethernet(files.ipv4(files.sctp(files.chunk(1, PACKETS[0]))))


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (files.pcap(GOOD)[:-1], "the file ends within frame 1"),
        (files.pcap(GOOD) + b"\0", "ends within the header of frame 2"),
        (files.pcap()[:20], "no file header of pcap"),
        (files.pcap(GOOD, missing=5), "frame 1: 5 octets of it were not captured"),
        (files.pcap(GOOD, link_type=147), "frame 1: link type 147"),
        (files.pcap(files.ethernet(files.ipv4(b"", fragment=0x2000))), "fragment of IPv4"),
        (
            files.pcap(files.ethernet(files.ipv6(b"", extension=bytes(8), following=44))),
            "fragment of IPv6",
        ),
        (files.pcap(files.ethernet(files.ipv4(b"\0" * 8))), "SCTP header is cut off"),
        (
            files.pcap(files.ethernet(files.ipv4(files.sctp(b"\0\3\0")))),
            "a chunk of SCTP is cut off",
        ),
        (
            files.pcap(files.ethernet(files.ipv4(files.sctp(b"\0\3\0\2")))),
            "a chunk of SCTP of 2 octets",
        ),
        (files.pcap(b"\0" * 13), "headers are cut off"),
        (files.pcapng(GOOD)[:-4], "does not fit the file"),
        (files.pcapng(GOOD) + bytes(6), "the file ends within a header"),
        (files.pcapng()[:8] + b"\0" * 20, "a section without a byte order"),
    ],
)
def test_what_is_wrong_with_a_file_is_told(octets: bytes, text: str) -> None:
    assert any(text in flaw for flaw in flaws(octets, Form.PCAP)), flaws(octets, Form.PCAP)


@given(st.binary(max_size=300), st.sampled_from(Form), st.integers(0, 400))
def test_any_octets_are_packets_or_flaws(octets: bytes, form: Form, at: int) -> None:
    spoilt = bytearray(files.pcap(*files.conversation(PACKETS)))
    spoilt[at : at + 4] = octets[:4]
    for file in (octets, b"\x0a\x0d\x0d\x0a" + octets, bytes(spoilt)):
        for item in packets(file, form):
            assert isinstance(item, Packet | Flaw)


def test_captured_packets_come_back_as_they_were_or_canonical() -> None:
    """Of 40 packets of FlexRIC and a prototype, those that differ differ in the form of reals."""
    decoder = Decoder()
    differing = []
    for capture in need_captures():
        decoded = decoder.decode(Packet(capture.octets, capture.name))
        assert not decoded.refused, capture.name
        again = e2ap.encode(from_document(decoded.document))
        assert (again == capture.octets) == decoded.canonical
        assert decoder.decode(Packet(again, "")).document == decoded.document
        if again != capture.octets:
            differing.append(capture.name)
            assert "RICindication" in capture.name
    assert len(differing) < 10


def test_a_function_is_what_the_last_set_up_of_its_connection_said() -> None:
    pair = Pair()
    setup = pair.setup
    other = replace(
        setup, functions=tuple(replace(f, id={2: 3, 3: 2}.get(f.id, f.id)) for f in setup.functions)
    )
    request = pair.subscription(of_cell(*asking("RRU.PrbTotDl")))
    swapped = replace(request, ran_function_id=3)
    decoder = Decoder()

    def kind(message: e2ap.Message, connection: int) -> str:
        return str(decoder.decode(Packet(e2ap.encode(message), "", connection)).document)

    assert "E2SM-KPM-ActionDefinition" in kind(request, 1)
    assert "refused" in kind(swapped, 1)
    assert "E2SM-KPM" in kind(other, 1)
    assert "E2SM-KPM-ActionDefinition" in kind(swapped, 1)
    assert "refused" in kind(request, 1)
    assert "E2SM-KPM-ActionDefinition" in kind(request, 2)
    update = e2ap.RicServiceUpdate(0, modified=(replace(setup.functions[0], id=3),))
    kind(setup, 1)
    kind(update, 1)
    assert "E2SM-KPM-ActionDefinition" in kind(swapped, 1)
    unknown = replace(setup.functions[0], id=2, oid="1.2.3")
    kind(e2ap.RicServiceUpdate(0, added=(unknown,)), 1)
    assert "'ricActionDefinition': '" in kind(request, 1)


def test_a_packet_that_is_none_is_told_with_its_place() -> None:
    with pytest.raises(DecodeError, match=r"octet 4, bit 0"):
        Decoder().decode(Packet(bytes.fromhex("0005400300"), ""))
