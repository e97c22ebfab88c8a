"""The client of the core control API: one request at a time, each with a deadline and a bound."""

import asyncio
import json
from typing import Final

import httpx

from oran.core.allocation import CoreAllocation
from oran.core.topology import Topology
from xapp.core.documents import KnownTopology, read_allocation, read_topology
from xapp.core.refusal import LONGEST_DETAIL, CoreApiError, Failure, Refused, ReportRefusedError

ROOT: Final = "/core/v1"
MAX_BODY: Final = 2**18
"""Longest answer, bytes; a report of 16 slices over a few sites takes about ten thousand."""


class CoreClient:
    """Speaks to one API.

    httpx bounds each operation on the socket; a peer that sends a byte now and then would keep a
    request for ever. So the deadline here is that of the whole exchange.

    Args:
        url: of the API.
        timeout_s: longest time of an exchange, connection and body included.
        transport: in place of sockets.
    """

    def __init__(
        self, url: str, timeout_s: float, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._timeout_s = timeout_s
        self._client = httpx.AsyncClient(
            base_url=url,
            timeout=timeout_s,
            transport=transport,
            verify=url.startswith("https:"),
            trust_env=False,  # settings are read once, elsewhere
            headers={"accept": "application/json", "accept-encoding": "identity"},
        )

    async def topology(self) -> KnownTopology:
        """What the core consists of.

        Raises:
            CoreApiError: the API does not answer, or with something else.
        """
        status, body = await self._exchange("GET", f"{ROOT}/topology")
        if status != httpx.codes.OK:
            raise _refused("topology", status, body)
        try:
            return read_topology(body)
        except ReportRefusedError as error:
            raise CoreApiError(Failure.NONSENSE, f"topology: {error}") from error

    async def allocation(self, cell: int, topology: Topology) -> CoreAllocation | None:
        """The allocation in force; None where there is no such cell.

        Raises:
            CoreApiError: as of `topology`; no cell 0 is one, too.
        """
        status, body = await self._exchange("GET", f"{ROOT}/allocation?cell={cell}")
        if status == httpx.codes.BAD_REQUEST and cell:
            return None
        if status != httpx.codes.OK:
            raise _refused(f"allocation of cell {cell}", status, body)
        try:
            return read_allocation(body, topology)
        except ReportRefusedError as error:
            raise CoreApiError(Failure.NONSENSE, f"allocation of cell {cell}: {error}") from error

    async def report(self, cell: int) -> bytes:
        """The body of a cell's last report.

        Raises:
            CoreApiError: as of `topology`.
            ReportRefusedError: there is none yet.
        """
        status, body = await self._exchange("GET", f"{ROOT}/report?cell={cell}")
        if status == httpx.codes.SERVICE_UNAVAILABLE:
            raise ReportRefusedError(Refused.NOT_YET, _detail(body))
        if status != httpx.codes.OK:
            raise _refused(f"report of cell {cell}", status, body)
        return body

    async def put(self, cell: int, allocation: CoreAllocation) -> None:
        """Put an allocation in force from the next period on.

        Raises:
            CoreApiError: as of `topology`, or it is refused.
        """
        content = json.dumps(allocation.to_document()).encode()
        status, body = await self._exchange("PUT", f"{ROOT}/allocation?cell={cell}", content)
        if status == httpx.codes.UNPROCESSABLE_ENTITY:
            # It fits the topology that was read: the API has another one by now.
            raise CoreApiError(Failure.CHANGED, f"allocation of cell {cell}: {_detail(body)}")
        if not httpx.codes.is_success(status):
            raise _refused(f"allocation of cell {cell}", status, body)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _exchange(self, method: str, target: str, content: bytes = b"") -> tuple[int, bytes]:
        headers = {"content-type": "application/json"} if content else None
        try:
            async with (
                asyncio.timeout(self._timeout_s),
                self._client.stream(method, target, content=content, headers=headers) as answer,
            ):
                body = bytearray()
                async for part in answer.aiter_raw():
                    body += part
                    if len(body) > MAX_BODY:
                        raise CoreApiError(
                            Failure.NONSENSE, f"{target}: the answer is above {MAX_BODY} bytes"
                        )
                return answer.status_code, bytes(body)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise CoreApiError(
                Failure.TIMEOUT, f"{target}: no answer in {self._timeout_s:g} s"
            ) from error
        except httpx.HTTPError as error:
            why = str(error) or type(error).__name__
            raise CoreApiError(Failure.UNREACHABLE, f"{target}: {why}") from error


def _refused(what: str, status: int, body: bytes) -> CoreApiError:
    return CoreApiError(Failure.STATUS, f"{what}: status {status}: {_detail(body)}")


def _detail(body: bytes) -> str:
    """What a problem document (RFC 9457) says, or the body itself, as text that UTF-8 can hold."""
    text = body[:LONGEST_DETAIL].decode("utf-8", "replace")
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return text
    detail = document.get("detail") if isinstance(document, dict) else None
    if not isinstance(detail, str):
        return text
    return detail[:LONGEST_DETAIL].encode("utf-8", "replace").decode("utf-8")
