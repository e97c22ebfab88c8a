"""Settings: which source wins, and that nothing unknown or unusable passes in silence."""

from pathlib import Path
from typing import Any

import pytest

from oran.intent import DEFAULT_INTENTS
from tests.xapp.rig import write
from xapp.decision.shield import Limits
from xapp.service.server import options_of
from xapp.settings import ConfigurationError, load

FILE = b"""
host: 10.0.0.1
port: 1001
max_cells: 7
shield: {urllc_floor: 11, max_share_step: 21}
log: {level: error}
intents:
  - {snssai: 1-0000ff, sla: {throughput_kbps: 1000}, weight: 3}
"""


def test_flags_win_over_the_environment_over_the_file_over_defaults(tmp_path: Path) -> None:
    flags = {"port": 3003, "host": None, "log": {"level": None, "format": "console"}}
    environment = {
        "PATH": "/bin",
        "XAPP_PORT": "2002",
        "XAPP_MAX_CELLS": "9",
        "XAPP_SHIELD__URLLC_FLOOR": "12",
        "XAPP_LOG__LEVEL": "debug",
        "XAPP_CONFIG": str(write(tmp_path / "x.yaml", FILE)),
    }
    found = load(flags, environment)
    assert (found.port, found.max_cells, found.host) == (3003, 9, "10.0.0.1")
    assert found.shield == Limits(urllc_floor=12, max_share_step=21)
    assert (found.log.level, found.log.format) == ("debug", "console")
    (intent,) = options_of(found).intents
    assert (str(intent.snssai), intent.weight) == ("1-0000ff", 3.0)
    # The flag that names a file wins over the variable that names one.
    other = write(tmp_path / "y.yaml", b"port: 4004")
    assert load({}, {"XAPP_CONFIG": environment["XAPP_CONFIG"]}, other).host == "127.0.0.1"


def test_defaults() -> None:
    found = load({}, {})
    assert options_of(found).intents == DEFAULT_INTENTS
    assert found.shield == Limits()
    assert (found.store, found.max_body_bytes) == ("embedded://", 256 * 1024)
    assert found.max_report_age_ms == 2_000
    with pytest.raises(ValueError, match="frozen"):
        found.port = 1


INTENT = '{"snssai": "1", "sla": {"delay_ms": 5}}'
WRONG: list[tuple[dict[str, Any], dict[str, str], bytes, list[str]]] = [
    ({"port": 65_536}, {}, b"", ["command line: port", "65535"]),
    ({}, {"XAPP_PORT": "x"}, b"", ["environment: XAPP_PORT", "integer"]),
    ({}, {"XAPP_PROT": "1"}, b"", ["environment: XAPP_PROT: unknown"]),
    ({}, {"xapp_prot": "1"}, b"", ["environment: xapp_prot: unknown"]),
    ({}, {"XAPP_PORT__X": "1"}, b"", ["environment: XAPP_PORT__X: unknown"]),
    ({}, {"XAPP_SHIELD__X": "1"}, b"", ["environment: XAPP_SHIELD__X: unknown"]),
    ({}, {"XAPP_SHIELD": '{"x": 1}'}, b"", ["environment: XAPP_SHIELD__X: unknown key"]),
    ({}, {"XAPP_SHIELD__URLLC_FLOOR": "99"}, b"", ["environment: XAPP_SHIELD", "outside 0..50"]),
    ({}, {"XAPP_INTENTS": "[{"}, b"", ["environment: XAPP_INTENTS: not JSON"]),
    ({}, {"XAPP_INTENTS": "[]"}, b"", ["environment: XAPP_INTENTS", "one intent or more"]),
    ({}, {"XAPP_INTENTS": f"[{INTENT},{INTENT}]"}, b"", ["XAPP_INTENTS", "[1].snssai"]),
    ({}, {"XAPP_INTENTS": f'[{INTENT[:-1]}, "x": 1}}]'}, b"", ["XAPP_INTENTS[0].x: unknown"]),
    ({}, {"XAPP_LOG": "3"}, b"", ["environment: log: needs a mapping"]),
    ({}, {"XAPP_STORE": "http://h"}, b"", ["environment: XAPP_STORE", "redis://"]),
    ({}, {"XAPP_STORE": "redis://u:secret@h:p"}, b"", ["XAPP_STORE: not a Redis URL"]),
    ({}, {}, b"prot: 1", ["x.yaml: prot: unknown key; known are host, port"]),
    ({}, {}, b"shield: {x: 1}", ["x.yaml: shield.x: unknown key; known are max_share_step"]),
    ({}, {"XAPP_SHIELD__URLLC_FLOOR": "9"}, b"shield: 3", ["x.yaml: shield: needs a mapping"]),
    ({}, {}, b"log: {level: loud}", ["x.yaml: log.level", "'debug'"]),
    ({}, {}, b"port: 1\nport: 2", ["x.yaml, line 2: 'port' stands twice"]),
    ({}, {}, b"port: [", ["x.yaml, line 1"]),
    ({}, {}, b"- 1", ["x.yaml: needs a mapping"]),
    ({}, {}, b"\xff", ["x.yaml: not UTF-8"]),
    ({}, {}, b"port: !!python/name:os.system", ["x.yaml, line 1", "constructor"]),
    ({}, {}, b"intents: [{snssai: 1-1, sla: {}}]", ["x.yaml: intents[0]", "six hexadecimal"]),
    ({}, {}, b"intents: [{snssai: '1', sla: {delay_ms: -1}}]", ["intents[0].sla", "positive"]),
    ({"config": 1}, {}, b"", ["command line: config: unknown key"]),
]


@pytest.mark.parametrize(("flags", "environment", "file", "says"), WRONG)
def test_what_is_wrong_is_told_in_one_line_with_its_source(
    flags: dict[str, Any],
    environment: dict[str, str],
    file: bytes,
    says: list[str],
    tmp_path: Path,
) -> None:
    path = write(tmp_path / "x.yaml", file)
    with pytest.raises(ConfigurationError) as raised:
        load(flags, environment, path)
    message = str(raised.value)
    assert all(part in message for part in says), message
    assert "\n" not in message
    assert "secret" not in message


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(ConfigurationError, match=r"/absent\.yaml: No such file"):
        load({}, {}, Path("/absent.yaml"))
