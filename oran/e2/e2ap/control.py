"""RIC Control (O-RAN E2AP 9.1.1.9 to 9.1.1.11): what the RIC wants changed."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from oran.e2.e2ap.cause import Cause, CriticalityDiagnostics
from oran.e2.e2ap.identity import RicRequestId
from oran.e2.e2ap.ies import (
    CALL_PROCESS_ID,
    CAUSE_IGNORE,
    DIAGNOSTICS,
    FUNCTION_ID,
    REQUEST_ID,
    mandatory,
    optional,
)
from oran.e2.e2ap.message import Message, MessageType, Outcome
from oran.e2.per.scalar import Enumerated
from oran.e2.per.string import OctetString

RIC_CONTROL: Final = 4
"""Procedure code."""


class ControlAckRequest(StrEnum):
    """Whether the node is to answer when the control succeeded."""

    NO_ACK = "noAck"
    ACK = "ack"


@dataclass(frozen=True, slots=True)
class RicControlRequest(Message):
    """The RIC wants something changed.

    Attributes:
        request_id: ties the answer to the request.
        ran_function_id: which RAN function, 0..4095.
        header: encoded by the service model.
        message: encoded by the service model.
        call_process_id: of the insert that this answers.
        ack_request: whether an answer is wanted; absent, the node decides.
    """

    request_id: RicRequestId
    ran_function_id: int
    header: bytes
    message: bytes
    call_process_id: bytes | None = None
    ack_request: ControlAckRequest | None = None


@dataclass(frozen=True, slots=True)
class RicControlAcknowledge(Message):
    """The node has changed it; `outcome` is encoded by the service model."""

    request_id: RicRequestId
    ran_function_id: int
    call_process_id: bytes | None = None
    outcome: bytes | None = None


@dataclass(frozen=True, slots=True)
class RicControlFailure(Message):
    """The node has not changed it; `outcome` is encoded by the service model."""

    request_id: RicRequestId
    ran_function_id: int
    cause: Cause
    call_process_id: bytes | None = None
    outcome: bytes | None = None
    diagnostics: CriticalityDiagnostics | None = None


_OUTCOME: Final = optional(32, "RICcontrolOutcome", "outcome", OctetString())

MESSAGES: Final = (
    MessageType(
        "RICcontrolRequest",
        RicControlRequest,
        RIC_CONTROL,
        Outcome.INITIATING,
        REQUEST_ID,
        FUNCTION_ID,
        CALL_PROCESS_ID,
        mandatory(22, "RICcontrolHeader", "header", OctetString()),
        mandatory(23, "RICcontrolMessage", "message", OctetString()),
        optional(21, "RICcontrolAckRequest", "ack_request", Enumerated(ControlAckRequest)),
    ),
    MessageType(
        "RICcontrolAcknowledge",
        RicControlAcknowledge,
        RIC_CONTROL,
        Outcome.SUCCESSFUL,
        REQUEST_ID,
        FUNCTION_ID,
        CALL_PROCESS_ID,
        _OUTCOME,
    ),
    MessageType(
        "RICcontrolFailure",
        RicControlFailure,
        RIC_CONTROL,
        Outcome.UNSUCCESSFUL,
        REQUEST_ID,
        FUNCTION_ID,
        CALL_PROCESS_ID,
        CAUSE_IGNORE,
        _OUTCOME,
        DIAGNOSTICS,
    ),
)
