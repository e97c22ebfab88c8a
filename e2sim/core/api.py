"""The core control API: what is answered to a request, without sockets.

```
GET /core/v1/topology            sites, links and paths
GET /core/v1/report?cell=0       the last period of a cell's core; `cell` may be left out
GET /core/v1/allocation?cell=0   the allocation in force
PUT /core/v1/allocation?cell=0   another one, from the next period on
```

What is wrong is answered as problem details (RFC 9457), whose `detail` begins with the path of the
field.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, Protocol
from urllib.parse import SplitResult, parse_qsl, urlsplit

from oran.core.allocation import CoreAllocation
from oran.core.report import CoreReport
from oran.core.topology import Topology

ROOT: Final = "/core/v1"


class Cores(Protocol):
    """What the API needs of `e2sim.core.twin.CoredTwin`."""

    @property
    def cells(self) -> int:
        """Number of cells."""
        ...

    @property
    def topology(self) -> Topology:
        """Names of sites, links and paths."""
        ...

    def core_report(self, cell: int, node: str, name: str) -> CoreReport | None:
        """The last period of a cell's core; None before the first."""
        ...

    def core_allocation(self, cell: int) -> CoreAllocation:
        """The allocation in force."""
        ...

    def apply_core(self, cell: int, allocation: CoreAllocation) -> None:
        """Put another one in force."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and JSON document of an answer; none with 204."""

    status: HTTPStatus
    document: dict[str, Any] | None = None

    @property
    def media_type(self) -> str:
        """Type of the document."""
        return "application/problem+json" if self.status >= 400 else "application/json"


class _ProblemError(Exception):
    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(detail)
        self.answer = Answer(
            status, {"title": status.phrase, "status": int(status), "detail": detail}
        )


def _split(target: str) -> SplitResult:
    try:
        return urlsplit(target)
    except ValueError as error:
        raise _ProblemError(
            HTTPStatus.BAD_REQUEST, f"{target}: {error}; known are paths below {ROOT}"
        ) from error


class CoreApi:
    """Answers requests about the cores of a twin.

    Args:
        cores: of the twin.
        node_id: global E2 node id of reports.
    """

    def __init__(self, cores: Cores, node_id: str = "e2sim") -> None:
        self._cores = cores
        self._node_id = node_id
        self._routes: dict[str, dict[str, Callable[[int, bytes], Answer]]] = {
            f"{ROOT}/topology": {"GET": self._topology},
            f"{ROOT}/report": {"GET": self._report},
            f"{ROOT}/allocation": {"GET": self._allocation, "PUT": self._put},
        }

    def answer(self, method: str, target: str, body: bytes) -> Answer:
        """The answer to a request; `target` is that of the request line."""
        try:
            parts = _split(target)
            methods = self._routes.get(parts.path)
            if methods is None:
                known = ", ".join(self._routes)
                raise _ProblemError(HTTPStatus.NOT_FOUND, f"{parts.path}: known are {known}")
            if method not in methods:
                allowed = ", ".join(methods)
                raise _ProblemError(
                    HTTPStatus.METHOD_NOT_ALLOWED, f"{method}: {parts.path} takes {allowed}"
                )
            return methods[method](self._cell(parts.query), body)
        except _ProblemError as problem:
            return problem.answer

    def _cell(self, query: str) -> int:
        cell = "0"
        for name, value in parse_qsl(query, keep_blank_values=True):
            if name != "cell":
                raise _ProblemError(
                    HTTPStatus.BAD_REQUEST, f"{name}: unknown parameter; known is cell"
                )
            cell = value
        # `isdigit` alone takes other scripts' digits, and `int` any number of them.
        if not (cell.isascii() and cell.isdigit() and len(cell) < 10) or (
            int(cell) >= self._cores.cells
        ):
            raise _ProblemError(
                HTTPStatus.BAD_REQUEST,
                f"cell: {cell!r} is not an integer of 0..{self._cores.cells - 1}",
            )
        return int(cell)

    def _topology(self, _cell: int, _body: bytes) -> Answer:
        return Answer(HTTPStatus.OK, self._cores.topology.to_document())

    def _report(self, cell: int, _body: bytes) -> Answer:
        report = self._cores.core_report(cell, self._node_id, f"cell-{cell}")
        if report is None:
            raise _ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, "report: no period has ended yet")
        return Answer(HTTPStatus.OK, report.to_document())

    def _allocation(self, cell: int, _body: bytes) -> Answer:
        return Answer(HTTPStatus.OK, self._cores.core_allocation(cell).to_document())

    def _put(self, cell: int, body: bytes) -> Answer:
        try:
            document = json.loads(body)
        except ValueError as error:
            raise _ProblemError(HTTPStatus.BAD_REQUEST, f"body: not JSON: {error}") from error
        except RecursionError as error:
            raise _ProblemError(HTTPStatus.BAD_REQUEST, "body: nested too deeply") from error
        try:
            allocation = CoreAllocation.from_document(document, self._cores.topology)
            self._cores.apply_core(cell, allocation)
        except ValueError as error:
            raise _ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from error
        return Answer(HTTPStatus.NO_CONTENT)
