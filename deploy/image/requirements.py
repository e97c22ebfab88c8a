"""The requirements of one image, out of pyproject.toml: `requirements.py xapp pyproject.toml`.

The package has one list of dependencies; an image leaves out what its program never imports.
"""

import re
import sys
import tomllib
from pathlib import Path
from typing import Final

SERVING: Final = {"fakeredis", "fastapi", "onnxruntime", "prometheus-client", "redis", "uvicorn"}

LEFT_OUT: Final[dict[str, set[str]]] = {
    "xapp": {"numba"},
    "e2sim": SERVING,
    "trainer": SERVING - {"onnxruntime"},
}
"""Dependencies that an image does without, by the image's name."""

EXTRAS: Final[dict[str, tuple[str, ...]]] = {"xapp": (), "e2sim": (), "trainer": ("trainer",)}
"""Optional dependencies that an image has."""

BUILD: Final = "build"
"""Stands for the build of the compiled wheel in the place of an image's name."""


def name_of(requirement: str) -> str:
    """The normalised project name of a requirement (PEP 503)."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    if found is None:
        raise ValueError(f"{requirement!r} does not start with a project name")
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def requirements(image: str, pyproject: str) -> list[str]:
    """Requirements to install before the package itself.

    Raises:
        ValueError: there is no such image, or it leaves out what is no dependency.
    """
    if image not in LEFT_OUT:
        raise ValueError(f"{image!r} is not one of {', '.join(LEFT_OUT)}")
    project = tomllib.loads(pyproject)["project"]
    wanted = list(project["dependencies"])
    if unknown := LEFT_OUT[image] - {name_of(r) for r in wanted}:
        raise ValueError(f"{image}: {', '.join(sorted(unknown))}: not in project.dependencies")
    for extra in EXTRAS[image]:
        wanted += project["optional-dependencies"][extra]
    return [r for r in wanted if name_of(r) not in LEFT_OUT[image]]


def build_requirements(pyproject: str) -> list[str]:
    """What the compiled wheel is built with, besides the libraries of its program."""
    document = tomllib.loads(pyproject)
    hook = document["tool"]["hatch"]["build"]["targets"]["wheel"]["hooks"]["custom"]
    return [*document["build-system"]["requires"], *hook["dependencies"]]


if __name__ == "__main__":
    text = Path(sys.argv[2]).read_text("utf-8")
    wanted = build_requirements(text) if sys.argv[1] == BUILD else requirements(sys.argv[1], text)
    print("\n".join(wanted))
