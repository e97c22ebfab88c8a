"""The command line: decode, encode, and a run against a RIC."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from e2sim.cli import app
from e2sim.console import compiled
from e2sim.scenario import load_scenario
from oran.e2 import e2ap
from oran.e2.connection import Notified, Role
from oran.e2.transport import Address, Association, Server
from tests.e2sim_e2 import files
from tests.e2sim_e2.ric import set_up, subscription
from tests.e2sim_e2.rig import Pair, asking, of_cell
from tests.oran.e2.captures import need_captures
from tests.oran.e2_connection.loopback import sctp_is_there
from tests.oran.e2_connection.mutation import SEEDS


def e2sim(*arguments: object, given: bytes | None = None, **environment: str) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments)], input=given, env=environment)


def told(result: Result) -> list[str]:
    """Lines for the user, each by this program."""
    lines = result.stderr.splitlines()
    assert all(line.startswith("e2sim: ") for line in lines), lines
    return lines


def test_captured_packets_through_both_commands() -> None:
    """Hexadecimal text, frames of both formats, a stream: the same JSON, and the octets again."""
    originals = [c.octets for c in need_captures()]
    text = "\n".join(p.hex() for p in originals).encode()
    first = e2sim("decode", "-", given=text)
    assert first.exit_code == 0, first.output
    documents = [json.loads(line) for line in first.stdout.splitlines()]
    assert len(documents) == len(originals)
    assert sum("refused" in line for line in first.stdout.splitlines()) == 0
    for file in (
        files.pcap(*files.conversation(originals)),
        files.pcapng(*files.conversation(originals, ppid=0)),
    ):
        again = e2sim("decode", "-", given=file)
        assert (again.exit_code, again.stdout) == (0, first.stdout)
    encoded = e2sim("encode", "-", given=first.stdout_bytes)
    assert encoded.exit_code == 0
    canonical = [bytes.fromhex(line) for line in encoded.stdout.split()]
    changed = sum(a != b for a, b in zip(canonical, originals, strict=True))
    assert changed == sum("note: not canonical" in line for line in told(first)) < 10
    second = e2sim("decode", "-", given=encoded.stdout_bytes)
    assert (second.exit_code, second.stdout, second.stderr) == (0, first.stdout, "")
    stream = e2sim("encode", "-", "--form", "framed", given=first.stdout_bytes).stdout_bytes
    framed = e2sim("decode", "-", "--form", "framed", given=stream)
    assert framed.stdout == first.stdout


def _messages() -> list[bytes]:
    pair = Pair()
    pair.subscribe(of_cell(*asking("RRU.PrbTotDl", "PEE.AvgPower")))
    return [e2ap.encode(pair.setup), *(e2ap.encode(i) for i in pair.tick(3)), *SEEDS]


@settings(deadline=None, max_examples=20)
@given(st.lists(st.sampled_from(_messages()), min_size=1, max_size=5), st.randoms())
def test_what_is_decoded_is_encoded_to_the_same_octets(packets: list[bytes], random) -> None:  # type: ignore[no-untyped-def]
    lines = [p.hex(random.choice(["", " ", ":"]) or "-").replace("-", "") for p in packets]
    decoded = e2sim("decode", "-", given="\n".join(lines).encode())
    assert decoded.exit_code in (0, 1), decoded.output
    encoded = e2sim("encode", "-", given=decoded.stdout_bytes)
    assert [bytes.fromhex(line) for line in encoded.stdout.split()] == packets


def test_a_binary_packet_and_back(tmp_path: Path) -> None:
    packet, file = _messages()[0], tmp_path / "packet"
    file.write_bytes(packet)
    decoded = e2sim("decode", file)
    assert decoded.exit_code == 0
    (line,) = decoded.stdout.splitlines()
    assert json.loads(line)["E2setupRequest"]["GlobalE2node-ID"]["gNB"]["gNB-DU-ID"] == 1
    assert '"E2SM-SPC-FunctionDefinition"' in line
    file.write_text(line)
    assert e2sim("encode", file, "--form", "binary").stdout_bytes == packet


def test_what_cannot_be_decoded_is_told_after_the_rest() -> None:
    good = _messages()[1].hex()
    bad_payload = e2ap.encode(
        e2ap.RicIndication(
            e2ap.RicRequestId(1, 1), 2, 0, e2ap.IndicationType.REPORT, b"\xff", b"\xff"
        )
    ).hex()
    text = f"{good}\n0005400300\nxyz\n{bad_payload}\n{good}\n"
    result = e2sim("decode", "-", "--form", "hex", given=text.encode())
    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == 3
    lines = told(result)
    assert lines[0] == (
        "e2sim: -, line 2: RICindication: an open type of 3 octets; 1 are left (octet 4, bit 0)"
    )
    assert lines[1] == "e2sim: -, line 3: 'x' is no hexadecimal digit"
    assert [line.startswith("e2sim: -, line 4: ") for line in lines[2:]] == [True, True]
    assert "RICindicationHeader" in lines[2]
    # What a service model refuses is kept as octets, and comes back.
    encoded = e2sim("encode", "-", given=result.stdout_bytes)
    assert encoded.stdout.split() == [good, bad_payload, good]


@pytest.mark.parametrize(
    ("arguments", "given", "message", "code"),
    [
        (["decode", "/no/such/file"], b"", "No such file", 2),
        (["decode", "-"], b"", "octet 0: E2AP-PDU", 1),
        (["decode", "-", "--form", "pcap"], b"x", "no file header", 1),
        (["encode", "-", "--form", "pcap"], b"", "--form", 2),
        (["encode", "-"], b"{", "line 1: Expecting", 1),
        (["encode", "-"], b'{"E2setupRequest": {}}', "TransactionID is missing", 1),
        (["encode", "-"], b"\n[1]", "line 2: needs a JSON object", 1),
        (["encode", "-"], b'{"a": NaN}', "NaN is no JSON", 1),
        (["encode", "-"], b'{"a": 1, "a": 2}', "stands twice", 1),
        (["encode", "-"], b"[" * 100_000, "line 1: ", 1),
        (["encode", "-"], b'{"a": ' + b"9" * 5000 + b"}", "line 1: ", 1),
        (["encode", "-", "--form", "binary"], b"", "0 documents", 1),
    ],
)
def test_what_is_wrong_is_one_line(
    arguments: list[str], given: bytes, message: str, code: int
) -> None:
    result = e2sim(*arguments, given=given)
    assert result.exit_code == code, result.output
    assert any(message in line for line in told(result)), result.stderr
    assert not result.stdout


RIC = "tcp://127.0.0.1:9"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--ric", "localhost:36421"], "is no address of E2"),
        (["--ric", "tcp://127.0.0.1:0"], "port 0"),
        (["--ric", RIC, "--speed", "0"], "--speed"),
        (["--ric", RIC, "--cells", "1", "--plmn", "1"], "PLMN"),
        (["--ric", RIC, "--kpm-id", "3"], "three distinct"),
        (["--ric", RIC, "--fault", "lose=1"], "is no fault"),
        (["--ric", RIC, "--scenario", "nowhere"], "nowhere"),
        (["--ric", RIC, "--summary", "/no/such/folder/s.json"], "--summary"),
        (["--ric", RIC, "--target", "http://127.0.0.1:9"], "one of them"),
        (["--ric", RIC, "--timeout", "1"], "--timeout: has a meaning with --target"),
        (["--target", "http://127.0.0.1:9", "--names"], "--names: has a meaning with --ric"),
        (["--target", "http://127.0.0.1:9", "--kpm-id", "7"], "--kpm-id: has a meaning with --ric"),
    ],
)
def test_a_wrong_run_is_refused_in_one_line(arguments: list[str], message: str) -> None:
    result = e2sim("run", *arguments)
    assert result.exit_code == 2, result.output
    (line,) = told(result)
    assert message in line


@pytest.mark.skipif(sctp_is_there(), reason="this kernel has SCTP")
def test_a_kernel_without_sctp_is_told_at_once() -> None:
    result = e2sim("run", "--ric", "sctp://127.0.0.1")
    assert result.exit_code == 1
    (line,) = told(result)
    assert "has no SCTP" in line


def test_an_unknown_variable_is_refused_in_one_line() -> None:
    result = e2sim("run", "--ric", RIC, E2SIM_SPED="2", E2SIM_X="")
    assert result.exit_code == 2
    (line,) = told(result)
    assert line.startswith("e2sim: environment: E2SIM_SPED, E2SIM_X unknown; known are E2SIM_CELLS")
    # One of another command is none of these.
    assert "E2SIM_TRACE" in line
    assert e2sim("encode", "-", given=b"", E2SIM_TRACE="x").exit_code == 0


@pytest.fixture(scope="module")
def compiled_twin() -> None:
    """Fills the compiler's cache, which the processes started here share."""
    compiled(load_scenario("mixed"), np.arange(1, 2, dtype=np.uint64))


