"""SLA satisfaction against its definition in plain Python."""

import math

import pytest
from hypothesis import given

from oran.intent import Intent, Sla
from oran.report import CellReport, SliceReport
from oran.snssai import Snssai
from tests.strategies import reports
from xapp.decision.scalar.sla import slice_satisfaction
from xapp.decision.targets import Targets


def _definition(report: SliceReport, sla: Sla) -> float:
    if report["DRB.BufferSize.Qos"] > 0 and report["DRB.RlcSduTransmittedVolumeDL"] == 0:
        return 0.0
    parts = []
    throughput, delay = report["DRB.UEThpDl"], report["DRB.RlcSduDelayDl"]
    drops = report["DRB.RlcPacketDropRateDl"]
    if sla.throughput_kbps is not None and not math.isnan(throughput):
        parts.append(throughput / sla.throughput_kbps)
    if sla.delay_ms is not None and not math.isnan(delay):
        parts.append(sla.delay_ms / (0.1 * delay) if delay else 1.0)
    if sla.drop_rate is not None and not math.isnan(drops):
        parts.append(sla.drop_rate / (1e-6 * drops) if drops else 1.0)
    return min(*parts, 1.0) if parts else math.nan


@given(reports())
def test_as_defined(drawn: tuple[CellReport, tuple[Intent, ...]]) -> None:
    report, intents = drawn
    for s, intent, row in zip(report.slices, intents, Targets.of(intents).rows, strict=True):
        degree = slice_satisfaction(s.values, row)
        assert degree == pytest.approx(_definition(s, intent.sla), rel=1e-9, nan_ok=True)


@pytest.mark.parametrize(
    ("sla", "error"),
    [
        ({"delay_ms": 0.0}, "delay_ms"),
        ({"throughput_kbps": math.nan}, "throughput_kbps"),
        ({"drop_rate": 1.5}, "above 1"),
        ({"delay_ms": math.inf}, "delay_ms"),
    ],
)
def test_impossible_targets_are_refused(sla: dict[str, float], error: str) -> None:
    with pytest.raises(ValueError, match=error):
        Sla(**sla)


@pytest.mark.parametrize("weight", [0.0, -1.0, 101.0, math.nan])
def test_impossible_weights_are_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="weight"):
        Intent(Snssai(1), Sla(), weight)
