"""The RAN functions that a node offers and the RIC takes, as both ends know them."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from oran.e2.connection.errors import ViolationError
from oran.e2.connection.limits import MAX_RAN_FUNCTIONS
from oran.e2.e2ap import (
    CauseRicRequest,
    CauseRicService,
    E2SetupRequest,
    E2SetupResponse,
    Message,
    RanFunction,
    RanFunctionRejected,
    RanFunctionRevision,
    RicServiceUpdate,
    RicServiceUpdateAcknowledge,
)


class RanFunctions:
    """Table of RAN functions in use.

    A function is in use when the node offered it and the RIC's answer neither refused it nor, if
    the answer lists what is accepted, left it out. A change that the RIC refused leaves the
    function as it was.
    """

    def __init__(self) -> None:
        self._functions: dict[int, RanFunction] = {}

    @property
    def view(self) -> Mapping[int, RanFunction]:
        """The functions in use, by id."""
        return MappingProxyType(self._functions)

    def check_id(self, function_id: int) -> None:
        """That a function is in use.

        Raises:
            ViolationError: it is not.
        """
        if function_id not in self._functions:
            known = ", ".join(map(str, sorted(self._functions))) or "none"
            raise ViolationError(
                f"RAN function {function_id} is not in use; in use are {known}",
                CauseRicRequest.RAN_FUNCTION_ID_INVALID,
            )

    def check(self, request: Message) -> None:
        """That an offer fits the table.

        Raises:
            ViolationError: too many functions would be in use.
        """
        if isinstance(request, E2SetupRequest):
            ids = {f.id for f in request.functions}
        elif isinstance(request, RicServiceUpdate):
            ids = self._functions.keys() | {f.id for f in request.added or ()}
            ids -= {f.id for f in request.deleted or ()}
        else:
            return
        if len(ids) > MAX_RAN_FUNCTIONS:
            raise ViolationError(
                f"{len(ids)} RAN functions; at most {MAX_RAN_FUNCTIONS} are allowed",
                CauseRicService.EXCESSIVE_FUNCTIONS,
            )

    def apply(self, request: Message, response: Message) -> set[int]:
        """Take the RIC's answer to an offer.

        Returns:
            Ids of the functions that are in use no longer.
        """
        if isinstance(request, E2SetupRequest) and isinstance(response, E2SetupResponse):
            self._functions = _taken(request.functions, response.accepted, response.rejected)
            return set()
        if not (
            isinstance(request, RicServiceUpdate)
            and isinstance(response, RicServiceUpdateAcknowledge)
        ):
            return set()
        offered = (*(request.added or ()), *(request.modified or ()))
        self._functions |= _taken(offered, response.accepted, response.rejected)
        deleted = {f.id for f in request.deleted or ()} & self._functions.keys()
        for function_id in deleted:
            del self._functions[function_id]
        return deleted

    def clear(self) -> None:
        """Forget all functions."""
        self._functions = {}


def _taken(
    offered: Iterable[RanFunction],
    accepted: Iterable[RanFunctionRevision] | None,
    rejected: Iterable[RanFunctionRejected] | None,
) -> dict[int, RanFunction]:
    refused = {f.id for f in rejected or ()}
    listed = None if accepted is None else {f.id for f in accepted}
    return {f.id: f for f in offered if f.id not in refused and (listed is None or f.id in listed)}
