"""Answers of the RIC to what a node asks; everything is granted."""

from collections.abc import Iterable

from oran.e2 import e2ap


def granted(request: e2ap.Message, ric: e2ap.GlobalRicId) -> e2ap.Message:
    """The successful answer.

    RAN functions that the xApp does not use are accepted too: they do no harm, and there are nodes
    that stop when one is rejected.

    Raises:
        TypeError: the RIC has no answer to such a message; `Connection` lets none through.
    """
    match request:
        case e2ap.E2SetupRequest():
            components = tuple(_accepted(c) for c in request.components)
            return e2ap.E2SetupResponse(
                request.transaction_id, ric, components, _revisions(request.functions)
            )
        case e2ap.RicServiceUpdate():
            taken = (*(request.added or ()), *(request.modified or ()))
            return e2ap.RicServiceUpdateAcknowledge(
                request.transaction_id, _revisions(taken) if taken else None
            )
        case e2ap.E2NodeConfigurationUpdate():
            return _configured(request)
        case e2ap.ResetRequest():
            return e2ap.ResetResponse(request.transaction_id)
        case e2ap.E2RemovalRequest():
            return e2ap.E2RemovalResponse(request.transaction_id)
    raise TypeError(f"{type(request).__name__} is not answered by a RIC")


def _revisions(functions: Iterable[e2ap.RanFunction]) -> tuple[e2ap.RanFunctionRevision, ...]:
    return tuple(e2ap.RanFunctionRevision(f.id, f.revision) for f in functions)


def _accepted(component: e2ap.Component | e2ap.ComponentRemoval) -> e2ap.ComponentAnswer:
    ack = e2ap.ComponentAck(e2ap.UpdateOutcome.SUCCESS)
    return e2ap.ComponentAnswer(component.interface, component.id, ack)


def _accepted_all(
    components: Iterable[e2ap.Component | e2ap.ComponentRemoval] | None,
) -> tuple[e2ap.ComponentAnswer, ...] | None:
    return None if components is None else tuple(_accepted(c) for c in components)


def _configured(
    request: e2ap.E2NodeConfigurationUpdate,
) -> e2ap.E2NodeConfigurationUpdateAcknowledge:
    return e2ap.E2NodeConfigurationUpdateAcknowledge(
        request.transaction_id,
        _accepted_all(request.added),
        _accepted_all(request.updated),
        _accepted_all(request.removed),
    )
