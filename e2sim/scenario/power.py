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
    """

    chains: Annotated[int, Within(1, 64)] = 2
    max_w: Annotated[float, Within(0.01, 100.0)] = 6.3
    fixed_w: Annotated[float, Within(0.0, 1000.0)] = 56.0
    slope: Annotated[float, Within(0.0, 20.0)] = 2.6
