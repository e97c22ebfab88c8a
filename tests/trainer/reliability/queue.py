"""Queues whose losses are known in closed form, as populations."""

import numpy as np

from trainer.reliability.population import F64, I64, Counts


class GeoGeoQueue:
    """A slotted queue with room for `room` packets: departure, then arrival; starts stationary."""

    def __init__(
        self, walkers: int, arrive: float, depart: float, room: int, rng: np.random.Generator
    ) -> None:
        self.walkers = walkers
        self._arrive, self._depart, self._room, self._rng = arrive, depart, room, rng
        self._length = rng.choice(room + 1, walkers, p=stationary(arrive, depart, room))

    def advance(self) -> Counts:
        arrived = self._rng.random(self.walkers) < self._arrive
        left = (self._rng.random(self.walkers) < self._depart) & (self._length > 0)
        length = self._length - left
        lost = arrived & (length == self._room)
        self._length = np.minimum(length + arrived, self._room)
        return Counts(arrived.astype(np.float64), lost.astype(np.float64))

    def importance(self) -> F64:
        return self._length.astype(np.float64)

    def branch(self, sources: I64, targets: I64) -> None:
        assert not np.isin(sources, targets).any()
        self._length[targets] = self._length[sources]


def stationary(arrive: float, depart: float, room: int) -> F64:
    """By the balance of flows between neighbouring lengths."""
    up, down = arrive * (1.0 - depart), depart * (1.0 - arrive)
    weights = np.r_[1.0, arrive / down * (up / down) ** np.arange(room)]
    return np.asarray(weights / weights.sum())


def loss(arrive: float, depart: float, room: int) -> float:
    """Probability that an arriving packet finds no room."""
    return float(stationary(arrive, depart, room)[-1] * (1.0 - depart))


class Ruin:
    """A gambler who wins a coin with `win`, until he has `goal` or none; starts with one."""

    def __init__(self, walkers: int, win: float, goal: int, rng: np.random.Generator) -> None:
        self.walkers = walkers
        self._win, self._goal, self._rng = win, goal, rng
        self._coins = np.ones(walkers, np.int64)
        self._games = np.ones(walkers)  # counted once

    def advance(self) -> Counts:
        playing = (self._coins > 0) & (self._coins < self._goal)
        won = self._rng.random(self.walkers) < self._win
        self._coins += np.where(playing, np.where(won, 1, -1), 0)
        games, self._games = self._games, np.zeros(self.walkers)
        return Counts(games, (playing & (self._coins == self._goal)).astype(np.float64))

    def importance(self) -> F64:
        return self._coins.astype(np.float64)

    def branch(self, sources: I64, targets: I64) -> None:
        self._coins[targets] = self._coins[sources]


def goal_reached(win: float, goal: int) -> float:
    """Feller, An Introduction to Probability Theory I, XIV.2."""
    odds = (1.0 - win) / win
    return (1.0 - odds) / (1.0 - odds**goal)
