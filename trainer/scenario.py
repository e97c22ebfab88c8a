"""Scenarios that the trainer can take: those whose cells are independent draws."""

from e2sim.scenario import Scenario, load_scenario


def independent(name_or_path: str) -> Scenario:
    """A scenario, bundled or of a file, as `e2sim.scenario.load_scenario` finds it.

    Copies of a cell that share their noise, seeds drawn cell by cell, and intervals over cells all
    take a cell for a draw of its own, which one of a group of coupled cells is not.

    Raises:
        ValueError: there is no such scenario, or its cells are coupled.
        OSError: there is no such file.
    """
    scenario = load_scenario(name_or_path)
    group = scenario.interference.coupled_cells
    if group > 1:
        raise ValueError(
            f"scenario {name_or_path!r}: interference.coupled_cells: {group} cells disturb each "
            "other, and training and evaluation take cells for independent draws: needs 1"
        )
    return scenario
