"""How users moved between cells in the period just played."""

from dataclasses import dataclass, fields

from e2sim.network.records import I64
from e2sim.network.state import State


@dataclass(frozen=True, slots=True)
class Moves:
    """One period of N cells and S slices, all of shape [N, S]; zeros without mobility.

    Attributes:
        requested: handovers begun in this cell, MM.HoExeIntraReq of TS 28.552 5.1.1.6.2.
        succeeded: those of this cell that ended well, MM.HoExeIntraSucc; some began earlier.
        failed: those after which the new cell could not be heard.
        refused: handovers that the target had no place for.
        ping_pongs: handovers back to where the user had come from less than 1 s before.
        link_failures: radio links that failed, other than in a handover.
        reestablished: connections re-established in this cell, RRC.ReEstabSuccWithUeContext.
        joined, left: users that came from and went to other cells of the group.
        connected: users at the period's end.
    """

    requested: I64
    succeeded: I64
    failed: I64
    refused: I64
    ping_pongs: I64
    link_failures: I64
    reestablished: I64
    joined: I64
    left: I64
    connected: I64


def moves_of(state: State) -> Moves:
    """The moves of the period just played."""
    counted = {f.name: state.moves[f.name].copy() for f in fields(Moves)[:-1]}
    return Moves(**counted, connected=state.slices["connected"].copy())
