"""Scenario files: what is accepted, and what a refusal says."""

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from e2sim.scenario import BUNDLED, Duplex, Interference, Scenario, load_scenario, parse_scenario
from oran.intent import DEFAULT_INTENTS
from oran.snssai import Snssai


def minimal() -> dict[str, Any]:
    return {
        "name": "one slice",
        "slices": [
            {
                "snssai": "1-00000a",
                "kind": "eMBB",
                "users": 2,
                "scheduler": "round_robin",
                "discard_ms": 100,
                "traffic": {"load": [0.1, 0.2], "packet_bytes": [100, 200]},
            }
        ],
    }


@pytest.mark.parametrize("name", BUNDLED)
def test_bundled_scenarios_load(name: str) -> None:
    scenario = load_scenario(name)
    assert scenario.name == name
    assert [s.kind for s in scenario.slices] == ["eMBB", "URLLC", "mMTC"]
    assert [s.snssai for s in scenario.slices] == [i.snssai for i in DEFAULT_INTENTS]
    assert (scenario.prbs, scenario.period_ms, scenario.slots_per_period) == (106, 100, 200)


def test_a_file_with_the_required_keys_takes_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    path.write_text(yaml.safe_dump(minimal()), "utf-8")
    scenario = load_scenario(str(path))
    assert isinstance(scenario, Scenario)
    assert scenario.slices[0].snssai == Snssai(1, 10)
    assert scenario.slices[0].traffic.packet_bytes == (100.0, 200.0)
    assert scenario.interference == Interference()
    assert (scenario.numerology, scenario.slot_ms) == (1, 0.5)
    assert (str(scenario.duplex), scenario.has_uplink) == ("fdd", False)
    assert parse_scenario(minimal() | {"duplex": "fdd"}) == replace(scenario, name="one slice")


def test_a_site_that_sleeps_begins_its_pattern_with_its_signal() -> None:
    asleep = {**minimal(), "power": {"sleep": {}}}
    assert parse_scenario({**asleep, "duplex": "DDSUU"}).power.sleep is not None
    with pytest.raises(ValueError, match=r"^duplex: UDDDS begins with U, .* needs D or S there"):
        parse_scenario({**asleep, "duplex": "UDDDS"})
    often = {**asleep, "power": {"sleep": {"ssb_ms": 5}}, "numerology": 0}
    assert parse_scenario({**often, "duplex": "DDDSU"}).power.sleep is not None
    with pytest.raises(ValueError, match=r"^power\.sleep\.ssb_ms: 5 puts .* DDDDDUUUUU: .* 10 ms"):
        parse_scenario({**often, "duplex": "DDDDDUUUUU"})


def test_a_pattern_says_which_slots_are_of_which_direction() -> None:
    duplex = load_scenario("uplink").duplex
    assert str(duplex) == "DDDSU"
    assert duplex.slots("downlink") == (True, True, True, True, False)
    assert duplex.slots("uplink") == (False, False, False, False, True)
    assert Duplex().slots("downlink") == Duplex().slots("uplink") == (True,)


def test_a_missing_file_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"nowhere\.yaml"):
        load_scenario(str(tmp_path / "nowhere.yaml"))


