"""The twin beside the recordings: every curve of both, how far apart, and what would close it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from e2sim.calibration.burst import Burstiness, burstiness, quantiles
from e2sim.calibration.curve import Curve, Fit, compare
from e2sim.calibration.distance import bootstrap, kolmogorov_smirnov, wasserstein
from e2sim.calibration.judgement import settled
from e2sim.calibration.packets import Trace
from e2sim.calibration.phones import PHONES, phone
from e2sim.calibration.radio import RadioCurves, bits_per_prb, radio_curves
from e2sim.calibration.response import (
    OFFERED_MBPS,
    Experiments,
    Response,
    best_constant_share,
    response,
    response_of,
    split,
)
from e2sim.calibration.sessions import (
    BLOCKS,
    BUFFER,
    COLUMNS,
    CQI,
    ERRORS,
    GRANTED,
    MCS,
    RATE,
    SAMPLES,
    UL_BLOCKS,
    UL_ERRORS,
    Recorded,
    Session,
)
from e2sim.calibration.twin import (
    arrivals,
    like_testbed,
    offered_mbps,
    play,
    rows_of,
    seeds,
    single_users,
    steady,
)
from e2sim.replay.period import CARRIER_PRBS
from e2sim.scenario import Scenario
from oran.measurements import SLICE_COLUMN

F64 = NDArray[np.float64]

_RESPONSE_LOAD: Final = 0.2
"""Load at which cells that offer 4 Mbit/s carry what the recording carries on six PRBs."""

_TOP_MCS: Final = 27.5
_INTERVAL_MCS: Final = (6, 10, 14, 18)


@dataclass(frozen=True, slots=True)
class Agreement:
    """One radio curve of the recording and of the twin.

    Attributes:
        fitted, held_out, twin: the curve on either part of the recording, and of the twin.
        recording: the part fitted on against the part held out: what a perfect fit would show.
        twin_off: the twin against the part held out.
        scale: factor that brings the twin's medians nearest to those fitted on, NaN without any.
        scaled_off: the twin times this factor against the part held out.
    """

    fitted: Curve
    held_out: Curve
    twin: Curve
    recording: Fit
    twin_off: Fit
    scale: float
    scaled_off: Fit


def radio(recorded: Recorded, twin_rows: F64) -> dict[str, Agreement]:
    """All radio curves by name."""
    fitted, held = (radio_curves(stacked(part)) for part in recorded.split())
    ours = radio_curves(twin_rows)
    return {
        f.name: agreement(getattr(fitted, f.name), getattr(held, f.name), getattr(ours, f.name))
        for f in fields(RadioCurves)
    }


def agreement(fitted: Curve, held: Curve, twin: Curve) -> Agreement:
    """Errors of the twin's curve, as it is and with the one factor that fits it best."""
    _, i, j = np.intersect1d(twin.x, fitted.x, return_indices=True)
    known = twin.median[i] > 0.0
    ratio = fitted.median[j][known] / twin.median[i][known]
    scale = float(np.median(ratio)) if len(ratio) else float("nan")
    scaled = Curve(
        twin.name, twin.x_unit, twin.y_unit, twin.x,
        twin.median * scale, twin.low * scale, twin.high * scale, twin.samples,
    )  # fmt: skip
    return Agreement(
        fitted, held, twin, compare(fitted, held), compare(twin, held), scale,
        compare(scaled, held),
    )  # fmt: skip


def stacked(sessions: list[Session]) -> F64:
    """All rows of sessions, float64 [R, columns]."""
    return np.concatenate([s.rows for s in sessions])


def bits_intervals(held: list[Session], rng: np.random.Generator) -> dict[str, Any]:
    """95 % intervals of the recorded median bits per PRB at some MCS; a session is a block."""
    intervals = {}
    for mcs in _INTERVAL_MCS:
        blocks = [bits_per_prb(_at_mcs(s.rows, mcs)) for s in held]
        blocks = [b for b in blocks if len(b)]
        low, high = bootstrap(blocks, lambda sample: float(np.median(sample)), rng)
        median = float(np.median(np.concatenate(blocks)))
        intervals[str(mcs)] = {"median": median, "low": low, "high": high, "sessions": len(blocks)}
    return intervals


def _at_mcs(rows: F64, mcs: int) -> F64:
    near: F64 = rows[(np.abs(rows[:, MCS] - mcs) < 0.5) & (rows[:, BLOCKS] >= 10.0)]
    return near[near[:, GRANTED] > 0.0]


def distributions(recorded: Recorded, scenario: Scenario, twin_rows: F64) -> Mapping[str, Any]:
    """CQI of the recording and of a scenario's users, and block errors of either.

    The recording has them for the uplink only, the twin for the downlink only.
    """
    rows = stacked(recorded.split()[1])
    cqi = rows[(rows[:, CQI] >= 1.0) & (rows[:, BLOCKS] > 0.0), CQI]
    single = single_users(scenario)
    measured = play(single, seeds(0, 60), periods=100)
    ours = measured[..., SLICE_COLUMN["CARR.WBCQIDist"]].ravel()
    return {
        "cqi_ks": kolmogorov_smirnov(ours, cqi),
        "cqi_wasserstein": wasserstein(ours, cqi),
        "cqi_recorded": np.quantile(cqi, (0.1, 0.5, 0.9)).tolist(),
        "cqi_twin": np.quantile(ours, (0.1, 0.5, 0.9)).tolist(),
        "uplink_block_errors_recorded": _error_share(rows, UL_ERRORS, UL_BLOCKS),
        "downlink_block_errors_twin": _error_share(twin_rows, ERRORS, BLOCKS),
        "downlink_block_errors_twin_below_top_mcs": _error_share(
            twin_rows[twin_rows[:, MCS] < _TOP_MCS], ERRORS, BLOCKS
        ),
        "downlink_block_errors_twin_of_mcs": {
            mcs: _error_share(twin_rows[np.rint(twin_rows[:, MCS]) == mcs], ERRORS, BLOCKS)
            for mcs in range(29)
        },
    }


