"""Turns over sockets of this machine: who is called, in which turn, and what a flaw costs."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

from oran.e2.transport import Turns, turns
from tests.oran.e2_connection.loopback import run, until


class Watched:
    """Sockets under watch, and the names of those that were called, turn by turn."""

    def __init__(self, names: str) -> None:
        self.found: list[str] = []
        self.now = ""
        self.turns = Turns(self.after)
        self.pairs = {name: socket.socketpair() for name in names}
        for name, (here, _) in self.pairs.items():
            self.turns.add_reader(here.fileno(), self.calls(name))

    def calls(self, name: str) -> Callable[[], None]:
        def call() -> None:
            assert self.turns.under_way
            self.pairs[name][0].recv(16)
            self.now += name

        return call

    def after(self) -> None:
        self.found.append("".join(sorted(self.now)))
        self.now = ""

    def send(self, names: str) -> None:
        for name in names:
            self.pairs[name][1].send(b"x")

    def close(self) -> None:
        self.turns.close()
        for pair in self.pairs.values():
            for end in pair:
                end.close()


def test_what_has_arrived_is_one_turn(monkeypatch: Any) -> None:
    monkeypatch.setattr(turns, "MOST", 3)

    async def test() -> None:
        watched = Watched("abcde")
        watched.send("ca")
        await until(lambda: watched.found == ["ac"])
        watched.send("abcde")
        await until(lambda: len(watched.found) == 3)
        assert sorted("".join(watched.found[1:])) == list("abcde")
        assert len(watched.found[1]) == 3
        assert not watched.turns.under_way
        watched.close()

    run(test)


def test_a_socket_that_is_removed_is_not_called_in_the_turn_under_way() -> None:
    async def test() -> None:
        watched = Watched("ab")

        def alone(name: str, other: str) -> Callable[[], None]:
            def call() -> None:
                watched.calls(name)()
                watched.turns.remove_reader(watched.pairs[other][0].fileno())

            return call

        for name, other in ("ab", "ba"):
            fd = watched.pairs[name][0].fileno()
            watched.turns.remove_reader(fd)
            watched.turns.add_reader(fd, alone(name, other))
        watched.send("ab")
        await until(lambda: watched.found)
        assert watched.found in (["a"], ["b"])
        watched.close()

    run(test)


def test_a_call_that_fails_costs_the_others_nothing() -> None:
    async def test() -> None:
        told: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
        watched = Watched("abc")
        fd = watched.pairs["b"][0].fileno()

        def fail() -> None:
            watched.turns.remove_reader(fd)
            raise ZeroDivisionError

        watched.turns.remove_reader(fd)
        watched.turns.add_reader(fd, fail)
        watched.send("abc")
        await until(lambda: watched.found)
        assert watched.found == ["ac"]
        assert [type(t["exception"]) for t in told] == [ZeroDivisionError]
        watched.close()

    run(test)
