"""What a node can measure and lets itself be told, as its RAN functions say."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from oran.e2 import e2ap, kpm, rc, spc
from oran.e2.actuation import quota_offer
from oran.e2.common.cell import Cgi
from oran.e2.errors import DecodeError
from oran.e2.naming import cell_name
from oran.e2.servicemodel import BY_OID, KPM, RC, SPC
from oran.report import MAX_SLICES
from oran.snssai import Snssai
from xapp.e2.columns import Names, lacking
from xapp.e2.left import Left
from xapp.e2.users import asked_of_ues, separable

CELL_STYLE: Final = (1, 1, 1, 1)
"""Report style of measurements of a cell: its number, then action, header and message format."""

UE_STYLE: Final = (4, 4, 1, 3)
"""Report style of measurements of each UE that matches a condition."""


@dataclass(frozen=True, slots=True)
class Measuring:
    """How a node reports.

    Attributes:
        function_id: RAN function id of E2SM-KPM.
        by_ue: whether it reports each UE alone (style 4) and not the cell (style 1).
        names: the measurements that it announces in that style.
    """

    function_id: int
    by_ue: bool
    names: Names

    @property
    def lacking(self) -> tuple[str, ...]:
        """Measurements of the catalogue that it does not announce."""
        return lacking(self.names)


@dataclass(frozen=True, slots=True)
class Quota:
    """That a node takes PRB quotas: RAN function id of E2SM-RC, and whether it wants the cell."""

    function_id: int
    by_cell: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """What was found.

    Attributes:
        measuring: how it reports; None where it cannot be asked for reports.
        quota: whether it takes PRB quotas.
        spc_id: RAN function id of E2SM-SPC, None where it has none.
        cells: its cells and their slices, as E2SM-SPC tells them.
        problems: what could not be read or used, for people.
    """

    measuring: Measuring | None = None
    quota: Quota | None = None
    spc_id: int | None = None
    cells: tuple[spc.ServedCell, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(slots=True)
class _Findings:
    measuring: Measuring | None = None
    quota: Quota | None = None
    spc_id: int | None = None
    cells: tuple[spc.ServedCell, ...] = ()
    problems: list[str] = field(default_factory=list)

    def read(self, function: e2ap.RanFunction) -> None:
        model = BY_OID.get(function.oid)
        if model is None:
            return
        try:
            definition = model.function.decode(function.definition)
        except DecodeError as error:
            self.problems.append(f"RAN function {function.id}: {error}")
            return
        if model is KPM and self.measuring is None:
            self._measuring(function.id, definition)
        elif model is RC and self.quota is None:
            self._quota(function.id, definition)
        elif model is SPC and self.spc_id is None:
            self.spc_id, self.cells = function.id, definition.cells

    def _measuring(self, function_id: int, description: kpm.FunctionDescription) -> None:
        styles = {
            (s.type, s.action_format, s.header_format, s.message_format): s
            for s in description.reports or ()
        }
        for wanted, by_ue in ((CELL_STYLE, False), (UE_STYLE, True)):
            style = styles.get(wanted)
            if style is not None:
                names = Names(style.measurements)
                if asked_of_ues(names) if by_ue else names.announced:
                    self.measuring = Measuring(function_id, by_ue, names)
                    return
                self.problems.append(f"report style {style.type} has no measurement that is known")
        if not styles.keys() & {CELL_STYLE, UE_STYLE}:
            told = ", ".join(str(s[0]) for s in styles) or "none"
            self.problems.append(f"E2SM-KPM report styles are {told}; 1 and 4 can be used")

    def _quota(self, function_id: int, definition: rc.FunctionDefinition) -> None:
        offer = quota_offer(definition)
        if offer is not None:
            self.quota = Quota(function_id, offer.by_cell)


def offer_of(functions: Iterable[e2ap.RanFunction]) -> Offer:
    """What RAN functions offer; none is an error, and flaws are told in `problems`."""
    found = _Findings()
    for function in functions:
        found.read(function)
    return Offer(found.measuring, found.quota, found.spc_id, found.cells, tuple(found.problems))


@dataclass(frozen=True, slots=True)
class Place:
    """A cell to be served.

    Attributes:
        name: the cell's name in reports.
        cell: its global identity; None for a node that tells no cells, which counts as one.
        snssais: the slices to measure and control: the cell's that have an intent.
        left: its other slices, which are left alone, each with the reason.
    """

    name: str
    cell: Cgi | None
    snssais: tuple[Snssai, ...]
    left: tuple[tuple[Snssai, Left], ...] = ()


def places_of(
    offer: Offer,
    node: str,
    intents: Sequence[Snssai],
    configured: Mapping[str, Sequence[Cgi]],
) -> tuple[Place, ...]:
    """The cells of a node.

    They are those that the node tells, or else those that the operator configured for it, or else
    the node as a whole, under its own name. Slices that the node does not tell are those of the
    intents. Where UEs are told apart by their SST alone, one slice of each SST is left.

    Args:
        offer: what the node offers.
        node: its name.
        intents: the slices with an intent.
        configured: cells by the node's name.
    """
    by_ue = offer.measuring is not None and offer.measuring.by_ue
    if offer.cells:
        return tuple(_place(served, intents, by_ue=by_ue) for served in offer.cells)
    usual = tuple((separable(intents) if by_ue else intents)[:MAX_SLICES])
    cells = configured.get(node, ())
    if cells:
        return tuple(Place(cell_name(cell), cell, usual) for cell in cells)
    return (Place(node, None, usual),)


def _place(served: spc.ServedCell, intents: Sequence[Snssai], *, by_ue: bool) -> Place:
    slices = tuple(dict.fromkeys(served.slices))
    wanted = tuple(s for s in slices if s in intents)
    known = separable(wanted) if by_ue else wanted
    taken = known[:MAX_SLICES]

    def why(snssai: Snssai) -> Left:
        if snssai not in wanted:
            return Left.NO_INTENT
        return Left.TOO_MANY if snssai in known else Left.SAME_SST

    left = tuple((s, why(s)) for s in slices if s not in taken)
    return Place(cell_name(served.cell), served.cell, taken, left)


def plmn_of(node: e2ap.GlobalE2NodeId) -> bytes:
    """The PLMN identity of a node, 3 octets; zeros where its identity has an unknown form."""
    match node:
        case e2ap.GnbNode(station) | e2ap.EnGnbNode(station) | e2ap.NgEnbNode(station):
            return station.plmn
        case e2ap.EnbNode(enb):
            return enb.plmn
    return b"\0\0\0"
