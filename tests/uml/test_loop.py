"""Emulator and xApp over kernel SCTP: set-up to measured effect, a reset, a cut and a reconnect."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.uml.guest import REPO, SECONDS, boot, runner
from tests.uml.loop import DIRECT, REPORTS, THROUGH_RELAY
from tests.uml.programs import SCENARIO

Said = dict[str, Any]

AFTER_A_RESET = {
    "RicSubscriptionRequest",
    "RicSubscriptionResponse",
    "RicIndication",
    "RicControlRequest",
    "RicControlAcknowledge",
}
STALLED = {"RicSubscriptionDeleteRequest", "RicSubscriptionDeleteResponse", "ErrorIndication"}
"""What a host that lets the guest stand for seconds brings about: reports and answers are late."""


def fill_cache(folder: Path) -> None:
    """Compile the twin: the guest, which can write to none of the host's folders, needs it."""
    command = [sys.executable, "-c", "from e2sim.cli import app; app()", "run", "--speed", "0"]
    command += [
        "--scenario",
        str(SCENARIO),
        "--limit",
        "2",
        "--target",
        str(folder / "reports.jsonl"),
    ]
    env = os.environ | {"NUMBA_CACHE_DIR": str(folder)}
    subprocess.run(command, env=env, cwd=REPO, capture_output=True, check=True, timeout=SECONDS)


def stages_of(console: list[str]) -> dict[str, Said]:
    """What was told of each stage, in their order."""
    told = [json.loads(line[5:]) for line in console if line.startswith("LOOP ")]
    return {stage["stage"]: stage for stage in told}


def count(said: Said, name: str, **labels: str) -> float:
    """A counter of the E2 terminator."""
    text = ",".join(f'{key}="{value}"' for key, value in labels.items())
    value: float = said["metrics"][f"slicepilot_e2_{name}" + (f"{{{text}}}" if text else "")]
    return value


def check_served(said: Said, name: str) -> None:
    """A node that is there, with one cell that is controlled and shows it."""
    node = said["nodes"][name]
    assert (node["present"], node["problems"], node["lacking"]) == (True, [], [])
    (cell,) = node["cells"]
    assert cell["subscription"] == "active"
    assert cell["reports"] >= REPORTS
    assert (cell["unknown"], cell["distrusts"], cell["trusted"]) == ([], 0, True)


def check_emulator(said: Said) -> None:
    """A run in which nothing was refused and nothing broke the protocol."""
    assert (said["status"], said["stopped"]) == (0, "SIGTERM")
    assert min(said["controls_applied"][name] for name in ("E2SM-RC", "E2SM-SPC")) > 0
    for trouble in ("setup_failures", "actions_refused", "controls_refused", "protocol_errors"):
        assert said[trouble] == {}, trouble
    assert (said["removals"], said["unanswered"]) == (0, 0)


def check_controlled(said: Said) -> None:
    """Both nodes are served by their first association."""
    for name in (DIRECT, THROUGH_RELAY):
        check_served(said, name)
        assert (said["nodes"][name]["setups"], said["nodes"][name]["lost"]) == (1, "")
    assert count(said, "setups_total") == 2
    assert count(said, "subscriptions_total", event="admitted") >= 2
    assert count(said, "indications_total", outcome="decided") >= 2 * REPORTS
    assert count(said, "effects_total", verdict="effective") > 0
    for model in ("rc", "spc"):
        assert count(said, "control_answers_total", model=model, outcome="acknowledged") > 0


def check_reset(said: Said, emulator: Said) -> None:
    """The same association, another subscription; decisions and their effect go on."""
    check_served(said, THROUGH_RELAY)
    assert count(said, "setups_total") == 2
    assert set(said["carried"]) - STALLED == AFTER_A_RESET
    made = {e: count(said, "subscriptions_total", event=e) for e in ("admitted", "stale", "lost")}
    assert made["lost"] >= 1  # by the reset
    assert made["admitted"] - made["stale"] - made["lost"] == 2  # one of each node is left
    check_emulator(emulator)
    assert (emulator["setups"], emulator["losses"], emulator["resets"]) == (1, 0, 1)
    # A subscription that the xApp makes anew for want of reports is deleted, other than by a reset.
    assert emulator["subscriptions"] - emulator["deleted"] == 2


def check_cut(stages: dict[str, Said]) -> None:
    """Both ends have noticed, and found each other again."""
    away = stages["cut"]["nodes"][DIRECT]
    assert (away["present"], away["setups"], away["cells"]) == (False, 1, [])
    assert away["lost"]
    back = stages["reconnected"]
    check_served(back, DIRECT)
    assert back["nodes"][DIRECT]["setups"] == 2
    for name, labels in (
        ("indications_total", {"outcome": "decided"}),
        ("effects_total", {"verdict": "effective"}),
        ("subscriptions_total", {"event": "admitted"}),
    ):
        assert count(back, name, **labels) > count(stages["cut"], name, **labels), name
    emulator = stages["direct"]
    check_emulator(emulator)
    assert (emulator["setups"], emulator["reconnects"], emulator["resets"]) == (2, 1, 0)
    assert emulator["losses"] >= 1


def check_end(said: Said, emulators: list[Said]) -> None:
    """No association was made or refused but those told of, and no end did wrong."""
    assert count(said, "setups_total") == 3
    assert count(said, "nodes") == 0
    assert count(said, "associations_refused_total") == 0
    for kind in ("internal", "replaced"):
        assert count(said, "faults_total", kind=kind) == 0, kind
    for outcome in ("unreadable", "failed"):
        assert count(said, "indications_total", outcome=outcome) == 0, outcome
    late = sum(count(said, "subscriptions_total", event=event) for event in ("timed_out", "stale"))
    for model in ("rc", "spc"):
        assert count(said, "control_answers_total", model=model, outcome="refused") == 0
        late += count(said, "control_answers_total", model=model, outcome="timed_out")
    # An answer after its time is an error of whoever gives it, and nothing else is.
    assert count(said, "faults_total", kind="protocol") <= late
    assert count(said, "faults_total", kind="error_indication") == 0
    assert sum(sum(e["error_indications"].values()) for e in emulators) <= late


@pytest.mark.slow
@pytest.mark.timeout(2 * SECONDS + 150)
def test_the_loop_survives_a_reset_and_a_cut(tmp_path: Path) -> None:
    runner()  # no need to compile where there is no guest
    fill_cache(tmp_path)
    console = boot("loop.sh", NUMBA=tmp_path)
    print("\n".join(console))
    stages = stages_of(console)
    order = ["controlled", "reset", "relayed", "cut", "reconnected", "direct", "left", "xapp"]
    assert list(stages) == order
    assert "INIT the loop ended with 0" in console
    check_controlled(stages["controlled"])
    check_reset(stages["reset"], stages["relayed"])
    check_cut(stages)
    check_end(stages["left"], [stages["relayed"], stages["direct"]])
    assert stages["xapp"]["status"] == 0
