"""What a node offers a RIC: its RAN functions, and the messages that carry them."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from e2sim.e2.column import CELL_NAMES, USER_NAMES
from e2sim.e2.f1ap import f1_setup_request, f1_setup_response
from e2sim.e2.identity import Identity
from e2sim.e2.subscription import CELL_STYLE, USER_STYLE
from e2sim.e2.uplink import UPLINK_NAMES
from oran.allocation import MAX_MCS_BACKOFF, TX_POWER_OFFSET_DB
from oran.e2 import e2ap, kpm, rc, spc
from oran.e2.actuation import quota_style
from oran.e2.common.function import EventTriggerStyle, RanFunctionName
from oran.snssai import Snssai

REVISION: Final = 1


class KpmVersion(StrEnum):
    """Version of E2SM-KPM."""

    V3_00 = "v3.00"
    V2_03 = "v2.03"


@dataclass(frozen=True, slots=True)
class FunctionIds:
    """Ids of the RAN functions, 0..4095 and distinct; FlexRIC's xApps know KPM as 2, RC as 3.

    Raises:
        ValueError: they are not.
    """

    kpm: int = 2
    rc: int = 3
    spc: int = spc.RAN_FUNCTION_ID

    def __post_init__(self) -> None:
        ids = (self.kpm, self.rc, self.spc)
        if len(set(ids)) < len(ids) or not all(0 <= i <= 4095 for i in ids):
            raise ValueError(f"RAN function ids {ids}: needs three distinct ones of 0..4095")


@dataclass(frozen=True, slots=True)
class Offer:
    """What a node offers.

    Attributes:
        identity: who it is.
        snssais: the slices of its cell.
        ids: of its RAN functions.
        version: of E2SM-KPM.
        uplink: whether its cell has an uplink to measure.
    """

    identity: Identity
    snssais: tuple[Snssai, ...]
    ids: FunctionIds = FunctionIds()
    version: KpmVersion = KpmVersion.V3_00
    uplink: bool = False

    def functions(self) -> tuple[e2ap.RanFunction, ...]:
        """The RAN functions."""
        oid = kpm.OID_V3 if self.version is KpmVersion.V3_00 else kpm.OID_V2
        definitions = (
            (self.ids.kpm, oid, kpm.FUNCTION_DESCRIPTION.encode(_kpm(oid, self.uplink))),
            (self.ids.rc, rc.OID, rc.FUNCTION_DEFINITION.encode(_rc())),
            (self.ids.spc, spc.OID, spc.FUNCTION_DEFINITION.encode(self._spc())),
        )
        return tuple(e2ap.RanFunction(i, d, REVISION, oid) for i, oid, d in definitions)

    def setup(self, transaction_id: int) -> e2ap.E2SetupRequest:
        """The message that offers all."""
        du_id = self.identity.cell + 1
        component = e2ap.Component(
            e2ap.InterfaceType.F1,
            e2ap.F1Component(du_id),
            e2ap.ComponentConfiguration(f1_setup_request(du_id), f1_setup_response()),
        )
        return e2ap.E2SetupRequest(
            transaction_id, self.identity.node, self.functions(), (component,)
        )

    def update(
        self, transaction_id: int, known: Iterable[e2ap.RanFunctionRevision]
    ) -> e2ap.RicServiceUpdate:
        """The message that tells a RIC which of the functions it knows are not as it knows them."""
        knows = {f.id: f for f in known}
        functions = self.functions()
        added = tuple(f for f in functions if f.id not in knows)
        modified = tuple(f for f in functions if f.id in knows and knows[f.id].revision != REVISION)
        here = {f.id for f in functions}
        deleted = tuple(f for f in knows.values() if f.id not in here)
        return e2ap.RicServiceUpdate(
            transaction_id, added or None, modified or None, deleted or None
        )

    def _spc(self) -> spc.FunctionDefinition:
        return spc.FunctionDefinition(
            RanFunctionName(spc.SHORT_NAME, spc.OID, "Power, MCS backoff and admission"),
            TX_POWER_OFFSET_DB[0],
            MAX_MCS_BACKOFF,
            (spc.SleepState.ACTIVE,),
            (spc.ServedCell(self.identity.cgi, self.snssais),),
        )


def _kpm(oid: str, uplink: bool) -> kpm.FunctionDescription:
    def style(number: int, name: str, names: tuple[str, ...], message: int) -> kpm.ReportStyle:
        measurements = tuple(map(kpm.OfferedMeasurement, names))
        return kpm.ReportStyle(number, name, number, measurements, 1, message)

    of_cell = (*CELL_NAMES, *UPLINK_NAMES) if uplink else CELL_NAMES
    return kpm.FunctionDescription(
        RanFunctionName(kpm.SHORT_NAME, oid, "KPM Monitor"),
        (EventTriggerStyle(1, "Periodic Report", 1),),
        (
            style(CELL_STYLE, "E2 Node Measurement", of_cell, 1),
            style(USER_STYLE, "Common Condition-based, UE-level Measurement", USER_NAMES, 3),
        ),
    )


def _rc() -> rc.FunctionDefinition:
    name = RanFunctionName(rc.SHORT_NAME, rc.OID, "RAN Control")
    return rc.FunctionDefinition(name, controls=(quota_style(by_cell=False),))
