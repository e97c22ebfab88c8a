import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.image import healthcheck
from deploy.image.requirements import (
    EXTRAS,
    LEFT_OUT,
    build_requirements,
    name_of,
    requirements,
)
from tests.deploy.files import ROOT

PYPROJECT = (ROOT / "pyproject.toml").read_text("utf-8")


def test_images_have_what_their_programs_import_and_no_more() -> None:
    names = {image: {name_of(r) for r in requirements(image, PYPROJECT)} for image in LEFT_OUT}
    assert {"onnxruntime", "fastapi", "redis"} <= names["xapp"]
    assert not {"numba", "torch"} & names["xapp"]
    assert "numba" in names["e2sim"]
    assert not {"onnxruntime", "fastapi", "torch"} & names["e2sim"]
    assert {"numba", "torch", "onnx", "onnxruntime"} <= names["trainer"]


def test_a_package_left_out_that_is_none_is_an_error() -> None:
    assert set(LEFT_OUT) == set(EXTRAS)
    with pytest.raises(ValueError, match=r"e2sim: fastapi: not in project\.dependencies"):
        requirements("e2sim", PYPROJECT.replace('"fastapi>=', '"slowapi>='))
    with pytest.raises(ValueError, match="'xap' is not one of xapp, e2sim, trainer"):
        requirements("xap", PYPROJECT)


def test_every_requirement_is_pinned() -> None:
    pins = {name_of(line) for line in (ROOT / "constraints.txt").read_text("utf-8").split()}
    for image in LEFT_OUT:
        assert {name_of(r) for r in requirements(image, PYPROJECT)} <= pins
    build = {name_of(r) for r in build_requirements(PYPROJECT)}
    assert {"hatchling", "mypy", "setuptools"} <= build <= pins


def test_dockerfile_builds_without_a_frontend_from_a_registry() -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    assert not re.search(r"^#\s*syntax", text, re.M)
    froms = re.findall(r"^FROM (\S+)", text, re.M)
    stages = re.findall(r"^FROM \S+ AS (\S+)", text, re.M)
    assert set(froms) - set(stages) == {"python:3.11-slim-bookworm"}
    assert {"xapp", "e2sim", "trainer"} <= set(stages)
    assert stages[-1] == "xapp", "the default target"


def hadolint(file: Path) -> subprocess.CompletedProcess[str]:
    linter = Path(sys.executable).parent / "hadolint"
    return subprocess.run([linter, file], capture_output=True, text=True, check=False)


def test_hadolint_finds_nothing_in_the_dockerfile(tmp_path: Path) -> None:
    done = hadolint(ROOT / "Dockerfile")
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr
    unpinned = tmp_path / "Dockerfile"
    unpinned.write_text("FROM debian:latest\nRUN cd /tmp\n", "utf-8")
    found = hadolint(unpinned)
    assert found.returncode == 1
    assert {"DL3007", "DL3003"} <= set(re.findall(r"DL\d{4}", found.stdout))


def test_no_file_of_the_images_names_a_package_index() -> None:
    for name in ("Dockerfile", "docker-compose.yml", ".env", "pyproject.toml", "constraints.txt"):
        text = (ROOT / name).read_text("utf-8")
        assert not re.search(r"(?i)pypi|pythonhosted|pytorch\.org|index-url[ =]", text), name


@pytest.fixture
def answering(request: pytest.FixtureRequest) -> Iterator[int]:
    """A port at which one connection is answered with the bytes of the parameter."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1024)
                connection.sendall(request.param)

        thread = threading.Thread(target=answer)
        thread.start()
        yield server.getsockname()[1]
        thread.join(5.0)


@pytest.mark.parametrize(
    ("answering", "wrong"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n{}", ""),
        (b'HTTP/1.1 503 No\r\n\r\n{"a":1}', 'HTTP/1.1 503 No {"a":1}'),
        (b"", " "),
    ],
    indirect=["answering"],
)
def test_health_of_an_xapp_is_its_readiness(answering: int, wrong: str) -> None:
    environment = {"XAPP_HOST": "0.0.0.0", "XAPP_PORT": str(answering)}
    assert healthcheck.xapp(environment) == wrong


def test_an_xapp_that_does_not_listen_is_unhealthy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert healthcheck.xapp({"XAPP_PORT": str(port)}) == f"127.0.0.1:{port}: Connection refused"


TABLE = """  sl  local_address rem_address   st tx_queue rx_queue
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000
   1: 050012AC:A2B4 040012AC:1F90 01 00000000:00000000
   2: 050012AC:A2B6 040012AC:01BB 06 00000000:00000000
"""


@pytest.mark.parametrize(
    ("target", "wrong"),
    [
        ("http://xapp:8080", ""),
        ("http://[fd00::4]:8080/base", ""),
        ("http://xapp", "no connection to http://xapp"),
        ("https://xapp", "no connection to https://xapp"),
        ("/tmp/reports.jsonl", ""),
    ],
)
def test_health_of_an_emulator_is_its_connection(target: str, wrong: str) -> None:
    assert healthcheck.e2sim({"E2SIM_TARGET": target}, [TABLE]) == wrong


E2_TABLE = """  sl  local_address rem_address   st tx_queue rx_queue
   0: 050012AC:A2B4 040012AC:8E45 01 00000000:00000000
"""
ASSOCIATIONS = (
    " ASSOC     SOCK   STY SST ST HBKT ASSOC-ID TX_QUEUE RX_QUEUE UID INODE LPORT RPORT"
    " LADDRS <-> RADDRS HBINT INS OUTS MAXRT T1X T2X RTXC wmema wmemq sndbuf rcvbuf\n"
    "a9aa5adb 65464d95 2   1   3  0       3        0        0       0   131 47271 36421 "
    " 10.9.0.1 <-> *10.9.0.2 \t    3000    10    10   10    0    0        0        1        0"
    "   212992   212992\n"
    "5b2f9c10 9d0e4a77 2   2   1  0       4        0        0       0   132 47272 36422 "
    " 10.9.0.1 <-> *10.9.0.2 \t    3000    10    10   10    0    0        0        1        0"
    "   212992   212992\n"
)
"""What a Linux 6.1 shows: the first association is established, the second is being made."""


@pytest.mark.parametrize(
    ("ric", "there"),
    [
        ("tcp://xapp:36421", True),
        ("tcp://xapp", True),
        ("tcp://[fd00::4]:36422", False),
        ("sctp://xapp:36421", True),
        ("sctp://[fd00::4]", True),
        ("sctp://xapp:36422", False),
    ],
)
def test_health_of_an_e2_node_is_its_association(ric: str, there: bool) -> None:
    environment = {"E2SIM_TARGET": "http://xapp:8080", "E2SIM_RIC": ric}
    wrong = "" if there else f"no connection to {ric}"
    assert healthcheck.e2sim(environment, [E2_TABLE], [ASSOCIATIONS]) == wrong
    # A kernel without SCTP has no table of it.
    assert not there or ric.startswith("tcp") or healthcheck.e2sim(environment, [E2_TABLE])
