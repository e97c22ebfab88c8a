"""Hand-made rows in the two recordings' formats."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import PurePosixPath

from e2sim.replay.census import Census, FileTally
from e2sim.replay.source import Source

WIDE = (
    "Timestamp,num_ues,IMSI,RNTI,,slicing_enabled,slice_id,slice_prb,power_multiplier,"
    "scheduling_policy,,dl_mcs,dl_n_samples,dl_buffer [bytes],tx_brate downlink [Mbps],"
    "tx_pkts downlink,tx_errors downlink (%),dl_cqi,,ul_mcs,ul_n_samples,ul_buffer [bytes],"
    "rx_brate uplink [Mbps],rx_pkts uplink,rx_errors uplink (%),ul_rssi,ul_sinr,phr,,"
    "sum_requested_prbs,sum_granted_prbs,,dl_pmi,dl_ri,ul_n,ul_turbo_iters"
)
NARROW = (
    "Timestamp,dl_mcs,dl_n_samples,dl_buffer [bytes],tx_brate downlink [Mbps],tx_pkts downlink,"
    "tx_errors downlink (%),dl_cqi,ul_mcs,ul_n_samples,ul_buffer [bytes],rx_brate uplink [Mbps],"
    "rx_pkts uplink,rx_errors uplink (%),ul_sinr,phr,sum_requested_prbs,sum_granted_prbs,"
    "ul_turbo_iters"
)
COLORAN = (
    "exp,agent_traffic,msg_id,ts_ms,used,slice_id,dl_buffer_bytes,tx_brate_dl_mbps,"
    "ratio_granted_req,slice_prb,tx_pkts_dl"
)

T0 = 1_677_812_831_782
"""A time stamp as the recorders write it."""


def ue(
    time_ms: int,
    *,
    mcs: object = 10,
    samples: object = 20,
    buffer: object = 0,
    rate: object = 1.0,
    blocks: object = 20,
    errors: object = 0,
    cqi: object = 9,
    slicing: object = 0,
    slice_id: object = 0,
    header: str = WIDE,
) -> str:
    """One row of TRACTOR; uplink columns and others that nothing is made from are 0."""
    named = {
        "Timestamp": time_ms,
        "slicing_enabled": slicing,
        "slice_id": slice_id,
        "dl_mcs": mcs,
        "dl_n_samples": samples,
        "dl_buffer [bytes]": buffer,
        "tx_brate downlink [Mbps]": rate,
        "tx_pkts downlink": blocks,
        "tx_errors downlink (%)": errors,
        "dl_cqi": cqi,
        "": "",
    }
    return ",".join(str(named.get(column, 0)) for column in header.split(","))


def sample(
    time_ms: int,
    message: object,
    slice_id: object,
    *,
    buffer: object = 0,
    rate: object = 0.0,
    experiment: str = "main/exp1",
) -> str:
    """One row of ColO-RAN."""
    return f"{experiment},trf1,{message},{time_ms},1,{slice_id},{buffer},{rate},1.0,17,6"


def csv(header: str, rows: Sequence[str]) -> bytes:
    return "".join(f"{line}\n" for line in (header, *rows)).encode()


def source(content: bytes, path: str = "logs/Trial1/Multi4/1_metrics.csv") -> Source:
    return Source(PurePosixPath(path), BytesIO(content))


def tally(name: str = "f") -> FileTally:
    return Census().open_file(name)
