"""Which build runs: the plain sources, or the one whose hot modules are compiled."""

from importlib import metadata
from importlib.machinery import EXTENSION_SUFFIXES
from types import ModuleType

from xapp.service import decider


def compiled(module: ModuleType = decider) -> bool:
    """Whether a module, by default one of those that the compiled build compiles, is compiled."""
    return (module.__file__ or "").endswith(tuple(EXTENSION_SUFFIXES))


def labels() -> dict[str, str]:
    """Labels of `slicepilot_build_info`."""
    return {"version": metadata.version("slicepilot"), "compiled": str(compiled()).lower()}
