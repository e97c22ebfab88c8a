"""Settings of the E2 terminator, a part of `xapp.settings`."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from oran.e2.common.cell import NrCgi
from oran.e2.common.plmn import plmn_octets
from oran.e2.e2ap import GlobalRicId
from oran.e2.per.string import Bits
from oran.e2.transport.address import Address
from xapp.e2.cell import E2Options


def _check_listen(value: str | None) -> str | None:
    if value is not None:
        Address.parse(value)
    return value


class E2Settings(BaseModel):
    """The E2 terminator: nodes that connect themselves, report by E2SM-KPM and are controlled.

    Attributes:
        listen: `sctp://HOST[:PORT]` or `tcp://HOST[:PORT]`; without it, no node is served.
        plmn: digits of the PLMN of this RIC's identity.
        ric_id: the rest of it, 0..2^20-1.
        max_nodes: most nodes at a time.
        period_ms: period of reports, and so of decisions, ms.
        stale_periods: periods without a report, at least two seconds of them, after which a
            subscription is made anew.
        refresh_reports: an allocation that did not change is sent again after so many reports; 0,
            never.
        tolerance: share of a cell's PRBs by which a slice may miss its ratios and still count as
            following them, 0..1.
        strikes: reports in a row that contradict the controls before them, after which a cell gets
            no more of them for a pause.
        pause_s: the first pause, seconds; it doubles up to sixteen times its length.
        answer_errors: whether Error Indications are sent; some nodes stop at them.
        cells: cells of nodes that do not tell them, by the node's name, each as `PLMN-IDENTITY`
            with nine hexadecimal digits of the NR cell identity, such as `00101-000388001`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    listen: Annotated[str | None, AfterValidator(_check_listen)] = None
    plmn: Annotated[str, Field(pattern=r"^[0-9]{5,6}$")] = "00101"
    ric_id: Annotated[int, Field(ge=0, lt=1 << 20)] = 1
    max_nodes: Annotated[int, Field(ge=1, le=4_096)] = 512
    period_ms: Annotated[int, Field(ge=1, le=60_000)] = 100
    stale_periods: Annotated[int, Field(ge=2, le=10_000)] = 10
    refresh_reports: Annotated[int, Field(ge=0, le=1_000_000)] = 100
    tolerance: Annotated[float, Field(ge=0.0, le=1.0)] = 0.05
    strikes: Annotated[int, Field(ge=1, le=1_000)] = 5
    pause_s: Annotated[float, Field(gt=0.0, le=86_400.0)] = 30.0
    answer_errors: bool = True
    cells: dict[str, tuple[str, ...]] = {}

    @model_validator(mode="after")
    def _check(self) -> "E2Settings":
        self.configured_cells()
        return self

    def configured_cells(self) -> dict[str, tuple[NrCgi, ...]]:
        """The nouns behind `cells`."""
        return {node: tuple(map(_nr_cgi, cells)) for node, cells in self.cells.items()}

    def options(self) -> E2Options:
        """The part that sessions depend on."""
        return E2Options(
            self.period_ms,
            self.stale_periods,
            self.refresh_reports,
            self.tolerance,
            self.strikes,
            self.pause_s,
        )

    def global_ric_id(self) -> GlobalRicId:
        """The noun behind `plmn` and `ric_id`."""
        return GlobalRicId(plmn_octets(self.plmn), Bits(self.ric_id, 20))


def _nr_cgi(text: str) -> NrCgi:
    plmn, _, identity = text.partition("-")
    if len(identity) != 9 or set(identity) - set("0123456789abcdefABCDEF"):
        raise ValueError(f"cells: {text!r} is not PLMN-IDENTITY, such as '00101-000388001'")
    return NrCgi(plmn_octets(plmn), Bits(int(identity, 16), 36))
