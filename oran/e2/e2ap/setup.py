"""E2 Setup (O-RAN E2AP 9.1.2.2 to 9.1.2.4): the first messages of a connection."""

from dataclasses import dataclass
from typing import Final

from oran.e2.e2ap.cause import Cause, Criticality, CriticalityDiagnostics
from oran.e2.e2ap.components import (
    COMPONENT_ADDITION_ANSWERS,
    COMPONENT_ADDITIONS,
    Component,
    ComponentAnswer,
)
from oran.e2.e2ap.container import Ie
from oran.e2.e2ap.functions import (
    RAN_FUNCTION_IDS,
    RAN_FUNCTIONS,
    RAN_FUNCTIONS_REJECTED,
    RanFunction,
    RanFunctionRejected,
    RanFunctionRevision,
)
from oran.e2.e2ap.identity import GLOBAL_E2_NODE_ID, GLOBAL_RIC_ID, GlobalE2NodeId, GlobalRicId
from oran.e2.e2ap.ies import (
    CAUSE_IGNORE,
    DIAGNOSTICS,
    TIME_TO_WAIT,
    TRANSACTION_ID,
    TimeToWait,
    mandatory,
    optional,
)
from oran.e2.e2ap.message import Message, MessageType, Outcome
from oran.e2.e2ap.transport import TNL_INFORMATION, TnlInformation

E2_SETUP: Final = 1
"""Procedure code."""


@dataclass(frozen=True, slots=True)
class E2SetupRequest(Message):
    """The node says who it is and what it offers.

    Attributes:
        transaction_id: ties the answer to the request, 0..255.
        node_id: who the node is.
        functions: the RAN functions it offers, 1..256.
        components: its interfaces, 1..1024.
    """

    transaction_id: int
    node_id: GlobalE2NodeId
    functions: tuple[RanFunction, ...]
    components: tuple[Component, ...]


@dataclass(frozen=True, slots=True)
class E2SetupResponse(Message):
    """The RIC says who it is and what it takes.

    Attributes:
        transaction_id: of the request, 0..255.
        ric_id: who the RIC is.
        components: its answers to the node's interfaces, 1..1024.
        accepted: RAN functions it will use, 1..256.
        rejected: RAN functions it will not use, and why, 1..256.
    """

    transaction_id: int
    ric_id: GlobalRicId
    components: tuple[ComponentAnswer, ...]
    accepted: tuple[RanFunctionRevision, ...] | None = None
    rejected: tuple[RanFunctionRejected, ...] | None = None


@dataclass(frozen=True, slots=True)
class E2SetupFailure(Message):
    """The RIC refuses the node.

    Attributes:
        transaction_id: of the request, 0..255.
        cause: why.
        time_to_wait: how long to wait before the next try.
        diagnostics: what was not understood.
        tnl: where to try instead.
    """

    transaction_id: int
    cause: Cause
    time_to_wait: TimeToWait | None = None
    diagnostics: CriticalityDiagnostics | None = None
    tnl: TnlInformation | None = None


MESSAGES: Final = (
    MessageType(
        "E2setupRequest",
        E2SetupRequest,
        E2_SETUP,
        Outcome.INITIATING,
        TRANSACTION_ID,
        mandatory(3, "GlobalE2node-ID", "node_id", GLOBAL_E2_NODE_ID),
        mandatory(10, "RANfunctionsAdded", "functions", RAN_FUNCTIONS),
        mandatory(50, "E2nodeComponentConfigAddition", "components", COMPONENT_ADDITIONS),
    ),
    MessageType(
        "E2setupResponse",
        E2SetupResponse,
        E2_SETUP,
        Outcome.SUCCESSFUL,
        TRANSACTION_ID,
        mandatory(4, "GlobalRIC-ID", "ric_id", GLOBAL_RIC_ID),
        optional(9, "RANfunctionsAccepted", "accepted", RAN_FUNCTION_IDS),
        optional(13, "RANfunctionsRejected", "rejected", RAN_FUNCTIONS_REJECTED),
        mandatory(52, "E2nodeComponentConfigAdditionAck", "components", COMPONENT_ADDITION_ANSWERS),
    ),
    MessageType(
        "E2setupFailure",
        E2SetupFailure,
        E2_SETUP,
        Outcome.UNSUCCESSFUL,
        TRANSACTION_ID,
        CAUSE_IGNORE,
        TIME_TO_WAIT,
        DIAGNOSTICS,
        Ie(48, "TNLinformation", "tnl", TNL_INFORMATION, Criticality.IGNORE, optional=True),
    ),
)
