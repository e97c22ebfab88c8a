"""The bench of the codec runs, and says what each of its figures is."""

import os

import pytest

if os.environ.get("CI") != "true":
    pytest.importorskip("pycrate_asn1dir")
from bench import codec


def test_every_case_runs_and_is_described() -> None:
    cases = codec.cases()
    assert cases.keys() == codec.KEYS.keys()
    for call in cases.values():
        call()


def test_figures_are_positive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec, "ROUNDS", 2)
    monkeypatch.setattr(codec, "CALLS", 1)
    figures = codec.run()
    assert figures.keys() == codec.KEYS.keys()
    assert all(microseconds > 0 for microseconds in figures.values())
