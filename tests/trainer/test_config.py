"""Configurations: what is written reads back, what is wrong is named."""

import json

import pytest

from trainer.config import ConfigError, TrainingConfig, config_from_document, config_from_toml
from trainer.ppo import PpoConfig


def test_a_configuration_survives_json() -> None:
    config = TrainingConfig(seed=7, ppo=PpoConfig(gamma=0.5))
    assert config_from_document(json.loads(json.dumps(config.to_document()))) == config


def test_toml_changes_what_it_names() -> None:
    config = config_from_toml("cells = 64\nminutes = 1\n[ppo]\nlam = 0.5\n[prices]\nblocked = 1")
    assert (config.cells, config.minutes, config.ppo.lam, config.prices.blocked) == (64, 1, 0.5, 1)
    assert type(config.minutes) is float
    assert config.ppo.gamma == PpoConfig().gamma


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("cell = 64", "cell: unknown"),
        ("[ppo]\ngama = 0.5", "ppo.gama: unknown"),
        ("cells = '64'", "cells: needs int, got '64'"),
        ("cells = true", "cells: needs int, got True"),
        ("ppo = 5", "ppo: needs a table, got 5"),
        ("[prices]\nblocked = -1.0", "prices.: blocked: -1.0"),
        ("[limits]\nurllc_floor = 90", "limits.: urllc_floor: 90"),
        ("cells = 100", "cells: 100 is not a multiple of"),
        ("width = 0", "width: needs at least 1"),
        ("cells = ", "not TOML"),
    ],
)
def test_what_is_wrong_is_named(text: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        config_from_toml(text)
