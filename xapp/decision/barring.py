"""Dynamic access class barring: how many devices of an mMTC slice may ask for access at a time.

Slotted ALOHA with K preambles serves most where K devices transmit, so of n devices K / n may pass
(Duan, Shah-Mansouri and Wong, "Dynamic access class barring for M2M communications in LTE
networks", GLOBECOM 2013, which also says that n must be estimated from what the node hears). The
node hears a preamble that several devices chose once. By the Poisson law a share exp(-g) of the
preambles stays silent under g transmissions a preamble, so g is the negative logarithm of the
silent share (linear counting: Whang, Vander-Zanden and Taylor, 1990).

Where a node hands out fewer grants than preambles could succeed, a load below 1 serves more.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from oran.batch import ADMISSION, AllocationBatch
from oran.measurements import SLICE_COLUMN
from xapp.decision.observation import OBSERVATION
from xapp.decision.rules import Memory
from xapp.decision.situation import Situation

_HEARD: Final = SLICE_COLUMN["DRB.EstabAtt"]
_PREVIOUS: Final = [f.name for f in OBSERVATION].index("previous_admission")
_MMTC: Final = 3
_LEAST_SILENT: Final = 0.5
"""Silent preambles, where none was: the load is then large, but finite."""


@dataclass(frozen=True, slots=True)
class Barring:
    """Access barring of mMTC slices from the preambles that a period's report counts.

    Attributes:
        preambles_per_s: preambles the cell offers to a slice's devices in a second, above 0: 54
            every 10 ms.
        load: transmissions a preamble to aim at, above 0.
        memory: weight of the past in the estimate, 0..1; 0 is the last period alone.
    """

    preambles_per_s: float = 5400.0
    load: float = 0.4
    memory: float = 0.5

    def admission(self, s: Situation, memory: Memory) -> tuple[NDArray[np.int64], Memory]:
        """Admission ratios in %, int64 [N, S], 1..100 at mMTC slices and 100 at others.

        What is remembered is the load that there would be without barring; 0 at first.
        """
        heard = np.nan_to_num(s.reports.slices[..., _HEARD])
        preambles = self.preambles_per_s * s.reports.period_ms / 1000.0
        silent = np.maximum(preambles - heard, _LEAST_SILENT)
        load = np.log(preambles / np.minimum(silent, preambles))
        passed = np.maximum(s.observation.slices[..., _PREVIOUS].astype(np.float64), 0.01)
        unbarred = self.memory * memory + (1.0 - self.memory) * load / passed
        ratio = np.floor(100.0 * self.load / np.maximum(unbarred, self.load))
        mmtc = (s.targets.sst == _MMTC) & s.present
        return np.where(mmtc, np.maximum(ratio, 1.0), 100.0).astype(np.int64), unbarred

    def barred(
        self, allocation: AllocationBatch, s: Situation, memory: Memory
    ) -> tuple[AllocationBatch, Memory]:
        """Any rule's allocation, but for the admission ratios of mMTC slices, which are these."""
        ratio, kept = self.admission(s, memory)
        slices = allocation.slices.copy()
        mmtc = (s.targets.sst == _MMTC) & s.present
        slices[..., ADMISSION] = np.where(mmtc, ratio, slices[..., ADMISSION])
        return AllocationBatch(slices, allocation.tx_power_offset_db), kept
