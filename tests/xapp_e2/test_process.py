"""`xapp serve --e2` and `e2sim run --ric` as processes, and what an operator can get wrong."""

import os
import socket
import subprocess
import sys
from typing import Any

import httpx
import pytest

from oran.e2.common.cell import NrCgi
from oran.e2.per.string import Bits
from tests.xapp.process import finished, serving_process
from tests.xapp.redis_server import free_port
from xapp.settings import ConfigurationError, load


def emulator(
    url: str, cells: int, periods: int, *more: str, to: str = "--ric"
) -> "subprocess.Popen[bytes]":
    clean = {k: v for k, v in os.environ.items() if not k.startswith("E2SIM_")}
    return subprocess.Popen(
        [
            sys.executable, "-c", "from e2sim.cli import app; app()", "run",
            to, url, "--cells", str(cells), "--periods", str(periods), *more,
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=clean,
    )  # fmt: skip


def samples(url: str) -> dict[str, float]:
    lines = httpx.get(f"{url}/metrics").text.splitlines()
    rows = (line.rsplit(" ", 1) for line in lines if line.startswith("slicepilot_e2_"))
    return {name: float(value) for name, value in rows}


def test_the_emulator_is_served_and_controlled() -> None:
    url = f"tcp://127.0.0.1:{free_port()}"
    with serving_process("--e2", url) as served, emulator(url, 2, 40) as played:
        _, err = played.communicate(timeout=90)
        assert played.returncode == 0, err
        found = samples(served.url)
        nodes: list[dict[str, Any]] = httpx.get(f"{served.url}/v1/nodes").json()["nodes"]
        cells = httpx.get(f"{served.url}/v1/slices").json()["cells"]
        status, _ = served.stop()
    assert status == 0
    assert len(nodes) == 2
    assert {c["node"] for c in cells} == {n["node"] for n in nodes}
    assert all(c["rung"] == "policy" for c in cells)
    # A machine that is busy may pass some over; nothing else may become of an indication.
    outcomes = {n: v for n, v in found.items() if v and "indications_total" in n}
    decided = 'slicepilot_e2_indications_total{outcome="decided"}'
    passed = 'slicepilot_e2_indications_total{outcome="passed_over"}'
    assert outcomes.keys() <= {decided, passed}
    assert outcomes[decided] >= 20
    for model in ("rc", "spc"):
        done = f'slicepilot_e2_control_answers_total{{model="{model}",outcome="acknowledged"}}'
        assert found[done] >= 2


def test_an_address_that_is_taken_is_told_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, _, err = finished("serve", "--port", "0", "--e2", f"tcp://127.0.0.1:{port}")
    assert status == 1
    last = err.strip().splitlines()[-1]
    assert last.startswith(f"xapp: cannot listen on tcp://127.0.0.1:{port}")


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"XAPP_E2__LISTEN": "http://x"}, "XAPP_E2__LISTEN: 'http://x' is no address of E2"),
        ({"XAPP_E2__CELLS": '{"n": ["00101-1"]}'}, "'00101-1' is not PLMN-IDENTITY"),
        ({"XAPP_E2__CELLS": '{"n": ["1-000000001"]}'}, "'1' is not a PLMN"),
        ({"XAPP_E2__PLMN": "abcde"}, "XAPP_E2__PLMN"),
        ({"XAPP_E2__PERIOD": "10"}, "XAPP_E2__PERIOD: unknown key"),
    ],
)
def test_settings_that_are_wrong_are_told(environment: dict[str, str], told: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        load({}, environment)
    assert told in str(error.value)


def test_settings_become_nouns() -> None:
    found = load(
        {"e2": {"listen": "sctp://0.0.0.0:36421"}},
        {"XAPP_E2__CELLS": '{"gnb": ["00101-000388001"]}', "XAPP_E2__RIC_ID": "25"},
    ).e2
    assert found.listen == "sctp://0.0.0.0:36421"
    assert found.configured_cells() == {"gnb": (NrCgi(b"\x00\xf1\x10", Bits(0x388001, 36)),)}
    assert found.global_ric_id().ric_id == Bits(25, 20)
    assert load({}, {}).e2.listen is None
