"""Forms: how a file holds packets."""

from collections.abc import Iterator
from enum import StrEnum

from e2sim.capture.frame import FrameError, sctp_datagram
from e2sim.capture.hextext import looks_like_hex, read_hex
from e2sim.capture.packet import Flaw, Found, Packet
from e2sim.capture.pcap import CLASSIC, NG, CaptureError, frames
from e2sim.capture.sctp import E2_PPIDS, SctpStreams
from oran.e2.transport import E2_PORT, LinkClosedError
from oran.e2.transport.framing import Splitter


class Form(StrEnum):
    """Form of a file."""

    HEX = "hex"
    """Hexadecimal text, a packet a line."""
    BINARY = "binary"
    """One packet."""
    FRAMED = "framed"
    """Packets as they go over `tcp://`, each behind its length in four octets."""
    PCAP = "pcap"
    """Frames, as `tcpdump` and Wireshark write them, classic or pcapng."""


def form_of(octets: bytes) -> Form:
    """The form that a file seems to have; `FRAMED` is not told from `BINARY`."""
    if octets[:4] in CLASSIC or octets[:4] == NG:
        return Form.PCAP
    return Form.HEX if looks_like_hex(octets) else Form.BINARY


def packets(
    octets: bytes, form: Form, ports: frozenset[int] = frozenset((E2_PORT,))
) -> Iterator[Found]:
    """The packets of a file, and what stands in the place of some.

    Args:
        octets: the file.
        form: its form.
        ports: in frames, SCTP messages from or to these are packets of E2, whatever identifier
            they have; others are where their identifier says so.
    """
    match form:
        case Form.HEX:
            return read_hex(octets.decode("latin-1"))
        case Form.BINARY:
            return iter((Packet(octets, "octet 0"),))
        case Form.FRAMED:
            return _framed(octets)
        case Form.PCAP:
            return _captured(octets, ports)


def _framed(octets: bytes) -> Iterator[Found]:
    splitter = Splitter()
    splitter.feed(octets)
    at = 0
    while at < len(octets):
        try:
            packet = splitter.next()
        except LinkClosedError as error:
            yield Flaw(f"octet {at}", error.reason)
            return
        if packet is None:
            yield Flaw(f"octet {at}", "the file ends within a packet")
            return
        yield Packet(packet, f"octet {at}")
        at += 4 + len(packet)


def _captured(octets: bytes, ports: frozenset[int]) -> Iterator[Found]:
    streams = SctpStreams()
    found = others = 0
    try:
        for frame in frames(octets):
            place = f"frame {frame.number}"
            try:
                datagram = sctp_datagram(frame.link_type, frame.octets)
                if datagram is None:
                    continue
                if frame.missing:
                    yield Flaw(place, f"{frame.missing} octets of it were not captured")
                    continue
                for message in streams.take(datagram):
                    if message.ppid not in E2_PPIDS and not ports & {*message.ports}:
                        others += 1
                        continue
                    found += 1
                    yield Packet(message.octets, place, message.association)
            except FrameError as error:
                yield Flaw(place, str(error))
    except CaptureError as error:
        yield Flaw("the file", str(error))
    if streams.incomplete:
        yield Flaw("the end", f"{streams.incomplete} parts of messages wait for others")
    if not found:
        yield Flaw(
            "the end",
            f"no message of E2, and {others} of other protocols over SCTP; E2 has payload protocol "
            f"identifier 70, 71 or 72, or one of the ports {sorted(ports)}",
        )
