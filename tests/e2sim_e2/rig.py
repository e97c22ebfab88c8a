"""A node and a RIC in memory: the agent of one cell over a pair of connections, without sockets."""

import math
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from e2sim.e2.agent import Agent
from e2sim.e2.identity import Identity
from e2sim.e2.offer import FunctionIds, KpmVersion, Offer
from e2sim.e2.service import ReportService
from e2sim.e2.site import Site
from e2sim.e2.tally import Tally
from e2sim.faults import FaultsNow
from e2sim.network.report import Detail
from e2sim.network.uplink_report import UplinkReport
from e2sim.network.users import Users
from e2sim.scenario import Direction, Scenario, load_scenario
from oran.batch import AllocationBatch, ReportBatch
from oran.e2 import e2ap, kpm
from oran.e2.connection import Connection, Event, RemoteProtocolError, Role
from oran.e2.kpm import Measurement, MeasurementLabel
from oran.e2.per.string import Bits
from oran.measurements import CELL_MEASUREMENTS, SLICE_MEASUREMENTS
from oran.snssai import Snssai
from oran.uplink import UPLINK_CELL_MEASUREMENTS, UPLINK_MEASUREMENTS
from tests.strategies import values

SCENARIO = load_scenario("mixed")
SNSSAIS = tuple(s.snssai for s in SCENARIO.slices)
RIC_ID = e2ap.GlobalRicId(bytes.fromhex("00f110"), Bits(1, 20))
IDENTITY = Identity.of("00101", 0xE2, 0)


