"""Files under test."""

from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).parents[2]
RULES: Final = ROOT / "helm" / "slicepilot" / "files" / "prometheus" / "rules.yml"
RUNBOOKS: Final = ROOT / "docs" / "runbooks"


def document(*path: str) -> Any:
    """A YAML file of the repository."""
    return yaml.safe_load(ROOT.joinpath(*path).read_text("utf-8"))


def rules() -> list[dict[str, Any]]:
    """All rules, in the file's order."""
    return [rule for group in document(*RULES.parts[-5:])["groups"] for rule in group["rules"]]


def alerts() -> list[dict[str, Any]]:
    """The rules that alert."""
    return [rule for rule in rules() if "alert" in rule]
