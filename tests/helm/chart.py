"""The chart: rendered by a real helm, read back as documents."""

import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).parents[2]
CHART: Final = ROOT / "helm" / "slicepilot"
SETS: Final = ("default", "embedded", "external", "production", "emulator", "e2", "core")
"""The value sets that come with the chart, in its folder ci/."""

RELEASE: Final = "west"
NAMESPACE: Final = "ricxapp"

Document = dict[str, Any]


def values_of(name: str) -> Path:
    """The file of one of `SETS`."""
    return CHART / "ci" / f"{name}-values.yaml"


class HelmError(RuntimeError):
    """helm refused; the message is what it wrote on standard error."""


@dataclass(frozen=True)
class Helm:
    """A helm program."""

    program: str

    def run(self, *arguments: str) -> str:
        """Standard output of one command.

        Raises:
            HelmError: it did not end with 0.
        """
        done = subprocess.run(
            [self.program, *arguments], capture_output=True, text=True, check=False, cwd=ROOT
        )
        if done.returncode != 0:
            raise HelmError(done.stdout + done.stderr)
        return done.stdout

    def template(
        self,
        *values: Path | Mapping[str, Any],
        release: str = RELEASE,
        chart: Path = CHART,
    ) -> "Manifests":
        """What the chart becomes with these values, the later ones above the earlier."""
        with tempfile.TemporaryDirectory() as folder:
            arguments: list[str] = []
            for i, value in enumerate(values):
                if isinstance(value, Path):
                    file = value
                else:
                    file = Path(folder) / f"{i}.yaml"
                    file.write_text(yaml.safe_dump(dict(value)), "utf-8")
                arguments += ["--values", str(file)]
            text = self.run("template", release, str(chart), "--namespace", NAMESPACE, *arguments)
        return Manifests.parse(text)


@dataclass(frozen=True)
class Manifests:
    """Kubernetes documents of one rendering."""

    documents: tuple[Document, ...]

    @classmethod
    def parse(cls, text: str) -> "Manifests":
        """The documents of a YAML stream; a key that stands twice is an error."""
        return cls(tuple(d for d in yaml.load_all(text, _UniqueLoader) if d))

    def __iter__(self) -> Iterator[Document]:
        return iter(self.documents)

    def kinds(self) -> set[str]:
        """Kinds of the documents."""
        return {d["kind"] for d in self.documents}

    def of(self, kind: str, component: str = "xapp") -> list[Document]:
        """Documents of a kind that belong to a component."""
        return [
            d
            for d in self.documents
            if d["kind"] == kind
            and d["metadata"]["labels"]["app.kubernetes.io/component"] == component
        ]

    def one(self, kind: str, component: str = "xapp") -> Document:
        """The only document of a kind and component."""
        (document,) = self.of(kind, component)
        return document

    def pods(self) -> dict[str, Document]:
        """Pods by component: `metadata` and `spec` of each template, and of bare pods."""
        found = {}
        for d in self.documents:
            if d["kind"] in ("Deployment", "StatefulSet"):
                pod = d["spec"]["template"]
            elif d["kind"] == "Pod":
                pod = d
            else:
                continue
            found[pod["metadata"]["labels"]["app.kubernetes.io/component"]] = pod
        return found


class _UniqueLoader(yaml.SafeLoader):
    """YAML in which a key may stand once in a mapping."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = {str(k) for k in keys if keys.count(k) > 1}
        if twice:
            raise yaml.MarkedYAMLError(
                problem=f"{', '.join(sorted(twice))} stands twice", problem_mark=node.start_mark
            )
        return super().construct_mapping(node, deep)


def containers(pods: Iterable[Document]) -> Iterator[Document]:
    """Every container of the pods, those that run before the others included."""
    for pod in pods:
        yield from pod["spec"].get("initContainers", ())
        yield from pod["spec"]["containers"]
