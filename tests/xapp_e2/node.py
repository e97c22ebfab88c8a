"""A scripted E2 node, without sockets: it does what it is asked; reports come from the test."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from oran.allocation import Allocation, SliceAllocation
from oran.e2 import e2ap, kpm, rc, spc
from oran.e2.actuation import quota_cell, quota_style, with_quotas, with_spc
from oran.e2.common.cell import Cgi, NrCgi
from oran.e2.common.function import RanFunctionName
from oran.e2.connection import Connection, Event, Notified, RemoteProtocolError, Requested, Role
from oran.e2.e2ap import Message, RicRequestId
from oran.e2.naming import cell_name, node_name
from oran.e2.per.string import Bits
from oran.measurements import CELL_MEASUREMENTS, SLICE_MEASUREMENTS
from oran.report import CellReport
from oran.snssai import Snssai

PLMN = b"\x00\xf1\x10"
KPM, RC, SPC = 2, 3, spc.RAN_FUNCTION_ID
EVERYTHING = tuple(m.name for m in (*CELL_MEASUREMENTS, *SLICE_MEASUREMENTS))
SNSSAIS = (Snssai(1, 1), Snssai(2, 1), Snssai(3, 1))
COMPONENT = e2ap.Component(
    e2ap.InterfaceType.NG, e2ap.NgComponent("amf1"), e2ap.ComponentConfiguration(b"q", b"r")
)


def cgi(number: int) -> NrCgi:
    return NrCgi(PLMN, Bits(number, 36))


def gnb(number: int) -> e2ap.GnbNode:
    return e2ap.GnbNode(e2ap.GlobalGnbId(PLMN, Bits(number, 22)))


def at_rest(snssais: Sequence[Snssai]) -> Allocation:
    share = 100 // len(snssais)
    return Allocation(tuple(SliceAllocation(s, 0, share, 100) for s in snssais))


def kpm_function(
    names: Sequence[str] = EVERYTHING, *, style: tuple[int, int, int, int] = (1, 1, 1, 1)
) -> e2ap.RanFunction:
    offered = tuple(kpm.OfferedMeasurement(n, i + 1) for i, n in enumerate(names))
    described = kpm.FunctionDescription(
        RanFunctionName(kpm.SHORT_NAME, kpm.OID_V3, "KPM monitor"),
        None,
        (kpm.ReportStyle(style[0], "E2 node", style[1], offered, style[2], style[3]),),
    )
    return e2ap.RanFunction(KPM, kpm.FUNCTION_DESCRIPTION.encode(described), 1, kpm.OID_V3)


def rc_function(*, by_cell: bool = True) -> e2ap.RanFunction:
    definition = rc.FunctionDefinition(
        RanFunctionName(rc.SHORT_NAME, rc.OID, "RAN control"),
        controls=(quota_style(by_cell=by_cell),),
    )
    return e2ap.RanFunction(RC, rc.FUNCTION_DEFINITION.encode(definition), 1, rc.OID)


def spc_function(cells: Sequence[Cgi], snssais: Sequence[Snssai] = SNSSAIS) -> e2ap.RanFunction:
    definition = spc.FunctionDefinition(
        RanFunctionName(spc.SHORT_NAME, spc.OID, "Slicepilot control"),
        -9,
        6,
        (spc.SleepState.ACTIVE,),
        tuple(spc.ServedCell(cell, tuple(snssais)) for cell in cells),
    )
    return e2ap.RanFunction(SPC, spc.FUNCTION_DEFINITION.encode(definition), 1, spc.OID)


def functions(cells: int = 1) -> tuple[e2ap.RanFunction, ...]:
    """All three, with the first cells."""
    return (kpm_function(), rc_function(), spc_function([cgi(i) for i in range(cells)]))


def wire_value(value: float, kind: str) -> int | float | None:
    if value != value:  # noqa: PLR0124  # NaN
        return None
    return int(value) if kind == "integer" else float(value)


def values_of(
    report: CellReport, measurements: Sequence[kpm.Measurement]
) -> tuple[int | float | None, ...]:
    """The values of a report under the columns of a subscription."""
    cell = {m.name: (v, m.kind) for m, v in zip(CELL_MEASUREMENTS, report.values, strict=True)}
    slices = {
        (s.snssai, m.name): (v, m.kind)
        for s in report.slices
        for m, v in zip(SLICE_MEASUREMENTS, s.values, strict=True)
    }
    found: list[int | float | None] = []
    for measurement in measurements:
        for label in measurement.labels:
            at: Any = slices if label.slice is not None else cell
            key: Any = measurement.type
            if label.slice is not None:
                key = (label.slice, measurement.type)
            found.append(wire_value(*at[key]) if key in at else None)
    return tuple(found)


@dataclass
class Subscribed:
    """A subscription that the node has."""

    request: e2ap.RicSubscriptionRequest
    action: kpm.ActionFormat1
    next_number: int = 0


@dataclass
class ScriptedNode:
    """A node: its subscriptions, its allocations, and what it refuses.

    Attributes:
        id: who it is.
        functions: what it offers.
        cells: allocations by cell name.
        named: whether indications carry their columns.
        v2: whether time stamps have 4 octets.
        deaf: whether controls are acknowledged and not carried out.
        refuse: kinds of messages that are refused.
        mute: kinds of messages that are not answered.
    """

    id: e2ap.GnbNode
    functions: tuple[e2ap.RanFunction, ...] = field(default_factory=functions)
    cells: dict[str, Allocation] = field(default_factory=dict)
    named: bool = False
    v2: bool = False
    deaf: bool = False
    refuse: set[type[Message]] = field(default_factory=set)
    mute: set[type[Message]] = field(default_factory=set)
    subscriptions: dict[RicRequestId, Subscribed] = field(default_factory=dict)
    received: list[Message] = field(default_factory=list)
    controls: int = 0

    def __post_init__(self) -> None:
        self.connection = Connection(Role.NODE)

    @property
    def name(self) -> str:
        return node_name(self.id)

    def setup(self) -> e2ap.E2SetupRequest:
        number = self.connection.new_transaction_id()
        return e2ap.E2SetupRequest(number, self.id, self.functions, (COMPONENT,))

    def react(self, event: Event | RemoteProtocolError) -> list[Message]:
        """What the node says to an event."""
        if isinstance(event, Notified | Requested):
            self.received.append(event.message)
        if not isinstance(event, Requested) or type(event.message) in self.mute:
            return []
        message = event.message
        refused = type(message) in self.refuse
        match message:
            case e2ap.RicSubscriptionRequest():
                return [self._refuse(message) if refused else self._subscribe(message)]
            case e2ap.RicSubscriptionDeleteRequest():
                self.subscriptions.pop(message.request_id, None)
                return [
                    e2ap.RicSubscriptionDeleteResponse(message.request_id, message.ran_function_id)
                ]
            case e2ap.RicControlRequest():
                return [self._control(message, refused)]
        raise AssertionError(f"{message} is not for a node")

    def _refuse(self, message: e2ap.RicSubscriptionRequest) -> Message:
        cause = e2ap.CauseRicRequest.FUNCTION_RESOURCE_LIMIT
        return e2ap.RicSubscriptionFailure(message.request_id, message.ran_function_id, cause)

    def _subscribe(self, message: e2ap.RicSubscriptionRequest) -> Message:
        (action,) = message.details.actions
        assert action.definition is not None
        definition = kpm.ACTION_DEFINITION.decode(action.definition)
        assert isinstance(definition.format, kpm.ActionFormat1)
        self.subscriptions[message.request_id] = Subscribed(message, definition.format)
        return e2ap.RicSubscriptionResponse(
            message.request_id, message.ran_function_id, (e2ap.ActionAdmitted(action.id),), ()
        )

    def _control(self, message: e2ap.RicControlRequest, refused: bool) -> Message:
        self.controls += 1
        if not refused and not self.deaf:
            self._apply(message)
        if refused:
            cause = e2ap.CauseRicRequest.CONTROL_FAILED_TO_EXECUTE
            return e2ap.RicControlFailure(message.request_id, message.ran_function_id, cause)
        return e2ap.RicControlAcknowledge(message.request_id, message.ran_function_id)

    def _apply(self, message: e2ap.RicControlRequest) -> None:
        if message.ran_function_id == SPC:
            header = spc.CONTROL_HEADER.decode(message.header)
            name = cell_name(header.cell)
            said = spc.CONTROL_MESSAGE.decode(message.message)
            self.cells[name] = with_spc(self.cells.get(name, at_rest(SNSSAIS)), said)
            return
        quota = rc.CONTROL_MESSAGE.decode(message.message)
        assert isinstance(quota, rc.ControlMessage)
        cell = quota_cell(quota)
        name = self.name if cell is None else cell_name(cell)
        before = self.cells.get(name, at_rest(SNSSAIS))
        self.cells[name] = with_quotas(before, rc.slice_quotas(quota))

    def of_cell(self, name: str) -> RicRequestId:
        """The subscription of a cell."""
        for request_id, found in self.subscriptions.items():
            if found.action.cell is None or cell_name(found.action.cell) == name:
                return request_id
        raise AssertionError(f"no subscription of {name}")

    def indication(self, request_id: RicRequestId, report: CellReport) -> e2ap.RicIndication:
        """The indication that carries a report."""
        found = self.subscriptions[request_id]
        asked = found.action.measurements
        message = kpm.IndicationFormat1(
            (kpm.Record(values_of(report, asked)),), asked if self.named else None, None
        )
        stamp = (kpm.timestamp_v2 if self.v2 else kpm.timestamp_v3)(report.start_ms)
        found.next_number += 1
        return e2ap.RicIndication(
            request_id,
            found.request.ran_function_id,
            found.request.details.actions[0].id,
            e2ap.IndicationType.REPORT,
            kpm.INDICATION_HEADER.encode(kpm.IndicationHeader(stamp)),
            kpm.INDICATION_MESSAGE.encode(message),
            (found.next_number - 1) & 0xFFFF,
        )
