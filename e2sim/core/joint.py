"""Radio and core together: what the radio carried passes the core, delays add up."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from e2sim.core.network import CoreNetwork
from e2sim.faults.network import in_order
from e2sim.network import Network
from e2sim.network.records import F64, I64
from e2sim.scenario import Scenario
from oran.batch import AllocationBatch, ReportBatch
from oran.core.batch import CoreAllocationBatch, CoreReportBatch
from oran.measurements import SLICE_COLUMN

_DELAY: Final = SLICE_COLUMN["DRB.RlcSduDelayDl"]
_TENTH_MS: Final = 0.1


@dataclass(frozen=True, slots=True)
class EndToEnd:
    """From the data network to the UE, [N, S], of the last period; NaN without packets.

    Attributes:
        delay_ms: sum of the means of UPF, transport and radio.
        core_ms, transport_ms, radio_ms: those means.
        loss: share of packets lost in core or radio: 1 - (1 - core) (1 - radio), as if which
            packets are lost in one did not depend on the other.
    """

    delay_ms: F64
    core_ms: F64
    transport_ms: F64
    radio_ms: F64
    loss: F64


class JointNetwork:
    """N cells, each with the core behind it.

    The radio's arrivals do not depend on the core (docs/adr/0013-core-network.md): the traffic a
    slice's users receive in a period is what the core carries in the same period.

    Args:
        radio: the cells.
        core: the cores behind them, as many and with the same slices.

    Raises:
        ValueError: they do not belong together.
    """

    def __init__(self, radio: Network, core: CoreNetwork) -> None:
        if (radio.cells, radio.snssais) != (core.cells, core.snssais):
            raise ValueError(
                f"core: {core.cells} cores of {len(core.snssais)} slices are not behind "
                f"{radio.cells} cells of {len(radio.snssais)}"
            )
        self.radio: Final = radio
        self.core: Final = core
        self._last: EndToEnd | None = None

    @classmethod
    def of(cls, scenario: Scenario, seeds: NDArray[np.uint64], *, threads: int = 1) -> Self:
        """Cells and cores of one scenario with the same seeds; errors as of the two networks."""
        return cls(Network(scenario, seeds, threads=threads), CoreNetwork(scenario, seeds))

    def reset(
        self,
        which: NDArray[np.bool_] | None = None,
        seeds: NDArray[np.uint64] | None = None,
    ) -> None:
        """Restart cells with their cores; arguments and errors as of `Network.reset`."""
        self.radio.reset(which, seeds)
        self.core.reset(which, seeds)

    def step(
        self,
        allocation: AllocationBatch,
        core: CoreAllocationBatch,
        *,
        site_health: F64 | None = None,
        link_health: F64 | None = None,
    ) -> tuple[ReportBatch, CoreReportBatch]:
        """Play one period of both; arguments and errors as of the networks' own `step`.

        Health that is not given is that of the scenario's faults, where it has any.
        """
        report = self.radio.step(allocation)
        truth, faults = self.radio.detail(), self.radio.faults()
        measured = report if faults is None else faults.measured
        if faults is not None:
            sites, links = self.core.topology.sites, self.core.topology.links
            if site_health is None:
                site_health = in_order(faults.site_names, faults.site_health, sites)
            if link_health is None:
                link_health = in_order(faults.link_names, faults.link_health, links)
        radio_ms = measured.slices[..., _DELAY] * _TENTH_MS
        core_report = self.core.step(
            core,
            np.stack([truth.offered_packets, truth.offered_bytes], axis=-1),
            site_health=site_health,
            link_health=link_health,
            radio_ms=radio_ms,
        )
        finished = truth.delivered_packets + truth.dropped_packets
        self._last = self._end_to_end(radio_ms, _share(truth.dropped_packets, finished))
        return report, core_report

    def end_to_end(self) -> EndToEnd:
        """Figures of the last period.

        Raises:
            RuntimeError: there was none.
        """
        if self._last is None:
            raise RuntimeError("no period has been played")
        return self._last

    def _end_to_end(self, radio_ms: F64, radio_loss: F64) -> EndToEnd:
        d = self.core.detail()
        lost = d.lost[..., 0].sum(axis=(1, 3)) + d.lost_waiting_for_upf[..., 0]
        core_loss = _share(lost, lost + d.delivered[..., 0])
        return EndToEnd(
            delay_ms=d.core_ms + d.transport_ms + radio_ms,
            core_ms=d.core_ms,
            transport_ms=d.transport_ms,
            radio_ms=radio_ms,
            loss=1.0 - (1.0 - core_loss) * (1.0 - radio_loss),
        )


def _share(part: F64 | I64, whole: F64 | I64) -> F64:
    some = whole > 0.0
    return np.where(some, part / np.where(some, whole, 1.0), np.nan)
