"""What the twin tells of single users, against what it tells of slices."""

import numpy as np
import pytest

from e2sim.console import compiled
from e2sim.node.node import equal_shares
from oran.batch import AllocationBatch
from oran.measurements import SLICE_COLUMN
from tests.e2sim_e2.rig import SCENARIO


@pytest.mark.timeout(300)
def test_users_add_up_to_their_slices() -> None:
    cells = 3
    network = compiled(SCENARIO, np.arange(1, 1 + cells, dtype=np.uint64))
    one = AllocationBatch.of(equal_shares(network.snssais))
    shares = AllocationBatch(
        np.repeat(one.slices, cells, axis=0), np.repeat(one.tx_power_offset_db, cells)
    )
    for _ in range(30):
        report = network.step(shares)
        users, detail = network.users(), network.detail()
        assert users.slice.tolist() == [s for s in range(3) for _ in range(10)]
        for s in range(3):
            mine = users.slice == s
            assert (users.volume_bytes[:, mine].sum(1) == detail.delivered_bytes[:, s]).all()
            assert (users.queued_bytes[:, mine].sum(1) == detail.queued_bytes[:, s]).all()
            with np.errstate(invalid="ignore"):
                rate = 8.0 * users.volume_bytes / (users.active_slots * SCENARIO.slot_ms)
            for c in range(cells):
                active = rate[c, mine][users.active_slots[c, mine] > 0]
                told = report.slices[c, s, SLICE_COLUMN["DRB.UEThpDl"]]
                assert np.isnan(told) if not len(active) else told == np.rint(active.mean())
        assert ((users.cqi >= 0) & (users.cqi <= 15)).all()
        assert ((users.mcs >= 0) & (users.mcs <= 28)).all()
        assert (users.active_slots <= SCENARIO.slots_per_period).all()
        # Copies: what is done to them stays with them.
        users.volume_bytes[...] = -1
        assert (network.users().volume_bytes >= 0).all()
