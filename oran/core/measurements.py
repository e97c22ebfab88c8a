"""The catalogue of the core: every quantity a core report may carry.

Names are those of 3GPP TS 28.552 and TS 28.554 (v18) where they define the counter; names that
begin with `CORE.` fill gaps and are this project's.
"""

from typing import Final

from oran.measurements import UINT32, Measurement

_OWN: Final = "this project"

SITE_MEASUREMENTS: Final[tuple[Measurement, ...]] = (
    Measurement(
        "VR.VCpuUsageMean", "%", "real", 0.0, 100.0, 0.01,
        "mean over the period of the site's CPU in use", 0.0, "TS 28.552 5.7.1.1.1",
    ),
    Measurement(
        "CORE.SiteDelayMean", "us", "real", 0.0, 1e12, 0.1,
        "mean over the period of the wait for the CPU", 0.0, _OWN,
    ),
    Measurement(
        "CORE.SitePktLossRate", "1e-6", "integer", 0.0, 1e6, 1.0,
        "the slices' packets lost at the site over those lost and those that went on", 0.0, _OWN,
    ),
)  # fmt: skip
"""Measurements of one site, in the order of their columns."""

LINK_MEASUREMENTS: Final[tuple[Measurement, ...]] = (
    Measurement(
        "CORE.LinkUsageMean", "%", "real", 0.0, 100.0, 0.01,
        "mean over the period of the capacity in use", 0.0, _OWN,
    ),
    Measurement(
        "CORE.LinkDelayMean", "us", "real", 0.0, 1e12, 0.1,
        "mean over the period of wait and propagation", 0.0, _OWN,
    ),
    Measurement(
        "CORE.LinkPktLossRate", "1e-6", "integer", 0.0, 1e6, 1.0,
        "the slices' packets lost at the link over those lost and those that went on", 0.0, _OWN,
    ),
)  # fmt: skip
"""Measurements of one link, in the order of their columns."""

CORE_SLICE_MEASUREMENTS: Final[tuple[Measurement, ...]] = (
    Measurement(
        "GTP.OutDataPktN3UPF", "packets per period", "integer", 0.0, UINT32, 1.0,
        "sum: sent by the slice's UPF towards the gNB", 0.0, "TS 28.552 5.4.1.2",
    ),
    Measurement(
        "GTP.OutDataOctN3UPF", "byte per period", "integer", 0.0, UINT32, 1.0,
        "sum: sent by the slice's UPF towards the gNB, tunnel headers left out", 0.0,
        "TS 28.552 5.4.1.4",
    ),
    Measurement(
        "GTP.InDataPktPacketLossN3gNB", "packets per period", "integer", 0.0, UINT32, 1.0,
        "sum: sent by the UPF and lost before the gNB", 0.0, "TS 28.552 5.1.1.34",
    ),
    Measurement(
        "CORE.PktLossRateDl", "1e-6", "integer", 0.0, 1e6, 1.0,
        "lost in UPF and transport over lost and delivered", 0.0, _OWN,
    ),
    Measurement(
        "CORE.DelayDlInUpfMean", "us", "real", 0.0, 1e12, 0.1,
        "mean over packets that reached the gNB, entry to exit of the UPF", 0.0, _OWN,
    ),
    Measurement(
        "GTP.DelayDlPsaUpfNgranMean", "us", "real", 0.0, 1e12, 0.1,
        "mean over packets that reached the gNB, exit of the UPF to the gNB", 0.0,
        "TS 28.552 5.1.1.1.8.1",
    ),
    Measurement(
        "CORE.DelayDlP99", "us", "real", 0.0, 1e12, 1.0,
        "99th percentile of UPF and transport together", 0.0, _OWN,
    ),
    Measurement(
        "DelayE2EDlNs", "us", "real", 0.0, 1e12, 1.0,
        "sum of the means of UPF, transport and radio", 0.0, "TS 28.554 6.3.1.8",
    ),
    Measurement(
        "CORE.Cost", "1e-3 per period", "real", 0.0, 1e9, 0.001,
        "sum of placement, CPU work and migration", 0.0, _OWN,
    ),
)  # fmt: skip
"""Measurements of one slice, in the order of their columns."""

SITE_COLUMN: Final[dict[str, int]] = {m.name: i for i, m in enumerate(SITE_MEASUREMENTS)}
LINK_COLUMN: Final[dict[str, int]] = {m.name: i for i, m in enumerate(LINK_MEASUREMENTS)}
CORE_SLICE_COLUMN: Final[dict[str, int]] = {
    m.name: i for i, m in enumerate(CORE_SLICE_MEASUREMENTS)
}
