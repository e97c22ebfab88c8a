"""Options of `e2sim run --ric`."""

from dataclasses import dataclass
from typing import Annotated

import typer

from e2sim.e2.fault import Faults
from e2sim.e2.fleet import FleetSettings
from e2sim.e2.identity import Identity
from e2sim.e2.offer import FunctionIds, KpmVersion, Offer
from e2sim.e2.session import SessionOptions
from oran.e2 import spc
from oran.e2.transport import E2_CP_PPID, Address, LinkOptions
from oran.snssai import Snssai

RicOption = Annotated[
    str | None,
    typer.Option(
        envvar="E2SIM_RIC",
        help="The RIC's E2 end, sctp://HOST[:36421] or tcp://HOST[:36421]; goes before the target.",
    ),
]
PlmnOption = Annotated[
    str, typer.Option(envvar="E2SIM_PLMN", help="PLMN of the gNB: 5 or 6 digits (--ric).")
]
GnbIdOption = Annotated[
    int,
    typer.Option(envvar="E2SIM_GNB_ID", min=0, max=2**22 - 1, help="gNB id, 22 bits (--ric)."),
]
KpmOption = Annotated[
    KpmVersion, typer.Option(envvar="E2SIM_KPM", help="Version of E2SM-KPM (--ric).")
]
KpmIdOption = Annotated[
    int, typer.Option(envvar="E2SIM_KPM_ID", min=0, max=4095, help="RAN function id (--ric).")
]
RcIdOption = Annotated[
    int, typer.Option(envvar="E2SIM_RC_ID", min=0, max=4095, help="RAN function id (--ric).")
]
SpcIdOption = Annotated[
    int, typer.Option(envvar="E2SIM_SPC_ID", min=0, max=4095, help="RAN function id (--ric).")
]
NamesOption = Annotated[
    bool,
    typer.Option(envvar="E2SIM_NAMES", help="Repeat measurement names in indications (--ric)."),
]
PpidOption = Annotated[
    int,
    typer.Option(
        envvar="E2SIM_PPID",
        min=0,
        max=2**32 - 1,
        help="SCTP payload protocol identifier (--ric sctp://).",
    ),
]
ReplyDelayOption = Annotated[
    float,
    typer.Option(
        envvar="E2SIM_REPLY_DELAY_MS", min=0.0, max=60_000.0, help="Wait of each answer (--ric)."
    ),
]
FaultOption = Annotated[
    list[str] | None,
    typer.Option(
        envvar="E2SIM_FAULT",
        help="Fault on the wire, both ways: drop=0.01, duplicate=, reorder=, garble=, delay=20ms, "
        "delay=5ms..30ms, stall=0.001:2s; may be repeated (--ric).",
    ),
]

DEFAULT_PLMN = "00101"
DEFAULT_GNB_ID = 0xE2
DEFAULT_IDS = FunctionIds()
DEFAULT_PPID = E2_CP_PPID
DEFAULT_SPC_ID = spc.RAN_FUNCTION_ID

E2_ONLY = (
    "plmn", "gnb_id", "kpm", "kpm_id", "rc_id", "spc_id", "names", "ppid", "reply_delay_ms",
    "fault",
)  # fmt: skip
"""Parameters that have a meaning with `--ric` alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class E2Options:
    """What the user asked for, checked.

    Attributes:
        ric: where the RIC listens.
        identity: of the first cell; the others follow it.
        ids: of the RAN functions.
        version: of E2SM-KPM.
        session: how the nodes behave.
        link: of the associations.
        faults: on the wire.
    """

    ric: Address
    identity: Identity
    ids: FunctionIds
    version: KpmVersion
    session: SessionOptions
    link: LinkOptions
    faults: Faults

    @classmethod
    def of(
        cls,
        ric: str,
        *,
        plmn: str,
        gnb_id: int,
        ids: tuple[int, int, int],
        version: KpmVersion,
        names: bool,
        ppid: int,
        reply_delay_ms: float,
        fault: list[str],
    ) -> "E2Options":
        """From the command line.

        Raises:
            ValueError: an option has no meaning; the text names it and what would be right.
        """
        address = Address.parse(ric)
        if not address.port:
            raise ValueError(f"--ric {ric!r}: port 0 cannot be connected to")
        return cls(
            ric=address,
            identity=Identity.of(plmn, gnb_id, 0),
            ids=FunctionIds(*ids),
            version=version,
            session=SessionOptions(names=names, reply_delay_s=reply_delay_ms / 1e3),
            link=LinkOptions(ppid=ppid),
            faults=Faults.parse(fault),
        )

    def offers(
        self, cells: int, snssais: tuple[Snssai, ...], *, uplink: bool = False
    ) -> list[Offer]:
        """What the node of each cell offers."""
        first = self.identity
        return [
            Offer(Identity(first.plmn, first.gnb_id, i), snssais, self.ids, self.version, uplink)
            for i in range(cells)
        ]

    def settings(self, interval_s: float, seed: int) -> FleetSettings:
        """How the fleet plays."""
        return FleetSettings(
            ric=self.ric,
            interval_s=interval_s,
            link=self.link,
            session=self.session,
            faults=self.faults,
            seed=seed,
        )
