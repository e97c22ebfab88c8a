"""The digital twin: radio cells with slices, played period by period."""

from e2sim.network.network import Network

__all__ = ["Network"]
