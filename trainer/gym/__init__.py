"""Gymnasium environments over the digital twin, registered when this package is imported.

- `slicepilot/Slicing-v0`: one cell; through `gymnasium.make_vec`, many cells in one compiled batch;
- `slicepilot/SlicingFlat-v0`: one cell with flat, bounded spaces, for libraries that want those.

`gymnasium.make("trainer.gym:slicepilot/Slicing-v0", scenario="night")` imports it on the way. The
keywords are the fields of `trainer.gym.cells.Setting`.
"""

import gymnasium

from trainer.gym.cells import Setting
from trainer.gym.flat import FlatSlicingEnv
from trainer.gym.many import SlicingVectorEnv
from trainer.gym.one import SlicingEnv

__all__ = ["FlatSlicingEnv", "Setting", "SlicingEnv", "SlicingVectorEnv"]

gymnasium.register(
    id="slicepilot/Slicing-v0",
    entry_point="trainer.gym.one:SlicingEnv",
    vector_entry_point="trainer.gym.many:SlicingVectorEnv",
)
gymnasium.register(id="slicepilot/SlicingFlat-v0", entry_point="trainer.gym.flat:FlatSlicingEnv")