def test_what_is_no_yaml_says_so(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("name: [", "utf-8")
    with pytest.raises(ValueError, match=r"bad\.yaml: not YAML"):
        load_scenario(str(path))


@pytest.mark.parametrize(
    ("line", "other", "message"),
    [
        ("    users: 2", "    users: 0", r"bad\.yaml, line 5: slices\[0\]\.users: 0 is not an int"),
        ("    users: 2", "    usrs: 2", r"bad\.yaml, line 5: slices\[0\]\.usrs: unknown key"),
        ("    users: 2", "", r"bad\.yaml, line 3: slices\[0\]\.users: is required"),
        ("      - 0.2", "      - 9", r"bad\.yaml, line 11: .*load\[1\]: 9 is not .* of 0\.\.4"),
        ("name: one", "names: one", r"bad\.yaml, line 1: names: unknown key"),
    ],
)
def test_a_refused_file_is_told_its_line(
    tmp_path: Path, line: str, other: str, message: str
) -> None:
    text = """name: one
slices:
  - snssai: 1-00000a
    kind: eMBB
    users: 2
    scheduler: round_robin
    discard_ms: 100
    traffic:
      load:
      - 0.1
      - 0.2
      packet_bytes: [100, 200]
"""
    path = tmp_path / "bad.yaml"
    path.write_text(text, "utf-8")
    load_scenario(str(path))
    assert line in text
    path.write_text(text.replace(line, other), "utf-8")
    with pytest.raises(ValueError, match=message):
        load_scenario(str(path))


def test_a_file_without_anything_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("", "utf-8")
    with pytest.raises(ValueError, match=r"bad\.yaml, line 1: document: needs a mapping"):
        load_scenario(str(path))


SENT: dict[str, Any] = {
    "scheduler": "round_robin",
    "discard_ms": 10,
    "traffic": {"load": [0.1, 0.2], "packet_bytes": [100, 200]},
}
REFUSED: list[tuple[tuple[str | int, ...], Any, str]] = [
    (("prbs",), 24, r"^prbs: 24 is not an integer of 25\.\.273$"),
    (("prbs",), 106.0, r"^prbs: 106\.0 is not an integer"),
    (("prbs",), True, r"^prbs: True is not an integer"),
    (("numerology",), 4, r"^numerology: 4 is not an integer of 0\.\.3$"),
    (("carrier_ghz",), "3.5", r"^carrier_ghz: '3\.5' is not a number of 0\.5\.\.100$"),
    (("carrier_ghz",), float("nan"), r"^carrier_ghz: nan is not a number"),
    (("environment",), "rma", r"^environment: 'rma' is not one of umi, uma$"),
    (("name",), 7, r"^name: 7 is not text$"),
    (("colour",), 1, r"^colour: unknown key; known are name, numerology, "),
    (("cqi_delay_slots",), 10, r"^cqi_delay_slots: 10 is not below cqi_period_slots, 10$"),
    (("slices",), [], r"^slices: 0 of them, needs 1\.\.16$"),
    (("slices",), None, r"^slices: needs a list"),
    (("interference",), 3, r"^interference: needs a mapping, got 3$"),
    (("interference",), {"mean_db": 1}, r"^interference\.mean_db: 1 is not a number of -40\.\.0$"),
    (("power",), {"chain": 1}, r"^power\.chain: unknown key; known are chains, "),
    (("slices", 0), "x", r"^slices\[0\]: needs a mapping"),
    (("slices", 0, "snssai"), "one", r"^slices\[0\]\.snssai: 'one' is not an S-NSSAI"),
    (("slices", 0, "users"), 0, r"^slices\[0\]\.users: 0 is not an integer of 1\.\.256$"),
    (("slices", 0, "discard_ms"), 99, r"^slices\[0\]\.discard_ms: 99 is not one of \(10, "),
    (("slices", 0, "queue"), 48, r"^slices\[0\]\.queue: 48 is not a power of two$"),
    (("slices", 0, "traffic", "load"), 0.5, r"^slices\[0\]\.traffic\.load: needs \[low, high\]"),
    (("slices", 0, "traffic", "load"), [0.2], r"traffic\.load: needs \[low, high\]"),
    (("slices", 0, "traffic", "load"), [0.5, 0.1], r"traffic\.load: low 0\.5 is above high 0\.1"),
    (("slices", 0, "traffic", "load"), [0, 9], r"traffic\.load\[1\]: 9 is not a number of 0\.\.4"),
    (("slices", 0, "traffic", "admission"), 1, r"traffic\.admission: 1 is not true or false$"),
    (("slices", 0, "traffic", "on_s"), 1.0, r"traffic\.on_s: 1 with off_s 0: both 0 or both"),
    (("slices", 0, "traffic", "burst_s"), 11.0, r"traffic\.burst_s: 11 is above burst_every_s$"),
    (("slices", 0, "traffic", "period_ms"), 0.25, r"period_ms: 0\.25 is below the slot, 0\.5$"),
    (
        ("duplex",),
        "FDD",
        r"^duplex: 'FDD' is neither fdd nor a pattern of D, S and U such as DDDSU",
    ),
    (("duplex",), "DDDS", r"^duplex: 'DDDS' is neither"),
    (("duplex",), "UU", r"^duplex: 'UU' is neither"),
    (("duplex",), "", r"^duplex: '' is neither"),
    (("duplex",), "DDU", r"^duplex: DDU has 3 slots of 0\.5 ms; needs at most 40 that fill 10 ms"),
    (("uplink",), {"alpha": 0.3}, r"^uplink\.alpha: 0\.3 is not one of \(0\.0, 0\.4, "),
    (
        ("slices", 0, "uplink"),
        {"scheduler": "round_robin"},
        r"^slices\[0\]\.uplink\.discard_ms: is r",
    ),
    (("slices", 0, "uplink"), SENT | {"discard_ms": 99}, r"uplink\.discard_ms: 99 is not one of"),
    (("slices", 0, "uplink"), SENT | {"queue": 48}, r"uplink\.queue: 48 is not a power of two$"),
    (("slices", 0, "uplink", "traffic", "burst_s"), 11.0, r"uplink\.traffic\.burst_s: 11 is above"),
    (
        ("uplink",),
        {"grant_delay_slots": 20},
        r"^slices\[0\]\.uplink\.discard_ms: 10 is over before "
        r"the grant, 20 slots of 0\.5 ms$",
    ),
    (("slices", 0, "traffic", "jitter_ms"), 1000.0, r"jitter_ms: 1000 is not below period_ms$"),
]

TIMES = {"mtbf_s": 1.0, "mttr_s": 1.0}
FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"kind": "fire", **TIMES}, r"kind: 'fire' is not one of gnb_outage, "),
    (TIMES, r"kind: is required"),
    ({"kind": "gnb_outage"}, r" needs at_s and for_s, or mtbf_s and mttr_s$"),
    ({"kind": "gnb_outage", "at_s": 1.0}, r" needs at_s and for_s, or mtbf_s and mttr_s$"),
    ({"kind": "gnb_outage", "at_s": 1.0, "for_s": 1.0, **TIMES}, r" needs at_s and for_s, or "),
    ({"kind": "gnb_outage", "at_s": 1, "for_s": 0}, r"for_s: 0 is not a number of 0\.01\.\.1e\+07"),
    ({"kind": "gnb_outage", "severity": 1, **TIMES}, r"severity: has no meaning for gnb_outage$"),
    ({"kind": "backhaul_loss", "severity": 2, **TIMES}, r"severity: 2 is not within 0\.\.1, those"),
    ({"kind": "spoofed_report", "severity": 0, **TIMES}, r"severity: 0 is not within 0\.001"),
    ({"kind": "site_outage", **TIMES}, r"name: is required for site_outage$"),
    ({"kind": "stale_report", "name": "x", **TIMES}, r"name: has no meaning for stale_report$"),
    ({"kind": "gnb_outage", "stamp": "fresh", **TIMES}, r"stamp: has no meaning for gnb_outage$"),
    ({"kind": "stale_report", "stamp": "no", **TIMES}, r"stamp: 'no' is not one of old, fresh$"),
    ({"kind": "stale_report", "startup_s": 1, **TIMES}, r"startup_s: has no meaning for stale"),
    ({"kind": "gnb_outage", "slice": "1-00000a", **TIMES}, r"slice: has no meaning for gnb"),
    ({"kind": "garbled_report", "slice": "1-00000b", **TIMES}, r"slice: 1-00000b is no slice"),
    ({"kind": "garbled_report", "measurements": ["A"], **TIMES}, r"measurements\[0\]: A is not"),
    (
        {"kind": "spoofed_report", "slice": "1-00000a", "measurements": ["RRU.PrbTotDl"], **TIMES},
        r"measurements\[0\]: RRU\.PrbTotDl is not measured there$",
    ),
    ({"kind": "gnb_outage", "cells": 1.5, **TIMES}, r"cells: 1\.5 is not a number of 0\.\.1$"),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "message"), FAULTS)