@asynccontextmanager
async def process(
    *arguments: object, **environment: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    made = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from e2sim.cli import app; app()",
        *map(str, arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **environment},
    )
    try:
        yield made
    finally:
        if made.returncode is None:
            made.kill()
        await made.communicate()


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("compiled_twin")
def test_a_run_against_a_ric_until_a_signal(tmp_path: Path) -> None:
    """Options on the command line go before the environment, which an image may have set."""
    counts = tmp_path / "s.json"
    seen: dict[str, int] = {}

    async def main() -> None:
        enough = asyncio.Event()

        async def ric(association: Association) -> None:
            setup = await set_up(association)
            association.send(subscription(association))
            async for item in association:
                if isinstance(item, Notified) and isinstance(item.message, e2ap.RicIndication):
                    name = str(setup.node_id)
                    seen[name] = seen.get(name, 0) + 1
                    if len(seen) == 2 and min(seen.values()) >= 5:
                        enough.set()

        address = Address.parse("tcp://127.0.0.1:0")
        async with await Server.start(address, Role.RIC, ric) as server:
            arguments = (
                "run", "--ric", server.address, "--speed", "20", "--summary", counts,
                "--fault", "duplicate=0.2",
            )  # fmt: skip
            environment = {"E2SIM_TARGET": "http://127.0.0.1:9", "E2SIM_CELLS": "2"}
            async with process(*arguments, **environment) as node:
                await enough.wait()
                node.send_signal(signal.SIGINT)
                out, err = await node.communicate()
        assert node.returncode == 0, err.decode()
        assert b"Traceback" not in err
        assert b"indications sent" in out

    asyncio.run(main())
    document = json.loads(counts.read_text("utf-8"))
    assert document["stopped"] == "SIGINT"
    assert document["cells"] == document["setups"] == document["subscriptions"] == 2
    assert document["indications"] >= sum(seen.values()) * 0.7
    assert document["faults"].keys() == {"duplicate"}


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("compiled_twin")
def test_a_run_that_met_no_ric_says_so_by_its_end(tmp_path: Path) -> None:
    counts = tmp_path / "s.json"

    async def main() -> None:
        async with process("run", "--ric", RIC, "--summary", counts) as node:
            assert node.stderr is not None
            while b"no association" not in (line := await node.stderr.readline()):
                assert b"compiling" in line
            node.send_signal(signal.SIGTERM)
            err = await node.stderr.read()
            assert await node.wait() == 1
            assert b"Traceback" not in err

    asyncio.run(main())
    document = json.loads(counts.read_text("utf-8"))
    assert (document["setups"], document["periods"], document["stopped"]) == (0, 0, "SIGTERM")
    assert document["losses"] >= 1
