"""The policy that is served: all graphs of a bundle checked, the fastest one chosen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from xapp.decision.manifest import GRAPHS, BundleError
from xapp.decision.policy import Policy, PolicyError
from xapp.service.bundle import Bundle, Golden, read_bundle
from xapp.service.onnx_policy import OnnxPolicy

_RUNS: Final = 200


@dataclass(frozen=True, slots=True)
class ServingPolicy:
    """A bundle that passed all checks.

    Attributes:
        bundle: what was loaded.
        graph: which of its graphs is served, one of `GRAPHS`.
        policy: that graph, ready to act.
        benchmark_us: median time of one evaluation for one cell at start-up, by graph.
        deviation: largest absolute difference from the golden answers, by graph.
    """

    bundle: Bundle
    graph: str
    policy: Policy
    benchmark_us: Mapping[str, float]
    deviation: Mapping[str, float]


def load(path: Path, monotonic_ns: Callable[[], int]) -> ServingPolicy:
    """Load a bundle, verify its graphs against the golden answers and pick the fastest one.

    Raises:
        BundleError: any flaw of the file, or a graph that answers differently.
    """
    bundle = read_bundle(path)
    policies: dict[str, OnnxPolicy] = {}
    deviation: dict[str, float] = {}
    for graph, member in GRAPHS.items():
        try:
            policies[graph] = OnnxPolicy(bundle.graphs[graph])
            deviation[graph] = _deviation(policies[graph], bundle.golden)
        except (BundleError, PolicyError) as error:
            raise BundleError(f"{path}: {member}: {error}") from error
        allowed = bundle.manifest.tolerance[graph]
        # Written so that NaN is refused too.
        if not deviation[graph] <= allowed:
            raise BundleError(
                f"{path}: {member}: differs from the golden answers by {deviation[graph]:.3g}, "
                f"above the tolerance of {allowed:.3g}"
            )
    times = _benchmark(policies, bundle.golden, monotonic_ns)
    graph = min(times, key=times.__getitem__)
    return ServingPolicy(bundle, graph, policies[graph], times, deviation)


def _deviation(policy: Policy, golden: Golden) -> float:
    """Largest absolute difference from the golden answers, evaluated as served: cell by cell.

    A dynamically quantised graph scales by the whole input, so a batch would answer differently.
    """
    worst = 0.0
    for i, at in enumerate(golden.present):
        raw, power = policy.act(golden.observation[i, at].ravel().tolist(), int(at.sum()))
        found = np.array([*raw, power])
        wanted = np.concatenate([golden.slices[i, at].ravel(), golden.cell[i]])
        # Unlike `max`, keeps a NaN.
        worst = float(np.maximum(worst, np.abs(found - wanted).max()))
    return worst


def _benchmark(
    policies: Mapping[str, Policy], golden: Golden, monotonic_ns: Callable[[], int]
) -> dict[str, float]:
    """Median time of one evaluation by graph, microseconds; graphs take turns."""
    at = golden.present[0]
    features, slices = golden.observation[0, at].ravel().tolist(), int(at.sum())
    times: dict[str, list[int]] = {graph: [] for graph in policies}
    for _ in range(_RUNS):
        for graph, policy in policies.items():
            start = monotonic_ns()
            policy.act(features, slices)
            times[graph].append(monotonic_ns() - start)
    return {graph: float(np.median(t)) / 1000 for graph, t in times.items()}


@dataclass(frozen=True, slots=True)
class TimedPolicy:
    """A policy whose evaluations are timed.

    Attributes:
        policy: the policy.
        observe: told of each evaluation's seconds.
        monotonic_ns: the clock.
    """

    policy: Policy
    observe: Callable[[float], None]
    monotonic_ns: Callable[[], int] = field(repr=False)

    def act(self, features: Sequence[float], slices: int) -> tuple[Sequence[float], float]:
        """See `xapp.decision.policy.Policy.act`."""
        start = self.monotonic_ns()
        try:
            return self.policy.act(features, slices)
        finally:
            self.observe((self.monotonic_ns() - start) * 1e-9)
