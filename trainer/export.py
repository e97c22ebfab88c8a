"""Export: from a run's directory to a bundle."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from trainer.bundle import write_bundle
from trainer.config import TrainingConfig
from trainer.domain import draw_circumstances
from trainer.environment import Environment, Regime
from trainer.fleet import Fleet
from trainer.policy import ActorCritic, TorchPolicy
from trainer.run import Run, software
from trainer.seeds import SEED_RANGES, draw_training_seeds
from trainer.twin import MakeTwin

GOLDEN_CELLS: Final = 8
GOLDEN_PERIODS: Final = 8
_PLACES: Final = 5  # golden vectors have empty places too


def export(
    run: Run,
    make_twin: MakeTwin,
    *,
    name: str,
    created: str,
    evaluation: Mapping[str, Any],
) -> bytes:
    """The bundle of a run's last state; the same run and arguments give the same bytes.

    Args:
        run: the run.
        make_twin: makes the cells in which the golden inputs are seen.
        name: of the policy, for people.
        created: ISO 8601 time, UTC.
        evaluation: what `trainer evaluate` wrote of the policy, by intents; kept in the manifest.

    Raises:
        ExportError: a graph disagrees with the network; nothing is to be written then.
        RunError: there is no run, or it saved no state.
    """
    config = run.config()
    snapshot = run.snapshot()
    seeds = SEED_RANGES["training"]
    training = {
        "config": config.to_document(),
        "progress": dict(snapshot.progress),
        "seeds": {"training": [seeds.start, seeds.stop], "seed": config.seed},
        "software": {"training": run.document()["software"], "export": software()},
    }
    observation, present, period_ms = golden_inputs(snapshot.network, config, make_twin)
    return write_bundle(
        snapshot.network,
        (observation, present),
        name=name,
        created=created,
        period_ms=period_ms,
        rule=config.rule,
        training=training,
        evaluation=evaluation,
    )


def golden_inputs(
    network: ActorCritic, config: TrainingConfig, make_twin: MakeTwin
) -> tuple[NDArray[np.float32], NDArray[np.bool_], int]:
    """Observations the policy meets in charge of fresh cells, and the period's length.

    Slices are placed at random among more places than there are slices, and some are left out, so
    that a graph which mixes places up, or sees empty ones, gives other answers.
    """
    rng = np.random.default_rng(config.seed)
    seen, period_ms = _observations(network, config, make_twin, rng)
    places = max(_PLACES, seen.shape[1])
    observation = np.zeros((len(seen), places, seen.shape[2]), np.float32)
    present = np.zeros((len(seen), places), np.bool_)
    for row, slices in enumerate(seen):
        kept = rng.integers(1, len(slices) + 1)
        where = rng.permutation(places)[:kept]
        observation[row, where] = slices[rng.permutation(len(slices))[:kept]]
        present[row, where] = True
    return observation, present, period_ms


def _observations(
    network: ActorCritic, config: TrainingConfig, make_twin: MakeTwin, rng: np.random.Generator
) -> tuple[NDArray[np.float32], int]:
    with Fleet([make_twin], draw_training_seeds(rng, GOLDEN_CELLS), 1, 1) as fleet:
        circumstances = draw_circumstances(
            config.domain, fleet.snssais(0), fleet.places, GOLDEN_CELLS, 1, rng
        )
        regime = Regime(config.rule, config.limits, config.prices)
        environment = Environment(fleet, circumstances, regime)
        policy = TorchPolicy(network)
        seen = []
        for _ in range(GOLDEN_PERIODS):
            observation = environment.observation
            seen.append(observation.slices)
            environment.step(policy.act(observation.slices, observation.present))
        return np.concatenate(seen), environment.report.period_ms
