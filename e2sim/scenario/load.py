"""Scenarios from their documents: YAML files, bundled or of the user."""

from importlib.resources import files
from pathlib import Path
from typing import Final

import yaml

from e2sim.document import read
from e2sim.lines import line_of
from e2sim.scenario.scenario import Scenario, check_scenario

BUNDLED: Final = ("mixed", "night", "overload", "factory", "stadium", "edge", "city")
"""Scenarios that come with the package."""


def load_scenario(name_or_path: str) -> Scenario:
    """A bundled scenario by its name, or one from a YAML file.

    Raises:
        ValueError: the document is no scenario; the message names the file's line, the path in
            the document, what stands there and what may.
        OSError: there is no such file.
    """
    if name_or_path in BUNDLED:
        text = files("e2sim.scenarios").joinpath(f"{name_or_path}.yaml").read_text("utf-8")
    else:
        text = Path(name_or_path).read_text("utf-8")
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(f"{name_or_path}: not YAML: {error}") from error
    try:
        return parse_scenario(document)
    except ValueError as error:
        path, _, _ = str(error).partition(":")
        raise ValueError(f"{name_or_path}, line {line_of(text, path)}: {error}") from error


def parse_scenario(document: object) -> Scenario:
    """A scenario from a YAML or JSON document, checked.

    Raises:
        ValueError: as `load_scenario`, without a line.
    """
    scenario: Scenario = read(Scenario, document, "")
    check_scenario(scenario)
    return scenario
