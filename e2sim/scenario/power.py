"""Power model of a scenario's sites."""

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from e2sim.document import Within

DeepestSleep = Literal["none", "micro", "light", "deep"]

SSB_PERIODS_MS: Final = (5, 10, 20, 40, 80, 160)
"""Values of ssb-periodicityServingCell in ms, TS 38.331 ServingCellConfigCommon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sleep:
    """Base-station power model with sleep states: TR 38.864 V18.1.0 5.1, category 1, set 1.

    Relative powers (table 5.1-3), whole transition times (5.1-4) and additional transition
    energies (5.1-5): deep sleep 1, 50 ms, 1000; light sleep 25, 6 ms, 90; micro sleep 55, at once,
    0; active downlink 280 with all PRBs. An active slot takes P3 + (P4 - P3)(A + (1 - A) s_f s_p)
    with P3 = 55, P4 = 280, A = 0.4, the share s_f of PRBs in use and the transmit power s_p
    against nominal. The report is of relative powers: watts are this module's.

    Attributes:
        deepest: state that a cell without data may go to; with `none` a slot without transmission
            takes as much as an active one without PRBs.
        idle_ms: time without data, in buffers and in HARQ, before light or deep sleep.
        ssb_ms: period of the synchronisation signals and the paging that follows them, one of
            `SSB_PERIODS_MS`: the cell is awake in the first slot of each, so it sleeps as deep as
            it can wake from until the next one.
        full_load_w: supply power with all PRBs at nominal transmit power, W; absent, that of the
            linear model.
    """

    deepest: DeepestSleep = "deep"
    idle_ms: Annotated[float, Within(0.0, 10_000.0)] = 2.0
    ssb_ms: Annotated[int, Within(5, 160)] = 20
    full_load_w: Annotated[float, Within(1.0, 100_000.0)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """Linear power model of Auer et al., "How much energy is needed to run a wireless network?",
    IEEE Wireless Communications 18(5), 2011, table 2; the defaults are its micro base station.

    Attributes:
        chains: transceiver chains.
        max_w: largest transmit power of a chain, W.
        fixed_w: power of a chain that transmits nothing, W.
        slope: increase of supply power over transmit power.
        receive_w: what a chain takes on top in a slot in which it receives, W. In the linear model
            `fixed_w` covers it; TR 38.864 has it apart (category 1: 110 units in an uplink slot,
            280 in a full downlink slot, 55 in micro sleep).
        off_w: power of the site while its gNB has failed, W.
        sleep: power by TR 38.864, with sleep states, in place of the linear model.
    """

    chains: Annotated[int, Within(1, 64)] = 2
    max_w: Annotated[float, Within(0.01, 100.0)] = 6.3
    fixed_w: Annotated[float, Within(0.0, 1000.0)] = 56.0
    slope: Annotated[float, Within(0.0, 20.0)] = 2.6
    receive_w: Annotated[float, Within(0.0, 1000.0)] = 0.0
    off_w: Annotated[float, Within(0.0, 1000.0)] = 0.0
    sleep: Sleep | None = None

    @property
    def full_load_w(self) -> float:
        """Supply power with all PRBs at nominal transmit power, W."""
        if self.sleep is not None and self.sleep.full_load_w is not None:
            return self.sleep.full_load_w
        return self.chains * (self.fixed_w + self.slope * self.max_w)


def check_power(power: Power, path: str) -> None:
    """Raise `ValueError` for values that no site has together."""
    if power.sleep is not None and power.sleep.ssb_ms not in SSB_PERIODS_MS:
        raise ValueError(
            f"{path}.sleep.ssb_ms: {power.sleep.ssb_ms} is not one of {SSB_PERIODS_MS}"
        )
