"""What the hot modules answer to many inputs, in a few lines, whichever build runs.

    python -m tests.compiled.answers COUNT [SEED]

prints how many inputs met each outcome, and a digest of everything that came out: values down to
their last bit, octets, and the words of errors. Anything that is raised and not foreseen ends it:
the invariants are those of the codec's and the connection's fuzzing.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from random import Random

import numpy as np

from oran.e2 import e2ap
from oran.e2.connection import Connection, RemoteProtocolError, Role
from oran.e2.errors import DecodeError
from oran.e2.kpm.flat import Stamps, flat_report
from oran.intent import DEFAULT_INTENTS
from oran.measurements import CELL_MEASUREMENTS, SLICE_MEASUREMENTS
from oran.report import CellReport, SliceReport
from tests.oran.e2 import fuzz
from tests.oran.e2_connection.mutation import SEEDS, mutate
from tests.oran.e2_connection.test_fuzz import busy
from tests.strategies import values
from tests.xapp_e2.node import SNSSAIS, ScriptedNode, gnb
from tests.xapp_e2.rig import Pair, World
from xapp.decision.pipeline import Pipeline, Rows, reservation
from xapp.decision.policy import PolicyError
from xapp.decision.shield import Limits
from xapp.decision.targets import Targets

Answer = tuple[str, str]
"""What became of an input, and everything that came out."""


def packets(rng: Random) -> Iterator[Answer]:
    """Spoilt packets and payloads, to the codec."""
    pool = fuzz.seeds()
    stamps = Stamps()
    readers: dict[str, Callable[[bytes], object]] = {
        **{name: payload.decode for name, payload in fuzz.PAYLOADS.items()},
        "": e2ap.decode,
        "E2SM-KPM-IndicationMessage": flat_report,
        "E2SM-KPM-IndicationHeader": stamps.read,
    }
    while True:
        name, octets = rng.choice(pool)
        changed = fuzz.mutated(octets, pool, rng)
        fuzz.check(name, changed)
        try:
            yield "value", repr(readers[name](changed))
        except DecodeError as error:
            yield "refused", f"{error} {error.offset}"
        except ValueError as error:  # a format that is not read by position
            yield "unsupported", str(error)


def connections(rng: Random) -> Iterator[Answer]:
    """Spoilt packets, to a connection that is in the middle of something."""
    made: Connection = busy(Role.RIC)
    for i in range(sys.maxsize):
        if i % 200 == 0:
            made = busy(rng.choice(list(Role)))
        try:
            packet = rng.choice(SEEDS)
            event = made.receive(mutate(packet, rng) if i % 2 else packet, 1000.0 + i * 1e-3)
        except RemoteProtocolError as error:
            yield "violation", f"{error.reason} {error.answer!r}"
        else:
            yield type(event).__name__, repr(event)


def sessions(rng: Random) -> Iterator[Answer]:
    """Reports with values anywhere, some spoilt, to a session; and what it sends then."""
    generator = np.random.default_rng(rng.getrandbits(64))
    pair = Pair(World(), ScriptedNode(gnb(1))).set_up()
    while True:
        pair.pass_ms(pair.world.options.period_ms)
        missing = rng.choice((0.0, 0.0, 0.3))
        slices = tuple(
            SliceReport(s, values(SLICE_MEASUREMENTS, generator, missing)) for s in SNSSAIS
        )
        report = replace(
            pair.report(), values=values(CELL_MEASUREMENTS, generator, missing), slices=slices
        )
        message = pair.node.indication(pair.node.of_cell(report.cell), report)
        octets = pair.node.connection.send(message, pair.world.time.s)
        before = Counter(_outcomes(pair))
        pair.deliver(mutate(octets, rng) if rng.random() < 0.5 else octets)
        sent = [packet.hex() for packet in pair.to_node]
        pair.settle()
        new = Counter(_outcomes(pair)) - before
        yield ", ".join(sorted(new)) or "other", f"{sent} {pair.session.faults}"
        if not pair.session.cells or pair.session.removed or pair.cell().rejected > 200:
            pair = Pair(World(), ScriptedNode(gnb(1))).set_up()


def _outcomes(pair: Pair) -> dict[str, int]:
    name = "slicepilot_e2_indications_total"
    return {
        s.labels["outcome"]: int(s.value)
        for family in pair.world.registry.collect()
        for s in family.samples
        if s.name == name
    }


def decisions(rng: Random) -> Iterator[Answer]:
    """Reports with values anywhere and a policy that answers anything, to the pipeline."""
    generator = np.random.default_rng(rng.getrandbits(64))
    targets = Targets.of(DEFAULT_INTENTS)
    previous: Rows = reservation(len(DEFAULT_INTENTS))

    class Anything:
        def act(self, features: object, slices: int) -> tuple[list[float], float]:
            if rng.random() < 0.05:
                raise PolicyError("no answer")
            odd = rng.choice((0.0, 0.0, 0.0, float("nan"), float("inf"), 1e300))
            return [rng.gauss(0, 2) + odd for _ in range(4 * slices)], rng.gauss(0, 2)

    pipeline = Pipeline(Anything(), Limits())
    while True:
        missing = rng.choice((0.0, 0.2, 0.8, 1.0))
        report = CellReport(
            "n", "c", rng.getrandbits(32), rng.getrandbits(40), rng.randint(1, 60_000),
            values(CELL_MEASUREMENTS, generator, missing),
            tuple(
                SliceReport(i.snssai, values(SLICE_MEASUREMENTS, generator, missing))
                for i in DEFAULT_INTENTS
            ),
        )  # fmt: skip
        outcome = pipeline.decide(report, targets, previous)
        previous = outcome.allocation
        yield outcome.fallback.value, repr(outcome)


KINDS: dict[str, Callable[[Random], Iterator[Answer]]] = {
    f.__name__: f for f in (packets, connections, sessions, decisions)
}


def line(kind: str, count: int, seed: int) -> str:
    """Outcomes and digest of so many inputs of a kind."""
    digest, outcomes = sha256(), Counter[str]()
    for (what, detail), _ in zip(KINDS[kind](Random(seed)), range(count), strict=False):
        outcomes[what] += 1
        digest.update(f"{what} {detail}\n".encode())
    told = ", ".join(f"{what} {number}" for what, number in sorted(outcomes.items()))
    return f"{kind}: {told}: {digest.hexdigest()[:16]}"


def main() -> None:
    """The command line."""
    count, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    for kind in KINDS:
        sys.stdout.write(f"{line(kind, count, seed)}\n")


if __name__ == "__main__":
    main()
