"""The tally: what is counted of a slice over a period."""

from typing import Final

from e2sim.network.records import record

TALLY: Final = record(
    demanded_bytes="i8",
    offered_bytes="i8",
    offered_sdus="i8",
    delivered_bytes="i8",
    delivered_sdus="i8",
    delay_slots="i8",  # of delivered SDUs, summed
    dropped_bytes="i8",
    dropped_sdus="i8",
    late_sdus="i8",  # dropped because too old
    lost_sdus="i8",  # dropped because the backhaul lost them
    attempted_flows="i8",
    blocked_flows="i8",
    queued_bytes="i8",  # at the period's end
    used_prbs="i8",
    blocks="i8",
    nacks="i8",
    mcs_sum="i8",  # over blocks
    cqi_sum="i8",  # over reports
    cqi_reports="i8",
    connected="i8",  # users at the period's end
    user_slots="i8",  # users, summed over slots
    departed="i8",  # users that left after they had data waiting
    departed_kbps="f8",  # their throughput, summed
    throughput_kbps="f8",  # mean over active users; NaN without any
    visits="f8",  # slots of devices in connection
)
"""What happened to one slice in the period."""
