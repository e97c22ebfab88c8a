"""The digital twin: radio cells with slices, played slot by slot and reported period by period.

Downlink and uplink, FDD or TDD, of cells in the midst of a hexagonal grid: path loss, shadowing and
line of sight of TR 38.901, Rayleigh branches, neighbours whose load varies or, in groups of coupled
cells, is their own; CQI with delay, MCS, block errors, HARQ with chase combining, RLC buffers with
discard timers; RRM policy ratios per slice, work-conserving or strict, and three schedulers; four
shapes of traffic; open-loop power control and delayed grants in the uplink; the linear power model,
or that of TR 38.864 with sleep states; faults of the network and of its reports (`e2sim.faults`).
Where a scenario says so, users walk, are handed over by event A3 within a group of cells on a
torus, and hear each neighbour at its own load and power; devices ask for access over PRACH. The
core network is `e2sim.core`.

Not modelled yet: more than one spatial layer, frequency-selective scheduling, an outer loop of link
adaptation, limits of the control channel, protocol headers, users that come or go but for devices,
beams, delay of forwarded data; in groups of less than seven cells whose users move, sites beyond
each one's nearest image; without mobility, users of coupled cells who know which neighbour disturbs
them; users who move and send, play a trace of SNR or carry devices' payloads; sleep of sites whose
users move or whose devices ask for access; in the uplink, transmit power control commands, and
buffer status reports sent along with data.
"""

from e2sim.network.network import Network

__all__ = ["Network"]
