"""The network and the graphs written from it: symmetry, padding, the start at the rule's level."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from trainer.bundle import OnnxPolicy
from trainer.graph import cell_graph, policy_graph
from trainer.policy import ActorCritic, InitialSpread, Policy, TorchPolicy
from xapp.decision.observation import FEATURES


def trained_like(width: int = 32, seed: int = 0) -> ActorCritic:
    """A network with weights everywhere and a normaliser that has seen something."""
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    network = ActorCritic(width, InitialSpread())
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape, generator=generator))
    rows = torch.rand(200, 3, FEATURES, generator=generator) * 0.5
    network.absorb(rows, torch.ones(200, 3, dtype=torch.bool))
    return network


NETWORK = trained_like()
POLICIES: dict[str, Policy] = {
    "torch": TorchPolicy(NETWORK),
    "fp32": OnnxPolicy(policy_graph(NETWORK, int8=False)),
    "int8": OnnxPolicy(policy_graph(NETWORK, int8=True)),
    "cell": OnnxPolicy(cell_graph(NETWORK)),
}


def inputs(
    rng: np.random.Generator, n: int, s: int
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    present = rng.random((n, s)) < 0.7
    present[np.arange(n), rng.integers(0, s, n)] = True
    observation = rng.random((n, s, FEATURES), np.float32) * present[..., None]
    return observation.astype(np.float32), present


@pytest.mark.parametrize("name", POLICIES)
@settings(max_examples=30, deadline=None)
@given(n=st.integers(1, 5), s=st.integers(1, 16), seed=st.integers(0, 2**32 - 1))
def test_slices_in_another_order_get_the_same_answers(name: str, n: int, s: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    observation, present = inputs(rng, n, s)
    order = rng.permutation(s)
    policy = POLICIES[name]
    one = policy.act(observation, present)
    other = policy.act(observation[:, order].copy(), present[:, order].copy())
    atol = 0.02 if name == "int8" else 1e-5  # sums in another order
    np.testing.assert_allclose(one.slices[:, order], other.slices, atol=atol)
    np.testing.assert_allclose(one.cell, other.cell, atol=atol)


@pytest.mark.parametrize("name", ["torch", "fp32"])
@settings(max_examples=30, deadline=None)
@given(n=st.integers(1, 5), s=st.integers(1, 8), seed=st.integers(0, 2**32 - 1))
def test_what_stands_in_empty_places_changes_nothing(name: str, n: int, s: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    observation, present = inputs(rng, n, s)
    policy = POLICIES[name]
    one = policy.act(observation, present)
    wider = np.concatenate((present, np.zeros((n, 3), np.bool_)), axis=1)
    junk = rng.normal(size=(n, s + 3, FEATURES)).astype(np.float32) * 100.0
    junk[:, :s][present] = observation[present]
    other = policy.act(junk, wider)
    np.testing.assert_allclose(one.slices[present], other.slices[:, :s][present], atol=1e-5)
    np.testing.assert_allclose(one.cell, other.cell, atol=1e-5)


@settings(max_examples=30, deadline=None)
@given(n=st.integers(1, 64), s=st.integers(1, 16), seed=st.integers(0, 2**32 - 1))
def test_the_graph_answers_as_the_network_for_any_number_of_cells_and_slices(
    n: int, s: int, seed: int
) -> None:
    observation, present = inputs(np.random.default_rng(seed), n, s)
    want = POLICIES["torch"].act(observation, present)
    got = POLICIES["fp32"].act(observation, present)
    np.testing.assert_allclose(got.slices[present], want.slices[present], atol=1e-5)
    np.testing.assert_allclose(got.cell, want.cell, atol=1e-5)


def test_a_new_policy_is_the_rule() -> None:
    policy = TorchPolicy(ActorCritic(16, InitialSpread()))
    action = policy.act(*inputs(np.random.default_rng(0), 4, 3))
    assert not action.slices.any()
    assert not action.cell.any()


def test_the_normaliser_gathers_the_moments_of_all_it_has_seen() -> None:
    rng = np.random.default_rng(1)
    network = ActorCritic(8, InitialSpread())
    parts = [inputs(rng, n, 4) for n in (5, 50, 500)]
    for observation, present in parts:
        network.absorb(torch.from_numpy(observation), torch.from_numpy(present))
    rows = np.concatenate([o[p] for o, p in parts]).astype(np.float64)
    np.testing.assert_allclose(network.mean.numpy(), rows.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(network.std.numpy(), rows.std(axis=0), atol=1e-3)


def test_log_probability_is_that_of_independent_normals_at_real_slices() -> None:
    network = trained_like()
    observation, present = (torch.from_numpy(a) for a in inputs(np.random.default_rng(2), 6, 5))
    with torch.no_grad():
        out = network(observation, present)
        taken = network.sample(out, torch.Generator().manual_seed(0))
        got = network.log_probability(out, taken, present)
        normal = torch.distributions.Normal
        slices = normal(out.slices, network.log_std_slices.exp()).log_prob(taken.slices)  # type: ignore[no-untyped-call]
        cell = normal(out.cell, network.log_std_cell.exp()).log_prob(taken.cell)  # type: ignore[no-untyped-call]
    want = (slices.sum(-1) * present).sum(1) + cell.sum(-1)
    torch.testing.assert_close(got, want)
