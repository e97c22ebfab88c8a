"""E2 Connection Update and E2 Removal (O-RAN E2AP 9.1.2.14 to 9.1.2.19)."""

from dataclasses import dataclass
from typing import Final

from oran.e2.e2ap.cause import Cause, CriticalityDiagnostics
from oran.e2.e2ap.ies import (
    CAUSE_IGNORE,
    CAUSE_OPTIONAL_REJECT,
    DIAGNOSTICS,
    TIME_TO_WAIT,
    TRANSACTION_ID,
    TimeToWait,
    optional,
)
from oran.e2.e2ap.message import Message, MessageType, Outcome
from oran.e2.e2ap.transport import (
    TNL_ASSOCIATIONS,
    TNL_ENDS,
    TNL_FAILURES,
    TnlAssociation,
    TnlEnd,
    TnlFailure,
)

E2_CONNECTION_UPDATE: Final = 11
E2_REMOVAL: Final = 13


@dataclass(frozen=True, slots=True)
class E2ConnectionUpdate(Message):
    """The RIC changes its associations with the node."""

    transaction_id: int
    added: tuple[TnlAssociation, ...] | None = None
    removed: tuple[TnlEnd, ...] | None = None
    modified: tuple[TnlAssociation, ...] | None = None


@dataclass(frozen=True, slots=True)
class E2ConnectionUpdateAcknowledge(Message):
    """The node's answer for each association."""

    transaction_id: int
    set_up: tuple[TnlAssociation, ...] | None = None
    failed: tuple[TnlFailure, ...] | None = None


@dataclass(frozen=True, slots=True)
class E2ConnectionUpdateFailure(Message):
    """The node refuses the change."""

    transaction_id: int
    cause: Cause | None = None
    time_to_wait: TimeToWait | None = None
    diagnostics: CriticalityDiagnostics | None = None


@dataclass(frozen=True, slots=True)
class E2RemovalRequest(Message):
    """One end closes the connection."""

    transaction_id: int


@dataclass(frozen=True, slots=True)
class E2RemovalResponse(Message):
    """The other end agrees."""

    transaction_id: int
    diagnostics: CriticalityDiagnostics | None = None


@dataclass(frozen=True, slots=True)
class E2RemovalFailure(Message):
    """The other end does not agree."""

    transaction_id: int
    cause: Cause
    diagnostics: CriticalityDiagnostics | None = None


MESSAGES: Final = (
    MessageType(
        "E2connectionUpdate",
        E2ConnectionUpdate,
        E2_CONNECTION_UPDATE,
        Outcome.INITIATING,
        TRANSACTION_ID,
        optional(44, "E2connectionUpdateAdd", "added", TNL_ASSOCIATIONS),
        optional(46, "E2connectionUpdateRemove", "removed", TNL_ENDS),
        optional(45, "E2connectionUpdateModify", "modified", TNL_ASSOCIATIONS),
    ),
    MessageType(
        "E2connectionUpdateAcknowledge",
        E2ConnectionUpdateAcknowledge,
        E2_CONNECTION_UPDATE,
        Outcome.SUCCESSFUL,
        TRANSACTION_ID,
        optional(39, "E2connectionSetup", "set_up", TNL_ASSOCIATIONS),
        optional(40, "E2connectionSetupFailed", "failed", TNL_FAILURES),
    ),
    MessageType(
        "E2connectionUpdateFailure",
        E2ConnectionUpdateFailure,
        E2_CONNECTION_UPDATE,
        Outcome.UNSUCCESSFUL,
        TRANSACTION_ID,
        CAUSE_OPTIONAL_REJECT,
        TIME_TO_WAIT,
        DIAGNOSTICS,
    ),
    MessageType(
        "E2RemovalRequest", E2RemovalRequest, E2_REMOVAL, Outcome.INITIATING, TRANSACTION_ID
    ),
    MessageType(
        "E2RemovalResponse",
        E2RemovalResponse,
        E2_REMOVAL,
        Outcome.SUCCESSFUL,
        TRANSACTION_ID,
        DIAGNOSTICS,
    ),
    MessageType(
        "E2RemovalFailure",
        E2RemovalFailure,
        E2_REMOVAL,
        Outcome.UNSUCCESSFUL,
        TRANSACTION_ID,
        CAUSE_IGNORE,
        DIAGNOSTICS,
    ),
)
