"""RIC Service Update and Query (O-RAN E2AP 9.1.2.7 to 9.1.2.10): a change of what is offered."""

from dataclasses import dataclass
from typing import Final

from oran.e2.e2ap.cause import Cause, Criticality, CriticalityDiagnostics
from oran.e2.e2ap.functions import (
    RAN_FUNCTION_IDS,
    RAN_FUNCTIONS,
    RAN_FUNCTIONS_REJECTED,
    RanFunction,
    RanFunctionRejected,
    RanFunctionRevision,
)
from oran.e2.e2ap.ies import (
    CAUSE_REJECT,
    DIAGNOSTICS,
    TIME_TO_WAIT,
    TRANSACTION_ID,
    TimeToWait,
    optional,
)
from oran.e2.e2ap.message import Message, MessageType, Outcome

RIC_SERVICE_QUERY: Final = 6
RIC_SERVICE_UPDATE: Final = 7


@dataclass(frozen=True, slots=True)
class RicServiceUpdate(Message):
    """The node changes what it offers; each list holds 1..256 RAN functions."""

    transaction_id: int
    added: tuple[RanFunction, ...] | None = None
    modified: tuple[RanFunction, ...] | None = None
    deleted: tuple[RanFunctionRevision, ...] | None = None


@dataclass(frozen=True, slots=True)
class RicServiceUpdateAcknowledge(Message):
    """The RIC takes the change, in whole or in part."""

    transaction_id: int
    accepted: tuple[RanFunctionRevision, ...] | None = None
    rejected: tuple[RanFunctionRejected, ...] | None = None


@dataclass(frozen=True, slots=True)
class RicServiceUpdateFailure(Message):
    """The RIC refuses the change."""

    transaction_id: int
    cause: Cause
    time_to_wait: TimeToWait | None = None
    diagnostics: CriticalityDiagnostics | None = None


@dataclass(frozen=True, slots=True)
class RicServiceQuery(Message):
    """The RIC asks for an update; `accepted` are the RAN functions it knows of."""

    transaction_id: int
    accepted: tuple[RanFunctionRevision, ...] | None = None


MESSAGES: Final = (
    MessageType(
        "RICserviceUpdate",
        RicServiceUpdate,
        RIC_SERVICE_UPDATE,
        Outcome.INITIATING,
        TRANSACTION_ID,
        optional(10, "RANfunctionsAdded", "added", RAN_FUNCTIONS),
        optional(12, "RANfunctionsModified", "modified", RAN_FUNCTIONS),
        optional(11, "RANfunctionsDeleted", "deleted", RAN_FUNCTION_IDS),
    ),
    MessageType(
        "RICserviceUpdateAcknowledge",
        RicServiceUpdateAcknowledge,
        RIC_SERVICE_UPDATE,
        Outcome.SUCCESSFUL,
        TRANSACTION_ID,
        optional(9, "RANfunctionsAccepted", "accepted", RAN_FUNCTION_IDS),
        optional(13, "RANfunctionsRejected", "rejected", RAN_FUNCTIONS_REJECTED),
    ),
    MessageType(
        "RICserviceUpdateFailure",
        RicServiceUpdateFailure,
        RIC_SERVICE_UPDATE,
        Outcome.UNSUCCESSFUL,
        TRANSACTION_ID,
        CAUSE_REJECT,
        TIME_TO_WAIT,
        DIAGNOSTICS,
    ),
    MessageType(
        "RICserviceQuery",
        RicServiceQuery,
        RIC_SERVICE_QUERY,
        Outcome.INITIATING,
        TRANSACTION_ID,
        optional(9, "RANfunctionsAccepted", "accepted", RAN_FUNCTION_IDS),
        criticality=Criticality.IGNORE,
    ),
)
