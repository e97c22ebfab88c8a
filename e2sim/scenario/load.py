"""Scenarios from their documents: YAML files, bundled or of the user."""

from importlib.resources import files
from pathlib import Path
from typing import Final

import yaml

from e2sim.document import read
from e2sim.lines import line_of
from e2sim.scenario.scenario import Scenario, check_scenario
from e2sim.scenario.sources import expanded

BUNDLED: Final = (
    "mixed",
    "night",
    "overload",
    "factory",
    "stadium",
    "edge",
    "uplink",
    "trace",
    "highway",
    "failure",
    "idle",
    "city",
)
"""Scenarios that come with the package."""


def load_scenario(name_or_path: str) -> Scenario:
    """A bundled scenario by its name, or one from a YAML file, with the traces it names.

    A trace's path is relative to the folder of the YAML file.

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
        return parse_scenario(document, Path(name_or_path).parent)
    except ValueError as error:
        path, _, _ = str(error).partition(":")
        raise ValueError(f"{name_or_path}, line {line_of(text, path)}: {error}") from error


def parse_scenario(document: object, folder: Path = Path()) -> Scenario:
    """A scenario from a YAML or JSON document, checked; paths in it are relative to `folder`.

    Raises:
        ValueError: as `load_scenario`, without a line.
    """
    scenario: Scenario = read(Scenario, _with_sources(document, folder), "")
    check_scenario(scenario)
    return scenario


def _with_sources(document: object, folder: Path) -> object:
    """The document with its named sources spelt out and its traces' paths whole.

    What is no scenario is left as it is.
    """
    if not isinstance(document, dict) or not isinstance(document.get("slices"), list):
        return document
    slices = [_with_source(part, f"slices[{i}]") for i, part in enumerate(document["slices"])]
    return {**document, "slices": [_with_trace(part, folder) for part in slices]}


def _with_trace(part: object, folder: Path) -> object:
    if isinstance(part, dict) and isinstance(part.get("trace"), str):
        return {**part, "trace": str(folder / part["trace"])}
    return part


def _with_source(part: object, path: str) -> object:
    """A slice, or its uplink, with its traffic's source spelt out."""
    if not isinstance(part, dict):
        return part
    made, traffic = dict(part), part.get("traffic")
    if isinstance(traffic, dict) and "source" in traffic:
        made["traffic"] = expanded(traffic, f"{path}.traffic")
    if "uplink" in part:
        made["uplink"] = _with_source(part["uplink"], f"{path}.uplink")
    return made
