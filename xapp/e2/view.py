"""What the service tells of E2 nodes (`GET /v1/nodes`)."""

import msgspec

from xapp.e2.cell import Control, ServedCell
from xapp.e2.session import Session
from xapp.e2.terminator import NodeRecord, Terminator


class ControlView(msgspec.Struct, frozen=True):
    """One kind of control of a cell.

    Attributes:
        offered: whether the node takes it for this cell.
        under_way: whether a control waits for its answer.
        known: whether the node has acknowledged what it has in force.
    """

    offered: bool
    under_way: bool
    known: bool


class ServedCellView(msgspec.Struct, frozen=True):
    """One cell of a node.

    Attributes:
        cell: its name, as in `/v1/slices`.
        slices: S-NSSAIs that are measured and controlled.
        left: its other slices, which have no intent or cannot be told apart, and are left alone;
            the node's `problems` tell which, and what to do.
        subscription: `absent`, `asked for` or `active`.
        refusal: why there is none; empty where there is.
        reports: reports decided on, since the node's last set-up.
        rejected: indications that made no report or got no decision.
        reason: why the last of them; empty where there was none.
        unknown: columns of its indications that are no known measurement.
        quota: PRB ratios (E2SM-RC style 2 action 6).
        rest: power, MCS backoff and admission (E2SM-SPC).
        verdict: whether the last report shows the controls: `effective`, `ineffective`,
            `undetermined`.
        contradiction: what the last ineffective report showed; empty where there was none.
        trusted: whether it gets controls.
        distrusts: how often controls were stopped for want of effect.
        uplink: measurements of what each slice sent in the last report; empty without any.
        uplink_rejected: those left out because they were outside the catalogue's range.
    """

    cell: str
    slices: list[str]
    left: list[str]
    subscription: str
    refusal: str
    reports: int
    rejected: int
    reason: str
    unknown: list[str]
    quota: ControlView
    rest: ControlView
    verdict: str
    contradiction: str
    trusted: bool
    distrusts: int
    uplink: dict[str, dict[str, float]]
    uplink_rejected: int


class NodeView(msgspec.Struct, frozen=True):
    """One E2 node, present or away.

    Attributes:
        node: its name, as in `/v1/slices`.
        present: whether it is set up now.
        peer: where it is, or was.
        setups: how often it set up.
        faults: how often something went wrong with it.
        lost: why its last association ended; empty where none did.
        style: KPM report style in use; null where it cannot be asked for reports.
        lacking: measurements of the catalogue that it does not announce.
        quota: whether it takes PRB ratios.
        rest: whether it takes everything else.
        problems: what of its RAN functions and slices could not be read or used.
        cells: its cells, while it is present.
    """

    node: str
    present: bool
    peer: str
    setups: int
    faults: int
    lost: str
    style: int | None
    lacking: list[str]
    quota: bool
    rest: bool
    problems: list[str]
    cells: list[ServedCellView]


class NodesView(msgspec.Struct, frozen=True):
    """Every E2 node known; `listening` is null where none are served."""

    listening: str | None
    nodes: list[NodeView]


def nodes_view(terminator: Terminator | None) -> NodesView:
    """The view; safe in another thread than the sessions'."""
    if terminator is None or terminator.server is None:
        return NodesView(None, [])
    records = list(terminator.nodes.values())
    return NodesView(str(terminator.server.address), [_node(record) for record in records])


def _node(record: NodeRecord) -> NodeView:
    session = record.session
    offer = session.offer if session is not None else None
    measuring = offer.measuring if offer is not None else None
    return NodeView(
        node=record.name,
        present=session is not None,
        peer=record.peer,
        setups=record.setups,
        faults=record.faults + (session.faults if session is not None else 0),
        lost=record.lost,
        style=None if measuring is None else 4 if measuring.by_ue else 1,
        lacking=[] if measuring is None else list(measuring.lacking),
        quota=offer is not None and offer.quota is not None,
        rest=offer is not None and offer.spc_id is not None,
        problems=[] if session is None else list(session.problems),
        cells=_cells(session),
    )


def _cells(session: Session | None) -> list[ServedCellView]:
    return [] if session is None else [_cell(cell) for cell in list(session.cells)]


def _cell(cell: ServedCell) -> ServedCellView:
    place = cell.place
    return ServedCellView(
        cell=place.name,
        slices=[str(s) for s in place.snssais],
        left=[str(s) for s, _ in place.left],
        subscription=cell.life.value,
        refusal=cell.refusal,
        reports=cell.reports,
        rejected=cell.rejected,
        reason=cell.reason,
        unknown=list(cell.unknown),
        quota=_control(cell.quota),
        rest=_control(cell.rest),
        verdict=cell.verdict.value,
        contradiction=cell.effect.reason,
        trusted=cell.trust.until is None,
        distrusts=cell.trust.lost,
        uplink=cell.uplink.named(),
        uplink_rejected=cell.uplink.rejected,
    )


def _control(control: Control | None) -> ControlView:
    if control is None:
        return ControlView(False, False, False)
    channel = control.channel
    return ControlView(True, channel.under_way is not None, channel.in_force is not None)
