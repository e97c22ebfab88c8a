"""Actions of a subscription (O-RAN E2AP 9.1.1.1 to 9.1.1.3, 9.1.1.7)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from oran.e2.e2ap.cause import CAUSE, Cause, Criticality
from oran.e2.e2ap.container import Container
from oran.e2.e2ap.functions import RAN_FUNCTION_ID
from oran.e2.e2ap.identity import RIC_REQUEST_ID, RicRequestId
from oran.e2.per.field import optional, required
from oran.e2.per.list import SequenceOf
from oran.e2.per.scalar import Bounded, Enumerated
from oran.e2.per.sequence import Sequence
from oran.e2.per.string import OctetString

MAX_ACTIONS: Final = 16
"""maxofRICactionID: most actions of one subscription."""

MAX_SUBSCRIPTIONS: Final = 1024
"""maxofRICrequestID: most subscriptions of one message."""

ACTION_ID: Final = Bounded(0, 255)


class ActionType(StrEnum):
    """What the node does when the event trigger fires."""

    REPORT = "report"
    INSERT = "insert"
    POLICY = "policy"


class SubsequentActionType(StrEnum):
    """What the node does after an action."""

    CONTINUE = "continue"
    WAIT = "wait"


class ActionTimeToWait(StrEnum):
    """How long the node waits for the RIC after an action."""

    W1MS = "w1ms"
    W2MS = "w2ms"
    W5MS = "w5ms"
    W10MS = "w10ms"
    W20MS = "w20ms"
    W30MS = "w30ms"
    W40MS = "w40ms"
    W50MS = "w50ms"
    W100MS = "w100ms"
    W200MS = "w200ms"
    W500MS = "w500ms"
    W1S = "w1s"
    W2S = "w2s"
    W5S = "w5s"
    W10S = "w10s"
    W20S = "w20s"
    W60S = "w60s"


@dataclass(frozen=True, slots=True)
class SubsequentAction:
    """What follows an action, and how long to wait for it."""

    type: SubsequentActionType
    time_to_wait: ActionTimeToWait


@dataclass(frozen=True, slots=True)
class Action:
    """An action that the RIC asks for.

    Attributes:
        id: 0..255.
        type: what the node does.
        definition: encoded by the service model.
        subsequent: what follows.
        execution_order: place among the actions, 0..255 (v3.01).
    """

    id: int
    type: ActionType
    definition: bytes | None = None
    subsequent: SubsequentAction | None = None
    execution_order: int | None = None


@dataclass(frozen=True, slots=True)
class SubscriptionDetails:
    """When and what.

    Attributes:
        event_trigger: encoded by the service model.
        actions: 1..`MAX_ACTIONS`.
    """

    event_trigger: bytes
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class ActionAdmitted:
    """An action that the node carries out, by its id."""

    id: int


@dataclass(frozen=True, slots=True)
class ActionNotAdmitted:
    """An action that the node does not carry out, by its id, and why."""

    id: int
    cause: Cause


@dataclass(frozen=True, slots=True)
class SubscriptionToDelete:
    """A subscription that the node can serve no longer, and why."""

    request_id: RicRequestId
    ran_function_id: int
    cause: Cause


_ACTION: Final = Sequence(
    Action,
    required("ricActionID", "id", ACTION_ID),
    required("ricActionType", "type", Enumerated(ActionType)),
    optional("ricActionDefinition", "definition", OctetString()),
    optional(
        "ricSubsequentAction",
        "subsequent",
        Sequence(
            SubsequentAction,
            required("ricSubsequentActionType", "type", Enumerated(SubsequentActionType)),
            required("ricTimeToWait", "time_to_wait", Enumerated(ActionTimeToWait)),
        ),
    ),
    additions=(
        optional("ricActionExecutionOrder", "execution_order", Bounded(0, 255, extensible=True)),
    ),
)

SUBSCRIPTION_DETAILS: Final = Sequence(
    SubscriptionDetails,
    required("ricEventTriggerDefinition", "event_trigger", OctetString()),
    required(
        "ricAction-ToBeSetup-List",
        "actions",
        # `reject`, as FlexRIC sends it, where the specification says `ignore`.
        SequenceOf(Container(19, _ACTION, Criticality.REJECT), 1, MAX_ACTIONS),
    ),
)
ACTIONS_ADMITTED: Final = SequenceOf(
    Container(14, Sequence(ActionAdmitted, required("ricActionID", "id", ACTION_ID))),
    1,
    MAX_ACTIONS,
)
ACTIONS_NOT_ADMITTED: Final = SequenceOf(
    Container(
        16,
        Sequence(
            ActionNotAdmitted,
            required("ricActionID", "id", ACTION_ID),
            required("cause", "cause", CAUSE),
        ),
    ),
    0,
    MAX_ACTIONS,
)
SUBSCRIPTIONS_TO_DELETE: Final = SequenceOf(
    Container(
        61,
        Sequence(
            SubscriptionToDelete,
            required("ricRequestID", "request_id", RIC_REQUEST_ID),
            required("ranFunctionID", "ran_function_id", RAN_FUNCTION_ID),
            required("cause", "cause", CAUSE),
        ),
    ),
    1,
    MAX_SUBSCRIPTIONS,
)
