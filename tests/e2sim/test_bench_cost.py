"""The measurement of what users and slices cost: it plays the cells that it says."""

from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner

from bench import cost
from e2sim.scenario import load_scenario


@pytest.mark.parametrize(("slices", "users"), [(1, 1), (3, 240), (16, 48), (7, 31)])
def test_cells_differ_in_users_and_slices_alone(slices: int, users: int) -> None:
    scenario, mixed = cost.scenario_of(slices, users), load_scenario("mixed")
    assert len(scenario.slices) == slices
    counts = [s.users for s in scenario.slices]
    assert sum(counts) == users
    assert max(counts) - min(counts) <= 1
    assert len({s.snssai for s in scenario.slices}) == slices
    if slices % 3 == 0:
        for side in range(2):
            asked = sum(s.traffic.load[side] for s in scenario.slices)
            assert asked == pytest.approx(sum(s.traffic.load[side] for s in mixed.slices))


def test_it_prints_every_point_and_draws_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cost, "USERS", (3, 9))
    monkeypatch.setattr(cost, "SLICES", (2,))
    app, picture = Typer(), tmp_path / "cost.png"
    app.command()(cost.main)
    done = CliRunner().invoke(app, ["--cells", "1", "--plot", str(picture)])
    assert done.exit_code == 0, done.output
    kinds = [line.split()[0:3:2] for line in done.output.splitlines()]
    assert kinds == [["3", "3"], ["3", "9"], ["2", "48"]]
    assert all(float(line.split()[4]) > 0.0 for line in done.output.splitlines())
    assert picture.read_bytes().startswith(b"\x89PNG")
