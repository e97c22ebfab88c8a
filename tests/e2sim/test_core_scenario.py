"""The core section of scenario files: what is accepted, and what a refusal says."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from e2sim.cli import app
from e2sim.core.plan import plan_of, topology_of
from e2sim.scenario import load_scenario, parse_scenario

TEXT = files("e2sim.scenarios").joinpath("edge.yaml").read_text("utf-8")


def document() -> Any:
    return yaml.safe_load(TEXT)


def test_a_scenario_may_have_no_core() -> None:
    plain = document()
    del plain["core"]
    assert parse_scenario(plain).core is None
    assert load_scenario("mixed").core is None


def test_the_bundled_core_is_three_sites_with_paths_to_the_gnb() -> None:
    core = load_scenario("edge").core
    assert core is not None
    assert [s.kind for s in core.sites] == ["edge", "regional", "central"]
    topology = topology_of(core)
    assert [p.name for p in topology.paths_of("regional")] == [
        "regional-metro", "regional-protect", "regional-microwave",
    ]  # fmt: skip
    assert [round(p.delay_ms, 3) for p in topology.paths] == [0.1, 1.1, 2.6, 0.8, 6.1, 5.8]
    # Packets meet links in an order in which none is met before one that leads to it.
    plan = plan_of(core, 100)
    names = [*topology.sites, *topology.links]
    order = [names[k] for k in plan.order]
    for path in topology.paths:
        places = [order.index(name) for name in (path.site, *path.links)]
        assert places == sorted(places)
    # State goes from the edge to the centre against two links, at a fifth of the narrower one.
    assert plan.route[0, 2].tolist() == [0, 0, 0, 0, 1, 0, 0, 1]
    assert plan.route[2, 0].tolist() == [0, 0, 0, 0, 2, 0, 0, 2]
    assert plan.rate[0, 2] == pytest.approx(0.2 * 10_000.0 * 125.0)


REFUSED: list[tuple[tuple[str | int, ...], Any, str]] = [
    (("sites",), [], r"^core\.sites: none, needs at least one$"),
    (("links",), None, r"^core\.links: needs a list, got None$"),
    (("sites", 0, "kind"), "cloud", r"^core\.sites\[0\]\.kind: 'cloud' is not one of edge, "),
    (("sites", 0, "capacity"), 0.0, r"^core\.sites\[0\]\.capacity: 0\.0 is not a number of 1\.\."),
    (("sites", 0, "cpus"), 4, r"^core\.sites\[0\]\.cpus: unknown key; known are name, kind, "),
    (("sites", 1, "name"), "edge", r"^core\.sites\[1\]\.name: edge is that of an earlier one too$"),
    (("sites", 1, "name"), "gnb", r"^core\.sites\[1\]\.name: gnb is the name of the paths' end$"),
    (("sites", 1, "name"), "hub", r"^core\.paths\[1\]\.site: there is no site regional$"),
    (("sites", 0, "background", "load"), [0.5, 0.1], r"^core\.sites\[0\]\.background\.load: low"),
    (("links", 0, "loss"), 0.6, r"^core\.links\[0\]\.loss: 0\.6 is not a number of 0\.\.0\.5$"),
    (("links", 0, "source"), "gnb", r"^core\.links\[0\]\.source: nothing starts at gnb"),
    (("links", 0, "target"), "central", r"^core\.links\[0\]\.target: links lead in a circle$"),
    (("links", 0, "delay_ms"), -1, r"^core\.links\[0\]\.delay_ms: -1 is not a number"),
    (("paths", 0, "links"), [], r"^core\.paths\[0\]\.links: none, needs at least one$"),
    (("paths", 0, "links"), ["rail"], r"^core\.paths\[0\]\.links\[0\]: there is no link rail$"),
    (
        ("paths", 1, "links"),
        ["metro", "microwave"],
        r"^core\.paths\[1\]\.links\[1\]: microwave starts at regional, not at edge$",
    ),
    (("paths", 1, "links"), ["metro"], r"^core\.paths\[1\]\.links: end at edge, not at gnb$"),
    (("paths", 0, "site"), "moon", r"^core\.paths\[0\]\.site: there is no site moon$"),
    (("paths",), [
        {"name": "one", "site": "edge", "links": ["access"]}
    ], r"^core\.sites\[1\]\.name: no path starts at regional$"),
    (("slices", 0, "site"), "moon", r"^core\.slices\[0\]\.site: there is no site moon$"),
    (("slices", 0, "snssai"), "7", r"^core\.slices: are 7, .*; needs those of the scenario in"),
    (("slices",), [], r"^core\.slices: are ; needs those of the scenario in its order, 1-000001"),
    (("splitting",), "byte", r"^core\.splitting: 'byte' is not one of packet, flow$"),
    (("migration",), {"transfer_share": 0}, r"^core\.migration\.transfer_share: 0 is not a numb"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "message"), REFUSED)
def test_impossible_cores_are_refused_with_their_path(
    path: tuple[str | int, ...], value: Any, message: str
) -> None:
    changed = document()
    at = changed["core"]
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    with pytest.raises(ValueError, match=message):
        parse_scenario(changed)


def test_a_upf_without_work_is_refused() -> None:
    changed = document()
    changed["core"]["slices"][2] |= {"work_per_packet": 0.0, "work_per_byte": 0.0}
    with pytest.raises(ValueError, match=r"^core\.slices\[2\]\.work_per_packet: 0 with"):
        parse_scenario(changed)


def test_a_refused_file_is_told_its_line(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    wrong = TEXT.replace("site: regional, links: [microwave]", "site: regional, links: [access]")
    assert wrong != TEXT
    path.write_text(wrong, "utf-8")
    line = next(i for i, text in enumerate(wrong.splitlines(), 1) if "regional-microwave" in text)
    message = rf"bad\.yaml, line {line}: core\.paths\[3\]\.links\[0\]: access starts at edge"
    with pytest.raises(ValueError, match=message):
        load_scenario(str(path))


@pytest.mark.parametrize(("name", "core"), [("edge", True), ("failure", True), ("mixed", False)])
def test_the_command_says_what_a_scenario_has(name: str, core: bool) -> None:
    result = CliRunner().invoke(app, ["scenario", name])
    assert result.exit_code == 0, result.output
    told = json.loads(result.output)
    assert (told["name"], told["core"], told["period_ms"]) == (name, core, 100)
    assert told["slices"] == ["1-000001", "2-000001", "3-000001"]
    assert told["coupled_cells"] == 1


def test_the_command_refuses_what_is_no_scenario(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("name: x\n")
    for name, message in (("nowhere", "bundled are mixed, "), (str(path), "slices")):
        refused = CliRunner().invoke(app, ["scenario", name])
        assert refused.exit_code == 2
        assert message in refused.output
