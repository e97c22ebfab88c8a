"""Measurement labels: what part of a quantity a value is about (O-RAN E2SM-KPM 8.3.11)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from oran.e2.common.cell import PLMN_IDENTITY, S_NSSAI
from oran.e2.per.field import flag, optional
from oran.e2.per.repeated import Repeated
from oran.e2.per.scalar import Bounded, Enumerated
from oran.e2.per.sequence import Sequence
from oran.snssai import Snssai


class StartEnd(StrEnum):
    """Whether a value stands for the start or the end of a period."""

    START = "start"
    END = "end"


@dataclass(frozen=True, slots=True)
class MeasurementLabel:
    """Subcounters of a measurement; a field that is None or False does not narrow it.

    Attributes:
        no_label: the measurement as a whole.
        plmn: PLMN identity, 3 octets.
        slice: S-NSSAI.
        five_qi: 5QI, 0..255.
        qfi: QoS flow identifier, 0..63.
        qci, qci_max, qci_min: QCI, 0..255.
        arp_max, arp_min: allocation and retention priority, 1..15.
        bitrate_range: number of the range, 1..65535.
        mu_mimo_layer: 1..65535.
        sum: the sum over all subcounters.
        bin_x, bin_y, bin_z: bins of a distribution, 1..65535.
        pre_label_override: the label before this one is replaced, not added to.
        start_end: start or end of the period.
        min, max, avg: statistics over the period.
        ssb_index, non_gob_beam: 1..65535 (v3.00).
        mimo_mode: 1 single user, 2 multiple users (v3.00).

    Integers beyond these ranges are allowed by the extension markers of E2SM-KPM.
    """

    no_label: bool = False
    plmn: bytes | None = None
    slice: Snssai | None = None
    five_qi: int | None = None
    qfi: int | None = None
    qci: int | None = None
    qci_max: int | None = None
    qci_min: int | None = None
    arp_max: int | None = None
    arp_min: int | None = None
    bitrate_range: int | None = None
    mu_mimo_layer: int | None = None
    sum: bool = False
    bin_x: int | None = None
    bin_y: int | None = None
    bin_z: int | None = None
    pre_label_override: bool = False
    start_end: StartEnd | None = None
    min: bool = False
    max: bool = False
    avg: bool = False
    ssb_index: int | None = None
    non_gob_beam: int | None = None
    mimo_mode: int | None = None


NO_LABEL: Final = MeasurementLabel(no_label=True)
"""The measurement as a whole."""

_QCI: Final = Bounded(0, 255, extensible=True)
_ARP: Final = Bounded(1, 15, extensible=True)
_INDEX: Final = Bounded(1, 65535, extensible=True)

MEASUREMENT_LABEL: Final = Repeated(
    Sequence(
        MeasurementLabel,
        flag("noLabel", "no_label"),
        optional("plmnID", "plmn", PLMN_IDENTITY),
        optional("sliceID", "slice", S_NSSAI),
        optional("fiveQI", "five_qi", Bounded(0, 255, extensible=True)),
        optional("qFI", "qfi", Bounded(0, 63, extensible=True)),
        optional("qCI", "qci", _QCI),
        optional("qCImax", "qci_max", _QCI),
        optional("qCImin", "qci_min", _QCI),
        optional("aRPmax", "arp_max", _ARP),
        optional("aRPmin", "arp_min", _ARP),
        optional("bitrateRange", "bitrate_range", _INDEX),
        optional("layerMU-MIMO", "mu_mimo_layer", _INDEX),
        flag("sUM", "sum"),
        optional("distBinX", "bin_x", _INDEX),
        optional("distBinY", "bin_y", _INDEX),
        optional("distBinZ", "bin_z", _INDEX),
        flag("preLabelOverride", "pre_label_override"),
        optional("startEndInd", "start_end", Enumerated(StartEnd)),
        flag("min", "min"),
        flag("max", "max"),
        flag("avg", "avg"),
        additions=(
            optional("ssbIndex", "ssb_index", _INDEX),
            optional("nonGoB-BFmode-Index", "non_gob_beam", _INDEX),
            optional("mIMO-mode-Index", "mimo_mode", Bounded(1, 2, extensible=True)),
        ),
    )
)
"""The same few labels narrow the measurements of all reports."""
