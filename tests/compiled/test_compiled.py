"""The compiled build answers as the sources do, and passes their tests.

Runs in a copy of the tree whose packages come out of the compiled wheel. Without a C compiler the
check fails in CI and is skipped elsewhere.
"""

import os
import shutil
import subprocess
import sys
import tomllib
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

from deploy.compiled import PACKAGES, ROOT, BuildError, unpacked

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200), pytest.mark.xdist_group("compiled")]

OPTIONS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]
MODULES: list[str] = OPTIONS["targets"]["wheel"]["hooks"]["custom"]["modules"]

SUITES = (
    "tests/oran/e2", "tests/oran/e2_connection", "tests/decision", "tests/xapp_e2",
    "tests/xapp/test_decide.py", "tests/xapp/test_tally.py",
)  # fmt: skip
LEFT_OUT = {
    "tests/decision/test_barring.py": "calls the functions of one cell with numpy's numbers",
    "tests/decision/test_batch.py": "compiles their sources, as the trainer does",
    "tests/decision/test_rules.py": "as test_barring.py",
    "tests/oran/e2/test_bench.py": "measures the generic types, which are not compiled",
    "tests/oran/e2/test_round_trip.py": "checks them",
    "tests/oran/e2/test_witness.py": "checks them",
    "tests/oran/e2_connection/test_short_ways.py": "derives from a compiled class",
    "tests/xapp_e2/test_effect_twin.py": "compiles the twin, for minutes",
}
REPLACING = {
    "tests/xapp/test_decide.py": ["an_unexpected_failure_is_a_problem_and_the_service_goes_on"],
    "tests/xapp_e2/test_round.py": ["a_flaw_in_carrying_out_ends_one_association"],
    "tests/xapp_e2/test_session.py": ["a_flaw_of_the_decider_costs_one_decision"],
    "tests/xapp_e2/test_terminator_faults.py": [
        "a_flaw_of_a_session_ends_its_association_alone",
        "a_flaw_in_looking_after_a_session_ends_it_alone",
    ],
}
"""Tests that replace methods of objects, which compiled ones do not allow."""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree with compiled packages."""
    try:
        packages = unpacked()
    except BuildError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))
    copy = tmp_path_factory.mktemp("compiled") / "tree"
    shutil.copytree(packages, copy)
    for name in ("tests", "bench", "deploy", "docs", "helm"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in ROOT.iterdir():
        if path.is_file():
            shutil.copy(path, copy)
    return copy


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python with arguments, on the packages of a folder."""
    shared = os.environ.get("SLICEPILOT_SHARED", str(ROOT.parent / "shared"))
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=os.environ | {"SLICEPILOT_SHARED": str(Path(shared).absolute())},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_wheel_has_the_modules_compiled_and_their_sources(tree: Path) -> None:
    names = [module.removesuffix(".py").replace("/", ".") for module in MODULES]
    code = (
        "import importlib, sys\n"
        "for name in sys.argv[1:]: print(importlib.import_module(name).__file__)\n"
        "from xapp.service import build; print(build.labels()['compiled'])"
    )
    done = run(tree, "-c", code, *names)
    assert done.returncode == 0, done.stderr
    *files, label = done.stdout.split()
    assert label == "true"
    for module, file in zip(MODULES, files, strict=True):
        assert file.startswith(str(tree / module.removesuffix(".py")))
        assert file.endswith(tuple(EXTENSION_SUFFIXES))
        assert (tree / module).read_bytes() == (ROOT / module).read_bytes()


def test_nothing_compiled_lies_beside_the_sources(tree: Path) -> None:
    for package in PACKAGES:
        assert not [*(ROOT / package).rglob("*.so"), *(ROOT / package).rglob("*.c")]


def test_answers_are_those_of_the_sources(tree: Path) -> None:
    count = os.environ.get("SLICEPILOT_ANSWERS", "2000")
    plain, compiled = (
        run(folder, "-m", "tests.compiled.answers", count, "5") for folder in (ROOT, tree)
    )
    assert plain.returncode == 0, plain.stderr[-2000:]
    assert compiled.stdout.splitlines() == plain.stdout.splitlines(), compiled.stderr[-2000:]
    assert compiled.returncode == 0
    for kind in ("packets: refused", "connections: ", "sessions: decided", "decisions: "):
        assert kind in plain.stdout


def test_tests_pass(tree: Path) -> None:
    left_out = [f"--ignore={path}" for path in LEFT_OUT]
    for path, names in REPLACING.items():
        text = (ROOT / path).read_text("utf-8")
        assert all(f"def test_{name}(" in text for name in names)
        left_out += [f"--deselect={path}::test_{name}" for name in names]
    assert all((ROOT / path).is_file() for path in LEFT_OUT)
    done = run(tree, "-m", "pytest", "-q", "-p", "no:cacheprovider", *left_out, *SUITES)
    assert done.returncode == 0, done.stdout[-6000:]
    sys.stdout.write(done.stdout.splitlines()[-1])


def test_the_trainer_says_what_it_cannot_use(tree: Path) -> None:
    done = run(tree, "-c", "import trainer.core")
    assert done.returncode == 1
    assert "plain wheel" in done.stderr.splitlines()[-1]