def _error_share(rows: F64, errors: int, blocks: int) -> float:
    """Share of all blocks in error, 0..1, from % and counts of single rows; NaN without any."""
    count = rows[:, blocks].sum()
    share = (rows[:, errors] * rows[:, blocks]).sum() / count / 100.0 if count else float("nan")
    return float(share)


def facts(recorded: Recorded) -> Mapping[str, Any]:
    """What the recording holds, and what it cannot tell."""
    rows = stacked([s for run in recorded.runs for s in run])
    parts = recorded.split()
    return {
        "rows_read": recorded.read,
        "rows_repeated": recorded.repeated,
        "rows_refused": recorded.refused,
        "rows_of_short_sessions": recorded.short,
        "rows_used": len(rows),
        "runs": len(recorded.runs),
        "rows_fitted": sum(len(s.rows) for s in parts[0]),
        "rows_held_out": sum(len(s.rows) for s in parts[1]),
        "rows_with_downlink_blocks": int((rows[:, BLOCKS] > 0.0).sum()),
        "rows_with_downlink_errors": int((rows[:, ERRORS] > 0.0).sum()),
        "share_of_rows_scheduled": float((rows[:, SAMPLES] > 0.0).mean()),
    }


def responses(rows: Experiments, *, cells: int, periods: int) -> dict[str, Response]:
    """The answer to PRBs: either half of the recording, and the twin."""
    fitted, held = split(rows)
    prbs = response(held).prbs
    return {
        "fitted": response(fitted),
        "held_out": response(held),
        "twin": twin_response(prbs, cells=cells, periods=periods),
    }


def twin_response(prbs: F64, *, cells: int, periods: int) -> Response:
    """The twin's answer to PRBs, over cells that happen to be offered 4 Mbit/s.

    A scenario gives loads, not rates; so cells are chosen by what their users ask for.

    Raises:
        ValueError: none of the cells is offered such a rate.
    """
    scenario, drawn = like_testbed(steady(_RESPONSE_LOAD)), seeds(0, cells)
    low, high = OFFERED_MBPS
    rate = offered_mbps(play(scenario, drawn, periods=periods))
    chosen = drawn[(rate >= low) & (rate <= high)]
    if not len(chosen):
        raise ValueError(f"none of {cells} cells is offered {low}..{high} Mbit/s")
    parts = []
    for count in prbs:
        share = round(100 * count / CARRIER_PRBS)
        played = play(scenario, chosen, periods=periods, share=share)
        rows = rows_of(played).reshape(-1, len(COLUMNS))
        parts.append(np.c_[np.full(len(rows), count), rows[:, RATE], rows[:, BUFFER]])
    table = np.concatenate(parts)
    return response_of(table[:, 0], table[:, 1], table[:, 2])


def decisions(recorded: Experiments) -> dict[str, Any]:
    """Latency and constancy of the recorded xApp's decisions."""
    latency = np.concatenate([s.rows[:, 0] for s in recorded.samples])
    constancy = [best_constant_share(s) for s in recorded.samples]
    quantiles = np.quantile(latency, (0.05, 0.5, 0.95, 0.99)).tolist()
    return {
        "decisions": len(latency),
        "latency_ms": dict(zip(("p05", "p50", "p95", "p99"), quantiles, strict=True)),
        "best_constant_share_median": float(np.median(constancy)),
    }


def traffic(traces: list[Trace], scenario: Scenario, *, cells: int, periods: int) -> dict[str, Any]:
    """Burstiness of the twin's users beside that of the recorded phones, both told every 0.1 s."""
    single = single_users(scenario)
    offered = arrivals(single, play(single, seeds(0, cells), periods=periods))
    return {
        "recorded": {t.name: asdict(burstiness(settled(t.downlink).merged(0.1))) for t in traces},
        "twin": {
            s.kind: asdict(_typical([burstiness(p) for p in packets]))
            for s, packets in zip(single.slices, offered, strict=True)
        },
    }


def phones(scenario: Scenario, *, cells: int, periods: int) -> dict[str, Any]:
    """Burstiness of the twin's users under `PHONES`: what settings alone can do."""
    made = {}
    for name, settings in PHONES.items():
        single = phone(scenario, settings)
        (offered,) = arrivals(single, play(single, seeds(0, cells), periods=periods))
        made[name] = asdict(_typical([burstiness(p) for p in offered]))
    return made


def _typical(told: list[Burstiness]) -> Burstiness:
    """Median of each statistic over cells."""
    return quantiles(told, (0.5,))[0]
