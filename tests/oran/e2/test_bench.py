"""The bench of the codec runs, and says what each of its figures is."""

import os
from pathlib import Path

import pytest

if os.environ.get("CI") != "true":
    pytest.importorskip("pycrate_asn1dir")
    pytest.importorskip("asn1tools")
from bench import codec
from bench import loop as bench_loop
from bench.loop import BUILD_KEYS, LOOP_KEYS, both
from deploy.compiled import ROOT, BuildError


def test_every_case_runs_and_is_described() -> None:
    cases = codec.cases()
    assert cases.keys() | LOOP_KEYS.keys() | BUILD_KEYS.keys() == codec.KEYS.keys()
    for call in cases.values():
        call()


@pytest.mark.parametrize(
    ("ours", "control"),
    [
        ("e2ap_encode_us", "pycrate_e2ap_encode_us"),
        ("kpm_f1_encode_us", "asn1tools_kpm_f1_encode_us"),
    ],
)
def test_controls_give_the_same_octets(ours: str, control: str) -> None:
    cases = codec.cases()
    assert cases[control]() == cases[ours]()


def test_figures_are_positive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec, "ROUNDS", 2)
    monkeypatch.setattr(codec, "CALLS", 1)
    monkeypatch.setattr(bench_loop, "CELLS", 2)
    monkeypatch.setattr(bench_loop, "unpacked", _no_compiler)
    monkeypatch.setattr(codec, "both", lambda: both(1.0))
    figures = codec.run()
    assert figures.keys() == codec.KEYS.keys()
    may_be_none = {"loop_late", "loop_rss_growth_kib", "loop_compiled"}
    assert all(value > 0 for key, value in figures.items() if key not in may_be_none)


def test_both_builds_are_measured_where_one_can_be_compiled(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = []

    def measured(cells: int, seconds: float, packages: Path = ROOT) -> dict[str, float]:
        asked.append((cells, seconds, packages))
        return {"loop_reports_per_s": 8e3 if packages == ROOT else 1e4}

    monkeypatch.setattr(bench_loop, "loop", measured)
    monkeypatch.setattr(bench_loop, "unpacked", lambda: tmp_path)
    figures = {"loop_compiled": 1.0, "loop_plain_reports_per_s": 8e3, "loop_reports_per_s": 1e4}
    assert both(2.0, 1.0) == figures
    assert asked == [(100, 1.0, ROOT), (100, 2.0, tmp_path)]
    monkeypatch.setattr(bench_loop, "unpacked", _no_compiler)
    figures = {"loop_compiled": 0.0, "loop_plain_reports_per_s": 8e3, "loop_reports_per_s": 8e3}
    assert both(2.0, 1.0) == figures


def _no_compiler() -> Path:
    raise BuildError("gcc: no such program")
