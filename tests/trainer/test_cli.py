"""The command line, from training to a bundle and a picture, on the fake network."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.trainer.fake import FakeNetwork
from trainer import cli
from trainer.bundle import read_bundle
from trainer.config import ConfigError
from trainer.gym.agents.parallel import SlicingParallelEnv
from trainer.gym.cells import Setting
from trainer.run import Run
from trainer.seeds import SeedError

RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def _fake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "_twins", lambda scenario: FakeNetwork)


def invoke(*arguments: str | Path) -> str:
    result = RUNNER.invoke(cli.commands, [str(a) for a in arguments])
    if result.exception is not None:
        raise result.exception
    assert result.exit_code == 0
    return result.output


def test_from_tuning_to_a_bundle(tmp_path: Path) -> None:
    rule, run, bundle = tmp_path / "rule.json", tmp_path / "run", tmp_path / "x.bundle"
    evaluation, picture = tmp_path / "e.json", tmp_path / "curve.svg"
    config = tmp_path / "small.toml"
    config.write_text("cells = 16\nshards = 1\ncopies = 4\nwidth = 16\niterations = 3\n")
    invoke("tune", "--out", rule, "--minutes", "0.01")
    invoke("train", "--config", config, "--rule", rule, "--out", run)
    assert Run(run).config().rule.headroom == json.loads(rule.read_text())["rule"]["headroom"]
    who = f"static,rule:{rule},policy:{run}"
    seeds = ("--seeds", "0:8", "--periods", "5", "--warmup", "2")
    output = invoke("evaluate", "--controllers", who, *seeds, "--json", evaluation)
    assert "policy" in output
    document = json.loads(evaluation.read_text())
    assert document["purpose"] == "evaluation"
    assert set(document["differences"]) == {"policy - static", "policy - rule"}
    created = "2026-01-01T00:00:00+00:00"
    export = ("export", run, "--evaluation", evaluation, "--created", created)
    invoke(*export, "--out", bundle)
    manifest = read_bundle(bundle.read_bytes()).manifest
    assert manifest.created == created
    assert manifest.evaluation == {"default": document}
    invoke("evaluate", "--controllers", f"policy:{bundle}", *seeds, "--intents", "random")
    invoke("curve", run, "--rule", rule, "--out", picture, "--seeds", "0:8", "--periods", "5")
    assert picture.read_text().count("<path") > 20


def test_rules_are_tuned_within_a_budget(tmp_path: Path) -> None:
    file = tmp_path / "first.json"
    tune = ("tune", "--what", "urllc-first", "--intents", "random", "--out", file)
    invoke(*tune, "--budget", str(32 * 16 * 80))
    document = json.loads(file.read_text())
    assert document["compute"]["last"]["periods"] == 32 * 16 * 80
    assert document["compute"]["budget"] == "40960 periods"
    controllers = f"urllc-first,tuned=urllc-first:{file},clairvoyant"
    evaluate = ("evaluate", "--periods", "3", "--warmup", "1", "--seeds", "0:4")
    assert "clairvoyant" in invoke(*evaluate, "--controllers", controllers)
    with pytest.raises(ValueError, match="--what: 'rules' is none of rule, constant"):
        invoke("tune", "--what", "rules", "--out", file)
    with pytest.raises(ValueError, match="--intents: 'some' is neither"):
        invoke("tune", "--intents", "some", "--out", file)


def test_coupled_cells_are_refused_wherever_cells_are_independent_draws(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    out = tmp_path / "out"
    commands: list[tuple[str | Path, ...]] = [
        ("train", "--out", out, "--cells", "448"),
        ("tune", "--out", out),
        ("evaluate", "--controllers", "static", "--seeds", "0:7"),
        ("curve", tmp_path, "--out", out, "--seeds", "0:7"),
    ]
    for command in commands:
        with pytest.raises(
            ValueError, match=r"'highway': interference\.coupled_cells: 7 .*needs 1"
        ):
            invoke(*command, "--scenario", "highway")
    for made in (
        Setting(scenario="highway").make_twin,
        lambda: SlicingParallelEnv(scenario="highway"),
    ):
        with pytest.raises(ValueError, match=r"interference\.coupled_cells"):
            made()
    assert not out.exists()


def test_seeds_of_another_purpose_are_refused() -> None:
    with pytest.raises(SeedError, match="2000000:2000008 are not for this purpose"):
        invoke("evaluate", "--controllers", "static", "--seeds", "2000000:2000008")


def test_errors_end_in_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = tmp_path / "bad.toml"
    config.write_text("cels = 3")
    with pytest.raises(ConfigError):
        invoke("train", "--config", config, "--out", tmp_path / "run")
    monkeypatch.setattr("sys.argv", ["trainer", "train", "--config", str(config)])
    with pytest.raises(SystemExit) as end:
        cli.app()
    assert end.value.code == 2
    assert "cels: unknown" in capsys.readouterr().err
