"""Capture files made by hand, from the layouts of the formats."""

import struct
from itertools import count

NODE, RIC = b"\x0a\x00\x00\x01", b"\x0a\x00\x00\x02"


def chunk(tsn: int, data: bytes, ppid: int = 70, flags: int = 3, stream: int = 0) -> bytes:
    """A DATA chunk; flags 3: a whole message."""
    head = struct.pack(">BBHIHHI", 0, flags, 16 + len(data), tsn, stream, 0, ppid)
    return (head + data).ljust((16 + len(data) + 3) & ~3, b"\0")


def init(kind: int = 1) -> bytes:
    """An INIT or INIT ACK chunk."""
    return struct.pack(">BBHIIHHI", kind, 0, 20, 1, 1, 1, 1, 1)


def sctp(*chunks: bytes, source: int = 40000, destination: int = 36421) -> bytes:
    """An SCTP packet."""
    return struct.pack(">HHII", source, destination, 0, 0) + b"".join(chunks)


def ipv4(payload: bytes, *, protocol: int = 132, fragment: int = 0, back: bool = False) -> bytes:
    """An IPv4 packet from the node to the RIC, or back."""
    ends = RIC + NODE if back else NODE + RIC
    size = 20 + len(payload)
    return struct.pack(">BBHHHBBH", 0x45, 0, size, 0, fragment, 64, protocol, 0) + ends + payload


def ipv6(payload: bytes, *, extension: bytes = b"", following: int = 132) -> bytes:
    """An IPv6 packet, with an extension header of the type `following` before SCTP."""
    size = len(extension) + len(payload)
    head = struct.pack(">IHBB", 6 << 28, size, following, 64)
    return head + NODE.rjust(16, b"\0") + RIC.rjust(16, b"\0") + extension + payload


def ethernet(packet: bytes, *, vlan: bool = False) -> bytes:
    """A frame of Ethernet, padded to its least length."""
    kind = b"\x86\xdd" if packet[0] >> 4 == 6 else b"\x08\x00"
    tag = b"\x81\x00\x00\x07" if vlan else b""
    return (bytes(12) + tag + kind + packet).ljust(60, b"\0")


def cooked(packet: bytes) -> bytes:
    """A frame of Linux cooked capture."""
    return bytes(14) + b"\x08\x00" + packet


def cooked_2(packet: bytes) -> bytes:
    """A frame of Linux cooked capture, version 2."""
    return b"\x08\x00" + bytes(18) + packet


def pcap(*frames: bytes, link_type: int = 1, order: str = "<", missing: int = 0) -> bytes:
    """A classic file."""
    out = struct.pack(f"{order}IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link_type)
    for i, frame in enumerate(frames):
        out += struct.pack(f"{order}IIII", i, 0, len(frame), len(frame) + missing) + frame
    return out


def _block(kind: int, body: bytes, order: str) -> bytes:
    body = body.ljust((len(body) + 3) & ~3, b"\0")
    size = struct.pack(f"{order}I", 12 + len(body))
    return struct.pack(f"{order}I", kind) + size + body + size


def pcapng(*frames: bytes, link_type: int = 1, order: str = "<", simple: bool = False) -> bytes:
    """A file of pcapng, with a block of names that nobody asks for."""
    out = _block(0x0A0D0D0A, struct.pack(f"{order}IHHq", 0x1A2B3C4D, 1, 0, -1), order)
    out += _block(1, struct.pack(f"{order}HHI", link_type, 0, 0), order)
    out += _block(4, b"\0\0\0\0", order)
    for frame in frames:
        if simple:
            out += _block(3, struct.pack(f"{order}I", len(frame)) + frame, order)
        else:
            head = struct.pack(f"{order}IIIII", 0, 0, 0, len(frame), len(frame))
            out += _block(6, head + frame, order)
    return out


def conversation(packets: list[bytes], ppid: int = 70) -> list[bytes]:
    """Each packet in an Ethernet frame of its own."""
    numbers = count(1)
    return [ethernet(ipv4(sctp(chunk(next(numbers), packet, ppid)))) for packet in packets]