def test_impossible_faults_are_refused_with_their_path(fault: dict[str, Any], message: str) -> None:
    document = minimal() | {"faults": [{"kind": "gnb_outage", **TIMES}]}
    assert len(parse_scenario(document).faults) == 1
    document["faults"].append(fault)
    with pytest.raises(ValueError, match=rf"^faults\[1\][.:]\s?{message}"):
        parse_scenario(document)


@pytest.mark.parametrize(
    ("sleep", "message"),
    [
        ({"ssb_ms": 30}, r"ssb_ms: 30 is not one of \(5, 10, 20, 40, 80, 160\)$"),
        ({"deepest": "dead"}, r"deepest: 'dead' is not one of none, micro, light, deep$"),
        ({"full_load_w": 0}, r"full_load_w: 0 is not a number of 1\.\.100000$"),
        ({"full_load_w": "many"}, r"full_load_w: 'many' is not a number"),
        ({"depth": 1}, r"depth: unknown key; known are deepest, idle_ms, "),
    ],
)
def test_impossible_sleep_is_refused_with_its_path(sleep: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=rf"^power\.sleep\.{message}"):
        parse_scenario(minimal() | {"power": {"sleep": sleep}})
    absent = parse_scenario(minimal() | {"power": {"sleep": {"full_load_w": None}}}).power
    assert absent.full_load_w == pytest.approx(2 * (56.0 + 2.6 * 6.3))


@pytest.mark.parametrize(("path", "value", "message"), REFUSED)
def test_impossible_values_are_refused_with_their_path(
    path: tuple[str | int, ...], value: Any, message: str
) -> None:
    document: Any = minimal()
    document["slices"][0]["uplink"] = copy.deepcopy(SENT)
    parse_scenario(document)
    at = document
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    with pytest.raises(ValueError, match=message):
        parse_scenario(document)


@pytest.mark.parametrize("key", ["snssai", "kind", "users", "scheduler", "discard_ms", "traffic"])
def test_absent_required_keys_are_named(key: str) -> None:
    document = minimal()
    del document["slices"][0][key]
    with pytest.raises(ValueError, match=rf"^slices\[0\]\.{key}: is required$"):
        parse_scenario(document)


def test_two_slices_need_two_identities() -> None:
    document = minimal()
    document["slices"] *= 2
    with pytest.raises(ValueError, match=r"^slices\[1\]\.snssai: 1-00000a is that of an earlier"):
        parse_scenario(document)


@pytest.mark.parametrize("document", [None, [], "mixed", 3])
def test_what_is_no_mapping_is_no_scenario(document: object) -> None:
    with pytest.raises(ValueError, match=r"^document: needs a mapping"):
        parse_scenario(document)
