"""E2 Node Configuration Update (O-RAN E2AP 9.1.2.11 to 9.1.2.13): the node's interfaces change."""

from dataclasses import dataclass
from typing import Final

from oran.e2.e2ap.cause import Cause, CriticalityDiagnostics
from oran.e2.e2ap.components import (
    COMPONENT_ADDITION_ANSWERS,
    COMPONENT_ADDITIONS,
    COMPONENT_REMOVAL_ANSWERS,
    COMPONENT_REMOVALS,
    COMPONENT_UPDATE_ANSWERS,
    COMPONENT_UPDATES,
    Component,
    ComponentAnswer,
    ComponentRemoval,
)
from oran.e2.e2ap.identity import GLOBAL_E2_NODE_ID, GlobalE2NodeId
from oran.e2.e2ap.ies import (
    CAUSE_IGNORE,
    DIAGNOSTICS,
    TIME_TO_WAIT,
    TRANSACTION_ID,
    TimeToWait,
    optional,
)
from oran.e2.e2ap.message import Message, MessageType, Outcome
from oran.e2.e2ap.transport import TNL_REMOVALS, TnlRemoval

E2_NODE_CONFIGURATION_UPDATE: Final = 10
"""Procedure code."""


@dataclass(frozen=True, slots=True)
class E2NodeConfigurationUpdate(Message):
    """What changes at the node; `node_id` where an association carries this message first."""

    transaction_id: int
    node_id: GlobalE2NodeId | None = None
    added: tuple[Component, ...] | None = None
    updated: tuple[Component, ...] | None = None
    removed: tuple[ComponentRemoval, ...] | None = None
    tnl_removed: tuple[TnlRemoval, ...] | None = None


@dataclass(frozen=True, slots=True)
class E2NodeConfigurationUpdateAcknowledge(Message):
    """The RIC's answer for each component."""

    transaction_id: int
    added: tuple[ComponentAnswer, ...] | None = None
    updated: tuple[ComponentAnswer, ...] | None = None
    removed: tuple[ComponentAnswer, ...] | None = None


@dataclass(frozen=True, slots=True)
class E2NodeConfigurationUpdateFailure(Message):
    """The RIC refuses the change."""

    transaction_id: int
    cause: Cause
    time_to_wait: TimeToWait | None = None
    diagnostics: CriticalityDiagnostics | None = None


_C: Final = "E2nodeComponentConfig"

MESSAGES: Final = (
    MessageType(
        "E2nodeConfigurationUpdate",
        E2NodeConfigurationUpdate,
        E2_NODE_CONFIGURATION_UPDATE,
        Outcome.INITIATING,
        TRANSACTION_ID,
        optional(3, "GlobalE2node-ID", "node_id", GLOBAL_E2_NODE_ID),
        optional(50, f"{_C}Addition", "added", COMPONENT_ADDITIONS),
        optional(33, f"{_C}Update", "updated", COMPONENT_UPDATES),
        optional(54, f"{_C}Removal", "removed", COMPONENT_REMOVALS),
        optional(58, "E2nodeTNLassociationRemoval", "tnl_removed", TNL_REMOVALS),
    ),
    MessageType(
        "E2nodeConfigurationUpdateAcknowledge",
        E2NodeConfigurationUpdateAcknowledge,
        E2_NODE_CONFIGURATION_UPDATE,
        Outcome.SUCCESSFUL,
        TRANSACTION_ID,
        optional(52, f"{_C}AdditionAck", "added", COMPONENT_ADDITION_ANSWERS),
        optional(35, f"{_C}UpdateAck", "updated", COMPONENT_UPDATE_ANSWERS),
        optional(56, f"{_C}RemovalAck", "removed", COMPONENT_REMOVAL_ANSWERS),
    ),
    MessageType(
        "E2nodeConfigurationUpdateFailure",
        E2NodeConfigurationUpdateFailure,
        E2_NODE_CONFIGURATION_UPDATE,
        Outcome.UNSUCCESSFUL,
        TRANSACTION_ID,
        CAUSE_IGNORE,
        TIME_TO_WAIT,
        DIAGNOSTICS,
    ),
)
