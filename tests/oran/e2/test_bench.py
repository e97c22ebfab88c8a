"""The bench of the codec runs, and says what each of its figures is."""

import os

import pytest

if os.environ.get("CI") != "true":
    pytest.importorskip("pycrate_asn1dir")
    pytest.importorskip("asn1tools")
from bench import codec
from bench.loop import LOOP_KEYS, loop


def test_every_case_runs_and_is_described() -> None:
    cases = codec.cases()
    assert cases.keys() | LOOP_KEYS.keys() == codec.KEYS.keys()
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
    monkeypatch.setattr(codec, "loop", lambda: loop(2, 1.0))
    figures = codec.run()
    assert figures.keys() == codec.KEYS.keys()
    may_be_none = {"loop_late", "loop_rss_growth_kib"}
    assert all(value > 0 for key, value in figures.items() if key not in may_be_none)
