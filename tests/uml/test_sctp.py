"""Kernel SCTP for real, in a guest whose kernel has it."""

import pytest

from tests.uml.guest import SECONDS, boot


@pytest.mark.slow
@pytest.mark.timeout(SECONDS + 150)
def test_two_namespaces() -> None:
    console = boot("init.sh")
    text = "\n".join(console)
    steps = [line.removeprefix("INIT ") for line in console if line.startswith("INIT ")]
    exchange = ("exchanged", "both ends noticed the cut", "reconnected", "closed in order")
    assert steps == [
        *(f"sctp: {step}" for step in exchange),
        *(f"tcp: {step}" for step in exchange),
        "loopback tests ended with 0",
        "done",
    ], text
    said = [line.removeprefix("EXCHANGE ") for line in console if line.startswith("EXCHANGE ")]
    reports = "ric: reports of [1, 65536, 150000, 250000] octets, each followed by a control"
    assert said.count(reports) == 4, text
    assert said.count("node: set up with functions [2, 3]") == 4, text
    assert "ric: from the node came streams and identifiers [(0, 70)]" in said, text
