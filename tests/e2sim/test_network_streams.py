"""The streams of random numbers: no two purposes share one."""

import ast
from importlib import import_module
from pathlib import Path
from typing import Final

import e2sim
from e2sim.faults import streams as faults
from e2sim.network import noise

ROOT: Final = Path(e2sim.__file__).parent
OF_THE_KERNEL: Final = {
    name: value
    for name, value in vars(noise).items()
    if name.isupper() and isinstance(value, int) and name not in ("UPLINK", "BRANCH")
}
OF_THE_FAULTS: Final = {"TIMES": faults.TIMES, "GARBLE": faults.GARBLE}


def purposes() -> list[tuple[str, str, ast.expr]]:
    """Module, its name, and the last argument of every call that starts a stream."""
    found = []
    for path in sorted(ROOT.rglob("*.py")):
        module = ".".join(("e2sim", *path.relative_to(ROOT).with_suffix("").parts))
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("stream", "streams"):
                found.append((module, ast.unparse(node), node.args[2]))
    return found


def test_every_stream_has_a_purpose_of_its_own() -> None:
    once = {**OF_THE_KERNEL, **OF_THE_FAULTS}
    again = {f"uplink's {name}": noise.UPLINK + value for name, value in OF_THE_KERNEL.items()}
    values = [*once.values(), *again.values(), noise.BRANCH, noise.UPLINK]
    assert len(set(values)) == len(values)


def test_every_stream_starts_with_one_of_those_purposes() -> None:
    found = purposes()
    assert len(found) > 15
    for module, call, purpose in found:
        names = [n.id for n in ast.walk(purpose) if isinstance(n, ast.Name)]
        (constant,) = [n for n in names if n.isupper() and n != "UPLINK"] or [""]
        known = {**OF_THE_KERNEL, **OF_THE_FAULTS, "BRANCH": noise.BRANCH}
        assert constant in known or call.endswith("purpose)"), (module, call)
        if constant in known:
            assert getattr(import_module(module), constant) == known[constant], (module, call)
            allowed = {constant, "carrier", "UPLINK"}
            assert set(names) <= allowed, (module, call)
