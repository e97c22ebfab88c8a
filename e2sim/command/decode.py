"""`e2sim decode` and `e2sim encode`: packets of E2 to JSON and back."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from e2sim.capture.document import Decoder
from e2sim.capture.form import Form, form_of, packets
from e2sim.capture.packet import Flaw
from e2sim.console import fail, say
from oran.e2 import e2ap
from oran.e2.errors import DecodeError
from oran.e2.jsonform import from_document
from oran.e2.transport import E2_PORT
from oran.e2.transport.framing import frame

FileArgument = Annotated[str, typer.Argument(help="A file; '-' is the standard input.")]


def decode(
    file: FileArgument,
    *,
    form: Annotated[
        Form | None, typer.Option(help="Form of the file; told by its beginning if absent.")
    ] = None,
    port: Annotated[
        list[int] | None,
        typer.Option(min=0, max=65535, help="SCTP port of E2 besides 36421; may be repeated."),
    ] = None,
) -> None:
    """Print each packet of a file as a JSON document, one a line, service models included.

    The file has hexadecimal text (a packet a line), one binary packet, or frames (pcap, pcapng).
    Ends with 1 where something could not be decoded, after the rest.
    """
    octets = _read(file)
    decoder, failed = Decoder(), False
    ports = frozenset((E2_PORT, *(port or ())))
    for found in packets(octets, form or form_of(octets), ports):
        place = f"{file}, {found.place}"
        if isinstance(found, Flaw):
            say(f"{place}: {found.reason}")
            failed = True
            continue
        try:
            decoded = decoder.decode(found)
        except DecodeError as error:
            say(f"{place}: {error}")
            failed = True
            continue
        typer.echo(json.dumps(decoded.document, allow_nan=False))
        for reason in decoded.refused:
            say(f"{place}: {reason}")
            failed = True
        if not decoded.canonical:
            say(f"{place}: note: not canonical, or of a later version; encode gives other octets")
    if failed:
        raise typer.Exit(1)


def encode(
    file: FileArgument,
    *,
    form: Annotated[
        Form, typer.Option(help="Form of the output: hex, framed, or binary for one packet.")
    ] = Form.HEX,
) -> None:
    """Encode JSON documents as `decode` prints them, one a line.

    Ends with 1 at the first that has no encoding.
    """
    if form is Form.PCAP:
        fail("--form: encode writes hex, framed or binary")
    made: list[bytes] = []
    for number, line in enumerate(_read(file).decode("utf-8", "replace").split("\n"), 1):
        if not line.strip():
            continue
        try:
            made.append(e2ap.encode(from_document(_parsed(line))))
        except (ValueError, RecursionError) as error:
            _write(made, form)
            fail(f"{file}, line {number}: {error}", code=1)
    if form is Form.BINARY and len(made) != 1:
        fail(f"{file}: {len(made)} documents; binary holds one packet, take hex or framed", code=1)
    _write(made, form)


def _parsed(line: str) -> Any:
    """A JSON document, with what Python's reader lets pass refused; raises `ValueError`."""

    def constant(name: str) -> Any:
        raise ValueError(f"{name} is no JSON")

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            names = [name for name, _ in pairs]
            raise ValueError(f"a member stands twice among {names}")
        return made

    return json.loads(line, parse_constant=constant, object_pairs_hook=members)


def _write(made: list[bytes], form: Form) -> None:
    if form is Form.HEX:
        for packet in made:
            typer.echo(packet.hex())
        return
    octets = b"".join(map(frame, made)) if form is Form.FRAMED else b"".join(made)
    sys.stdout.buffer.write(octets)
    sys.stdout.buffer.flush()


def _read(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        fail(f"{file}: {error.strerror or error}")