MOST = np.array([min(m.high // len(SNSSAIS), 1e6) for m in SLICE_MEASUREMENTS])
MOST_SENT = np.array([min(m.high // len(SNSSAIS), 1e6) for m in UPLINK_MEASUREMENTS])
"""Largest values, so that sums over slices and over periods stay within the catalogue."""


class FakeTwin:
    """Cells that report random values of the catalogue, and remember all they reported."""

    scenario: Scenario = SCENARIO
    snssais = SNSSAIS

    def __init__(self, cells: int = 1, seed: int = 1, missing: float = 0.2) -> None:
        self.cells = cells
        self.reports: list[ReportBatch] = []
        self.details: list[Detail] = []
        self.seen: list[Users] = []
        self.allocations: list[AllocationBatch] = []
        self.uplinks: list[UplinkReport] = []
        self.sent: list[Detail] = []
        self._missing = missing
        self._rng = np.random.default_rng(seed)
        self._uplink_rng = np.random.default_rng([seed, 1])

    def step(self, allocation: AllocationBatch) -> ReportBatch:
        """Another period, whatever the allocation."""
        n, s, rng = self.cells, len(self.snssais), self._rng
        self.allocations.append(
            AllocationBatch(allocation.slices.copy(), allocation.tx_power_offset_db.copy())
        )
        batch = ReportBatch(
            self.scenario.period_ms,
            np.array([values(CELL_MEASUREMENTS, rng, self._missing) for _ in range(n)]),
            np.array(
                [
                    [values(SLICE_MEASUREMENTS, rng, self._missing) for _ in range(s)]
                    for _ in range(n)
                ]
            ),
            np.ones((n, s), np.bool_),
        )
        batch.slices[...] = np.minimum(batch.slices, MOST)
        counts: dict[str, Any] = {f.name: rng.integers(0, 1000, (n, s)) for f in fields(Detail)}
        self.reports.append(batch)
        self.details.append(Detail(**counts | {"energy_j": np.zeros(n)}))
        u = sum(x.users for x in self.scenario.slices)
        shape = (n, u)
        self.seen.append(
            Users(
                np.repeat(np.arange(s), [x.users for x in self.scenario.slices]),
                rng.integers(0, 10**6, shape),
                rng.integers(0, 200, shape),
                rng.integers(0, 10**5, shape),
                rng.integers(0, 16, shape),
                rng.integers(0, 29, shape),
                np.ones(shape, np.bool_),
                np.arange(math.prod(shape)).reshape(shape),
            )
        )
        if self.scenario.has_uplink:
            self._send()
        return batch

    def _send(self) -> None:
        """Another period of the uplink."""
        n, s, rng = self.cells, len(self.snssais), self._uplink_rng
        cell = [values(UPLINK_CELL_MEASUREMENTS, rng, self._missing) for _ in range(n)]
        slices = [
            [values(UPLINK_MEASUREMENTS, rng, self._missing) for _ in range(s)] for _ in range(n)
        ]
        self.uplinks.append(UplinkReport(np.array(cell), np.minimum(np.array(slices), MOST_SENT)))
        counts: dict[str, Any] = {f.name: rng.integers(0, 1000, (n, s)) for f in fields(Detail)}
        self.sent.append(Detail(**counts | {"energy_j": np.zeros(n)}))

    def detail(self, direction: Direction = "downlink") -> Detail:
        """Of the last period."""
        return (self.details if direction == "downlink" else self.sent)[-1]

    def uplink_report(self) -> UplinkReport:
        """Of the last period."""
        return self.uplinks[-1]

    def users(self) -> Users:
        """Of the last period."""
        return self.seen[-1]

    def faults(self) -> FaultsNow | None:
        """None."""
        return None


def grant(request: e2ap.E2SetupRequest) -> e2ap.E2SetupResponse:
    """The RIC takes the node."""
    success = e2ap.ComponentAck(e2ap.UpdateOutcome.SUCCESS)
    return e2ap.E2SetupResponse(
        request.transaction_id,
        RIC_ID,
        tuple(e2ap.ComponentAnswer(c.interface, c.id, success) for c in request.components),
    )


@dataclass
class Pair:
    """Both ends, set up.

    Attributes:
        node, ric: their connections.
        received: what the RIC got, and has not been asked for.
    """

    names: bool = False
    version: KpmVersion = KpmVersion.V3_00
    ids: FunctionIds = FunctionIds()  # noqa: RUF009 - frozen
    twin: Any = field(default_factory=FakeTwin)

    def __post_init__(self) -> None:
        self.site = Site(self.twin)
        self.tally = Tally()
        self.now_s = 0.0
        self.end_ms = 1_700_000_000_000
        offer = Offer(IDENTITY, self.site.snssais, self.ids, self.version, self.site.uplink)
        self.node, self.ric = Connection(Role.NODE), Connection(Role.RIC)
        self.reports = ReportService(
            offer, self.site.period_ms, self.site.users, self.tally, names=self.names
        )
        self.agent = Agent(
            offer, self.site.cell(0), self.reports, self.node.new_transaction_id, self.tally
        )
        self.received: list[Event | RemoteProtocolError] = []
        self.setup = self.agent.setup()
        self.from_node(self.setup)
        self.received.clear()
        self.ask(grant(self.setup))

    def from_node(self, message: e2ap.Message) -> None:
        """The node sends."""
        packet = self.node.send(message, self.now_s)
        self.received.append(self.ric.receive(packet, self.now_s))

    def ask(self, message: e2ap.Message) -> Event | RemoteProtocolError | None:
        """The RIC sends; returns what it gets for it, if anything."""
        self.to_node(self.ric.send(message, self.now_s))
        return self.received.pop() if self.received else None

    def to_node(self, packet: bytes) -> None:
        """Octets reach the node."""
        try:
            item: Event | RemoteProtocolError = self.node.receive(packet, self.now_s)
        except RemoteProtocolError as error:
            item = error
        answer = self.agent.handle(item)
        if answer is not None:
            self.from_node(answer)

    def tick(self, periods: int = 1) -> list[e2ap.RicIndication]:
        """Play; returns the indications as the RIC has them."""
        found = []
        for _ in range(periods):
            self.end_ms += self.site.period_ms
            (period,) = self.site.play(self.end_ms, with_users=self.reports.wants_users)
            for indication in self.reports.due(period, self.node.subscriptions):
                self.from_node(indication)
                event = self.received.pop()
                message = getattr(event, "message", None)
                assert isinstance(message, e2ap.RicIndication), event
                found.append(message)
        return found

    def subscribe(self, *actions: kpm.ActionDefinition | None, period_ms: int = 100) -> object:
        """A subscription, with actions from 1 on; returns what the RIC gets for it."""
        return self.ask(self.subscription(*actions, period_ms=period_ms))

    def subscription(
        self, *actions: kpm.ActionDefinition | None, period_ms: int = 100
    ) -> e2ap.RicSubscriptionRequest:
        """The request for it."""
        return e2ap.RicSubscriptionRequest(
            self.ric.new_request_id(),
            self.ids.kpm,
            e2ap.SubscriptionDetails(
                kpm.EVENT_TRIGGER.encode(kpm.EventTrigger(period_ms)),
                tuple(
                    e2ap.Action(
                        i,
                        e2ap.ActionType.REPORT,
                        None if a is None else kpm.ACTION_DEFINITION.encode(a),
                    )
                    for i, a in enumerate(actions, 1)
                ),
            ),
        )


def asking(*names: str | tuple[str, Snssai]) -> tuple[Measurement, ...]:
    """Measurements of the cell by name, and of slices by name and S-NSSAI."""
    return tuple(
        Measurement(name, (kpm.NO_LABEL,))
        if isinstance(name, str)
        else Measurement(name[0], (MeasurementLabel(slice=name[1]),))
        for name in names
    )


def of_cell(
    *measurements: Measurement, granularity_ms: int = 100, cell: object = IDENTITY.cgi
) -> kpm.ActionDefinition:
    """An action of style 1."""
    asked = kpm.ActionFormat1(measurements, granularity_ms, cell)  # type: ignore[arg-type]
    return kpm.ActionDefinition(1, asked)


def of_users(
    *measurements: Measurement,
    conditions: tuple[kpm.UeCondition, ...],
    granularity_ms: int = 100,
) -> kpm.ActionDefinition:
    """An action of style 4."""
    asked = kpm.ActionFormat1(measurements, granularity_ms)
    return kpm.ActionDefinition(4, kpm.ActionFormat4(conditions, asked))


def slice_is(sst: int, *, logical_or: bool = False) -> kpm.UeCondition:
    """Users of slices of a type."""
    test = kpm.TestCondition(kpm.TestType.S_NSSAI, kpm.TestExpression.EQUAL, sst)
    return kpm.UeCondition(test, logical_or)


def same(value: object, expected: float) -> bool:
    """Whether a value of the wire is the expected one, NaN being no value."""
    if math.isnan(expected):
        return value is None
    return isinstance(value, int | float) and math.isclose(value, expected, rel_tol=1e-9)
