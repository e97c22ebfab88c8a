"""RIC Subscription and its deletion (O-RAN E2AP 9.1.1.1 to 9.1.1.7)."""

from dataclasses import dataclass
from typing import Final

from oran.e2.e2ap.actions import (
    ACTIONS_ADMITTED,
    ACTIONS_NOT_ADMITTED,
    SUBSCRIPTION_DETAILS,
    SUBSCRIPTIONS_TO_DELETE,
    ActionAdmitted,
    ActionNotAdmitted,
    SubscriptionDetails,
    SubscriptionToDelete,
)
from oran.e2.e2ap.cause import Cause, Criticality, CriticalityDiagnostics
from oran.e2.e2ap.container import Ie
from oran.e2.e2ap.identity import RicRequestId
from oran.e2.e2ap.ies import (
    CAUSE_IGNORE,
    CAUSE_REJECT,
    DIAGNOSTICS,
    FUNCTION_ID,
    REQUEST_ID,
    mandatory,
    optional,
)
from oran.e2.e2ap.message import Message, MessageType, Outcome
from oran.e2.per.string import FixedOctets

RIC_SUBSCRIPTION: Final = 8
RIC_SUBSCRIPTION_DELETE: Final = 9
RIC_SUBSCRIPTION_DELETE_REQUIRED: Final = 12

_TIME: Final = FixedOctets(8)


@dataclass(frozen=True, slots=True)
class RicSubscriptionRequest(Message):
    """The RIC asks for reports, inserts or policies.

    Attributes:
        request_id: names the subscription from here on.
        ran_function_id: which RAN function, 0..4095.
        details: when and what.
        start_time: NTP time, 8 octets (v3.01).
        end_time: NTP time, 8 octets (v3.01).
    """

    request_id: RicRequestId
    ran_function_id: int
    details: SubscriptionDetails
    start_time: bytes | None = None
    end_time: bytes | None = None


@dataclass(frozen=True, slots=True)
class RicSubscriptionResponse(Message):
    """The node carries out all or some of the actions."""

    request_id: RicRequestId
    ran_function_id: int
    admitted: tuple[ActionAdmitted, ...]
    not_admitted: tuple[ActionNotAdmitted, ...] | None = None


@dataclass(frozen=True, slots=True)
class RicSubscriptionFailure(Message):
    """The node carries out none."""

    request_id: RicRequestId
    ran_function_id: int
    cause: Cause
    diagnostics: CriticalityDiagnostics | None = None


@dataclass(frozen=True, slots=True)
class RicSubscriptionDeleteRequest(Message):
    """The RIC ends a subscription."""

    request_id: RicRequestId
    ran_function_id: int


@dataclass(frozen=True, slots=True)
class RicSubscriptionDeleteResponse(Message):
    """The node has ended it."""

    request_id: RicRequestId
    ran_function_id: int


@dataclass(frozen=True, slots=True)
class RicSubscriptionDeleteFailure(Message):
    """The node has not ended it."""

    request_id: RicRequestId
    ran_function_id: int
    cause: Cause
    diagnostics: CriticalityDiagnostics | None = None


@dataclass(frozen=True, slots=True)
class RicSubscriptionDeleteRequired(Message):
    """The node asks the RIC to end subscriptions, 1..1024."""

    subscriptions: tuple[SubscriptionToDelete, ...]


MESSAGES: Final = (
    MessageType(
        "RICsubscriptionRequest",
        RicSubscriptionRequest,
        RIC_SUBSCRIPTION,
        Outcome.INITIATING,
        REQUEST_ID,
        FUNCTION_ID,
        mandatory(30, "RICsubscriptionDetails", "details", SUBSCRIPTION_DETAILS),
        optional(62, "RICsubscriptionStartTime", "start_time", _TIME),
        optional(63, "RICsubscriptionEndTime", "end_time", _TIME),
    ),
    MessageType(
        "RICsubscriptionResponse",
        RicSubscriptionResponse,
        RIC_SUBSCRIPTION,
        Outcome.SUCCESSFUL,
        REQUEST_ID,
        FUNCTION_ID,
        mandatory(17, "RICactions-Admitted", "admitted", ACTIONS_ADMITTED),
        optional(18, "RICactions-NotAdmitted", "not_admitted", ACTIONS_NOT_ADMITTED),
    ),
    MessageType(
        "RICsubscriptionFailure",
        RicSubscriptionFailure,
        RIC_SUBSCRIPTION,
        Outcome.UNSUCCESSFUL,
        REQUEST_ID,
        FUNCTION_ID,
        CAUSE_REJECT,
        DIAGNOSTICS,
    ),
    MessageType(
        "RICsubscriptionDeleteRequest",
        RicSubscriptionDeleteRequest,
        RIC_SUBSCRIPTION_DELETE,
        Outcome.INITIATING,
        REQUEST_ID,
        FUNCTION_ID,
    ),
    MessageType(
        "RICsubscriptionDeleteResponse",
        RicSubscriptionDeleteResponse,
        RIC_SUBSCRIPTION_DELETE,
        Outcome.SUCCESSFUL,
        REQUEST_ID,
        FUNCTION_ID,
    ),
    MessageType(
        "RICsubscriptionDeleteFailure",
        RicSubscriptionDeleteFailure,
        RIC_SUBSCRIPTION_DELETE,
        Outcome.UNSUCCESSFUL,
        REQUEST_ID,
        FUNCTION_ID,
        CAUSE_IGNORE,
        DIAGNOSTICS,
    ),
    MessageType(
        "RICsubscriptionDeleteRequired",
        RicSubscriptionDeleteRequired,
        RIC_SUBSCRIPTION_DELETE_REQUIRED,
        Outcome.INITIATING,
        Ie(
            60,
            "RICsubscriptionToBeRemoved",
            "subscriptions",
            SUBSCRIPTIONS_TO_DELETE,
            Criticality.IGNORE,
        ),
        criticality=Criticality.IGNORE,
    ),
)
