"""Interference of a scenario: the neighbour cells."""

from dataclasses import dataclass
from typing import Annotated

from e2sim.document import Within


@dataclass(frozen=True, slots=True, kw_only=True)
class Interference:
    """Load of the six neighbour sites, as a share of their full power, in dB.

    Attributes:
        coupled_cells: cells of a group that are each other's neighbours, one after the other in
            a network, which needs whole groups. With 1 the neighbours are no cells of the network.
        mean_db: long-run mean outside bursts; in a group of several cells only of the first 10 ms,
            then it is what the others have radiated on average in the last 10 ms.
        sigma_db: spread of its slow variation (Gaussian, first order).
        memory_s: time in which that variation forgets its past.
        burst_db: rise during bursts.
        burst_on_s, burst_off_s: mean stays in and out of bursts.
    """

    coupled_cells: Annotated[int, Within(1, 64)] = 1
    mean_db: Annotated[float, Within(-40.0, 0.0)] = -4.0
    sigma_db: Annotated[float, Within(0.0, 10.0)] = 2.0
    memory_s: Annotated[float, Within(0.01, 3600.0)] = 2.0
    burst_db: Annotated[float, Within(0.0, 20.0)] = 3.0
    burst_on_s: Annotated[float, Within(0.01, 3600.0)] = 1.0
    burst_off_s: Annotated[float, Within(0.01, 3600.0)] = 4.0
