"""Why something failed: Cause and CriticalityDiagnostics (O-RAN E2AP 9.2.1, 9.2.2)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from oran.e2.e2ap.identity import RIC_REQUEST_ID, RicRequestId
from oran.e2.per.choice import Alternative, Choice, UnknownAlternative
from oran.e2.per.field import optional, required
from oran.e2.per.list import SequenceOf
from oran.e2.per.scalar import Bounded, Enumerated
from oran.e2.per.sequence import Sequence

MAX_ERRORS: Final = 256
"""maxnoofErrors: most IEs that one CriticalityDiagnostics names."""


class CauseRicRequest(StrEnum):
    """What is wrong with a request of the RIC. The last six came with v3.01 and later."""

    RAN_FUNCTION_ID_INVALID = "ran-function-id-invalid"
    ACTION_NOT_SUPPORTED = "action-not-supported"
    EXCESSIVE_ACTIONS = "excessive-actions"
    DUPLICATE_ACTION = "duplicate-action"
    DUPLICATE_EVENT_TRIGGER = "duplicate-event-trigger"
    FUNCTION_RESOURCE_LIMIT = "function-resource-limit"
    REQUEST_ID_UNKNOWN = "request-id-unknown"
    INCONSISTENT_SEQUENCE = "inconsistent-action-subsequent-action-sequence"
    CONTROL_MESSAGE_INVALID = "control-message-invalid"
    CALL_PROCESS_ID_INVALID = "ric-call-process-id-invalid"
    CONTROL_TIMER_EXPIRED = "control-timer-expired"
    CONTROL_FAILED_TO_EXECUTE = "control-failed-to-execute"
    SYSTEM_NOT_READY = "system-not-ready"
    UNSPECIFIED = "unspecified"
    SUBSCRIPTION_END_TIME_EXPIRED = "ric-subscription-end-time-expired"
    SUBSCRIPTION_END_TIME_INVALID = "ric-subscription-end-time-invalid"
    DUPLICATE_RIC_REQUEST_ID = "duplicate-ric-request-id"
    EVENT_TRIGGER_NOT_SUPPORTED = "eventTriggerNotSupported"
    INFORMATION_UNAVAILABLE = "requested-information-unavailable"
    INVALID_INFORMATION_REQUEST = "invalid-information-request"


class CauseRicService(StrEnum):
    """What is wrong with a RAN function that was offered."""

    RAN_FUNCTION_NOT_SUPPORTED = "ran-function-not-supported"
    EXCESSIVE_FUNCTIONS = "excessive-functions"
    RIC_RESOURCE_LIMIT = "ric-resource-limit"


class CauseE2Node(StrEnum):
    """What is wrong with the node's configuration."""

    COMPONENT_UNKNOWN = "e2node-component-unknown"


class CauseTransport(StrEnum):
    """What is wrong with the transport."""

    UNSPECIFIED = "unspecified"
    RESOURCE_UNAVAILABLE = "transport-resource-unavailable"


class CauseProtocol(StrEnum):
    """How a message breaks the protocol."""

    TRANSFER_SYNTAX_ERROR = "transfer-syntax-error"
    ABSTRACT_SYNTAX_ERROR_REJECT = "abstract-syntax-error-reject"
    ABSTRACT_SYNTAX_ERROR_IGNORE = "abstract-syntax-error-ignore-and-notify"
    NOT_COMPATIBLE_WITH_STATE = "message-not-compatible-with-receiver-state"
    SEMANTIC_ERROR = "semantic-error"
    FALSELY_CONSTRUCTED = "abstract-syntax-error-falsely-constructed-message"
    UNSPECIFIED = "unspecified"


class CauseMisc(StrEnum):
    """Everything else."""

    CONTROL_PROCESSING_OVERLOAD = "control-processing-overload"
    HARDWARE_FAILURE = "hardware-failure"
    OM_INTERVENTION = "om-intervention"
    UNSPECIFIED = "unspecified"


Cause: TypeAlias = (
    CauseRicRequest
    | CauseRicService
    | CauseE2Node
    | CauseTransport
    | CauseProtocol
    | CauseMisc
    | UnknownAlternative
)
"""The group is told by the enumeration that a cause belongs to."""

CAUSE: Final[Choice[Cause]] = Choice(
    Alternative("ricRequest", CauseRicRequest, Enumerated(CauseRicRequest, roots=14)),
    Alternative("ricService", CauseRicService, Enumerated(CauseRicService)),
    Alternative("e2Node", CauseE2Node, Enumerated(CauseE2Node)),
    Alternative("transport", CauseTransport, Enumerated(CauseTransport)),
    Alternative("protocol", CauseProtocol, Enumerated(CauseProtocol)),
    Alternative("misc", CauseMisc, Enumerated(CauseMisc)),
)


class Criticality(StrEnum):
    """What a receiver does that does not understand an IE or a procedure."""

    REJECT = "reject"
    IGNORE = "ignore"
    NOTIFY = "notify"


class TriggeringMessage(StrEnum):
    """Which message of a procedure was wrong."""

    INITIATING = "initiating-message"
    SUCCESSFUL_OUTCOME = "successful-outcome"
    UNSUCCESSFUL_OUTCOME = "unsuccessfull-outcome"


class TypeOfError(StrEnum):
    """What is wrong with an IE."""

    NOT_UNDERSTOOD = "not-understood"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class IeDiagnostics:
    """One IE that was wrong.

    Attributes:
        criticality: of the IE.
        ie_id: 0..65535.
        type_of_error: what is wrong with it.
    """

    criticality: Criticality
    ie_id: int
    type_of_error: TypeOfError


@dataclass(frozen=True, slots=True)
class CriticalityDiagnostics:
    """What a receiver did not understand.

    Attributes:
        procedure_code: of the message, 0..255.
        triggering_message: which message of the procedure.
        procedure_criticality: of the procedure.
        request_id: of the RIC functional procedure.
        ies: the IEs that were wrong, 1..`MAX_ERRORS`.
    """

    procedure_code: int | None = None
    triggering_message: TriggeringMessage | None = None
    procedure_criticality: Criticality | None = None
    request_id: RicRequestId | None = None
    ies: tuple[IeDiagnostics, ...] | None = None


CRITICALITY: Final = Enumerated(Criticality, extensible=False)

_IE_DIAGNOSTICS: Final = Sequence(
    IeDiagnostics,
    required("iECriticality", "criticality", CRITICALITY),
    required("iE-ID", "ie_id", Bounded(0, 65535)),
    required("typeOfError", "type_of_error", Enumerated(TypeOfError)),
)

CRITICALITY_DIAGNOSTICS: Final = Sequence(
    CriticalityDiagnostics,
    optional("procedureCode", "procedure_code", Bounded(0, 255)),
    optional(
        "triggeringMessage", "triggering_message", Enumerated(TriggeringMessage, extensible=False)
    ),
    optional("procedureCriticality", "procedure_criticality", CRITICALITY),
    optional("ricRequestorID", "request_id", RIC_REQUEST_ID),
    optional("iEsCriticalityDiagnostics", "ies", SequenceOf(_IE_DIAGNOSTICS, 1, MAX_ERRORS)),
)
