"""The xApp as a target: reports over `POST /decide`, decisions and problems back."""

import asyncio
import ssl
from collections.abc import Callable
from typing import Any

import msgspec

from e2sim.link.address import HttpAddress
from e2sim.link.answer import Answer, Decided, Loss, Refused, Unanswered
from e2sim.link.http import HttpConnection, ProtocolError, Response
from e2sim.link.reachability import Reachability
from oran.allocation import Allocation
from oran.report import CellReport


class ServiceTarget:
    """An xApp behind an HTTP address.

    Args:
        address: where.
        clock: seconds, monotonic, fine enough to time a decision.
        announce: takes one line when the xApp becomes unreachable, one when it is back.
        timeout_s: longest wait for a connection, and for an answer.
    """

    def __init__(
        self,
        address: HttpAddress,
        clock: Callable[[], float],
        announce: Callable[[str], None],
        timeout_s: float = 2.0,
    ) -> None:
        self.address = address
        self.clock = clock
        self.timeout_s = timeout_s
        self.reachability = Reachability(address.url, clock, announce)
        self.tls = ssl.create_default_context() if address.tls else None

    @property
    def name(self) -> str:
        """The URL as the user wrote it."""
        return self.address.url

    def open_link(self) -> "ServiceLink":
        """A lane with a connection of its own."""
        return ServiceLink(self)

    def retry_in_s(self) -> float:
        """Seconds until the xApp is tried again; 0 where it is not known to be down."""
        return self.reachability.retry_in_s()

    def close(self) -> None:
        """Nothing is shared but the reachability."""


class ServiceLink:
    """One lane: a kept-alive connection, made again when it was lost."""

    def __init__(self, target: ServiceTarget) -> None:
        self._target = target
        self._connection: HttpConnection | None = None
        self._head = (
            f"POST {target.address.path} HTTP/1.1\r\nHost: {target.address.authority}\r\n"
            "Content-Type: application/json\r\n"
            "Accept: application/json, application/problem+json\r\n"
            "User-Agent: slicepilot-e2sim\r\nContent-Length: "
        ).encode("ascii")

    async def exchange(self, report: CellReport) -> Answer:
        """Post one report; never raises for what the network or the xApp does."""
        connection = await self._connected()
        if isinstance(connection, Unanswered):
            return connection
        body = msgspec.json.encode(report.to_document())
        started = self._target.clock()
        try:
            async with asyncio.timeout(self._target.timeout_s):
                response = await connection.request(
                    b"%b%d\r\n\r\n%b" % (self._head, len(body), body)
                )
        except TimeoutError:
            return Unanswered(Loss.TIMEOUT, f"no answer within {self._target.timeout_s:g} s")
        except ConnectionError as error:
            return Unanswered(Loss.CONNECTION_LOST, str(error))
        except ProtocolError as error:
            return Unanswered(Loss.MALFORMED, str(error))
        return interpret(report, response, response.read_at_s - started)

    def close(self) -> None:
        """Drop the connection."""
        if self._connection is not None:
            self._connection.close()

    async def _connected(self) -> HttpConnection | Unanswered:
        if self._connection is not None and self._connection.usable:
            return self._connection
        target = self._target
        if target.retry_in_s() > 0.0:
            return Unanswered(Loss.UNREACHABLE, "waiting for the next try")
        try:
            async with asyncio.timeout(target.timeout_s):
                _, self._connection = await asyncio.get_running_loop().create_connection(
                    lambda: HttpConnection(target.clock),
                    target.address.host,
                    target.address.port,
                    ssl=target.tls,
                )
        except OSError as error:
            reason = error.strerror or str(error) or "no connection in time"
            target.reachability.failed(reason)
            return Unanswered(Loss.UNREACHABLE, reason)
        target.reachability.succeeded()
        return self._connection


def interpret(report: CellReport, response: Response, latency_s: float) -> Answer:
    """What an HTTP answer says about a report: a decision, a problem, or nothing usable."""
    if response.status >= 400:
        return _problem(response, latency_s)
    if response.status != 200:
        return Unanswered(Loss.MALFORMED, f"status {response.status}, needs 200 or a problem")
    try:
        allocation = Allocation.from_document(msgspec.json.decode(response.body)["allocation"])
    except (msgspec.DecodeError, KeyError, TypeError, ValueError) as error:
        return Unanswered(Loss.MALFORMED, f"no allocation in the answer: {error!r}")
    wanted = [s.snssai for s in report.slices]
    if [s.snssai for s in allocation.slices] != wanted:
        return Unanswered(
            Loss.MALFORMED,
            f"allocation for {[str(s.snssai) for s in allocation.slices]}, "
            f"the report has {[str(s) for s in wanted]}",
        )
    return Decided(allocation, latency_s)


def _problem(response: Response, latency_s: float) -> Refused:
    try:
        document: Any = msgspec.json.decode(response.body)
    except msgspec.DecodeError:
        document = None
    # RFC 9457 3.1: members of another type are ignored; an absent type is about:blank.
    named = document if isinstance(document, dict) else {}
    problem, title, detail = (
        value if isinstance(value := named.get(key), str) else ""
        for key in ("type", "title", "detail")
    )
    return Refused(response.status, problem or "about:blank", title, detail, latency_s)
