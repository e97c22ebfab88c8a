"""Power model of a scenario's sites."""

from dataclasses import dataclass
from typing import Annotated

from e2sim.document import Within


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
    """

    chains: Annotated[int, Within(1, 64)] = 2
    max_w: Annotated[float, Within(0.01, 100.0)] = 6.3
    fixed_w: Annotated[float, Within(0.0, 1000.0)] = 56.0
    slope: Annotated[float, Within(0.0, 20.0)] = 2.6
    receive_w: Annotated[float, Within(0.0, 1000.0)] = 0.0
