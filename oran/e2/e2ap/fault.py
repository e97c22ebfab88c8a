"""Reset and Error Indication (O-RAN E2AP 9.1.2.1, 9.1.2.5, 9.1.2.6)."""

from dataclasses import dataclass
from typing import Final

from oran.e2.e2ap.cause import Cause, Criticality, CriticalityDiagnostics
from oran.e2.e2ap.identity import RicRequestId
from oran.e2.e2ap.ies import (
    CAUSE_IGNORE,
    CAUSE_OPTIONAL,
    DIAGNOSTICS,
    FUNCTION_ID_OPTIONAL,
    REQUEST_ID_OPTIONAL,
    TRANSACTION_ID,
    TRANSACTION_ID_OPTIONAL,
)
from oran.e2.e2ap.message import Message, MessageType, Outcome

ERROR_INDICATION: Final = 2
RESET: Final = 3


@dataclass(frozen=True, slots=True)
class ErrorIndication(Message):
    """A message was not understood, and its procedure has no failure message for that."""

    transaction_id: int | None = None
    request_id: RicRequestId | None = None
    ran_function_id: int | None = None
    cause: Cause | None = None
    diagnostics: CriticalityDiagnostics | None = None


@dataclass(frozen=True, slots=True)
class ResetRequest(Message):
    """One end wants both to forget all subscriptions and requests."""

    transaction_id: int
    cause: Cause


@dataclass(frozen=True, slots=True)
class ResetResponse(Message):
    """The other end has forgotten them."""

    transaction_id: int
    diagnostics: CriticalityDiagnostics | None = None


MESSAGES: Final = (
    MessageType(
        "ErrorIndication",
        ErrorIndication,
        ERROR_INDICATION,
        Outcome.INITIATING,
        TRANSACTION_ID_OPTIONAL,
        REQUEST_ID_OPTIONAL,
        FUNCTION_ID_OPTIONAL,
        CAUSE_OPTIONAL,
        DIAGNOSTICS,
        criticality=Criticality.IGNORE,
    ),
    MessageType(
        "ResetRequest", ResetRequest, RESET, Outcome.INITIATING, TRANSACTION_ID, CAUSE_IGNORE
    ),
    MessageType(
        "ResetResponse", ResetResponse, RESET, Outcome.SUCCESSFUL, TRANSACTION_ID, DIAGNOSTICS
    ),
)
