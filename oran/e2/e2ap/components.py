"""Components of an E2 node: its interfaces and their set-up messages (O-RAN E2AP 9.2.26)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from oran.e2.common.cell import GlobalEnbId
from oran.e2.e2ap.cause import CAUSE, Cause, Criticality
from oran.e2.e2ap.container import Container
from oran.e2.e2ap.identity import (
    GLOBAL_EN_GNB_ID,
    GLOBAL_ENB_ID,
    GLOBAL_NG_RAN_NODE_ID,
    UNIT_ID,
    GlobalEnGnbId,
    NgRanNodeId,
)
from oran.e2.per.choice import Alternative, Choice, UnknownAlternative
from oran.e2.per.field import optional, required
from oran.e2.per.list import SequenceOf
from oran.e2.per.scalar import Enumerated
from oran.e2.per.sequence import Sequence
from oran.e2.per.string import OctetString, PrintableString

MAX_COMPONENTS: Final = 1024
"""maxofE2nodeComponents: most components of one message."""


class InterfaceType(StrEnum):
    """Interface that a component terminates."""

    NG = "ng"
    XN = "xn"
    E1 = "e1"
    F1 = "f1"
    W1 = "w1"
    S1 = "s1"
    X2 = "x2"


@dataclass(frozen=True, slots=True)
class NgComponent:
    """NG towards an AMF, by its name of 1..150 characters."""

    amf_name: str


@dataclass(frozen=True, slots=True)
class XnComponent:
    """Xn towards an NG-RAN node."""

    node: NgRanNodeId


@dataclass(frozen=True, slots=True)
class E1Component:
    """E1, by the id of the gNB-CU-UP, 0..2^36-1."""

    cu_up_id: int


@dataclass(frozen=True, slots=True)
class F1Component:
    """F1, by the id of the gNB-DU, 0..2^36-1."""

    du_id: int


@dataclass(frozen=True, slots=True)
class W1Component:
    """W1, by the id of the ng-eNB-DU, 0..2^36-1."""

    du_id: int


@dataclass(frozen=True, slots=True)
class S1Component:
    """S1 towards an MME, by its name of 1..150 characters."""

    mme_name: str


@dataclass(frozen=True, slots=True)
class X2Component:
    """X2 towards an eNB or an en-gNB."""

    enb: GlobalEnbId | None = None
    en_gnb: GlobalEnGnbId | None = None


ComponentId: TypeAlias = (
    NgComponent
    | XnComponent
    | E1Component
    | F1Component
    | W1Component
    | S1Component
    | X2Component
    | UnknownAlternative
)

_NAME: Final = PrintableString(1, 150)
_P: Final = "e2nodeComponentInterfaceType"
COMPONENT_ID: Final[Choice[ComponentId]] = Choice(
    Alternative(
        f"{_P}NG", NgComponent, Sequence(NgComponent, required("amf-name", "amf_name", _NAME))
    ),
    Alternative(
        f"{_P}Xn",
        XnComponent,
        Sequence(XnComponent, required("global-NG-RAN-Node-ID", "node", GLOBAL_NG_RAN_NODE_ID)),
    ),
    Alternative(
        f"{_P}E1",
        E1Component,
        Sequence(E1Component, required("gNB-CU-UP-ID", "cu_up_id", UNIT_ID)),
    ),
    Alternative(
        f"{_P}F1", F1Component, Sequence(F1Component, required("gNB-DU-ID", "du_id", UNIT_ID))
    ),
    Alternative(
        f"{_P}W1", W1Component, Sequence(W1Component, required("ng-eNB-DU-ID", "du_id", UNIT_ID))
    ),
    Alternative(
        f"{_P}S1", S1Component, Sequence(S1Component, required("mme-name", "mme_name", _NAME))
    ),
    Alternative(
        f"{_P}X2",
        X2Component,
        Sequence(
            X2Component,
            optional("global-eNB-ID", "enb", GLOBAL_ENB_ID),
            optional("global-en-gNB-ID", "en_gnb", GLOBAL_EN_GNB_ID),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class ComponentConfiguration:
    """The messages with which the component's interface was set up."""

    request: bytes
    response: bytes


@dataclass(frozen=True, slots=True)
class Component:
    """A component to add or to update."""

    interface: InterfaceType
    id: ComponentId
    configuration: ComponentConfiguration


@dataclass(frozen=True, slots=True)
class ComponentRemoval:
    """A component to remove."""

    interface: InterfaceType
    id: ComponentId


class UpdateOutcome(StrEnum):
    """Whether the RIC took the component's change."""

    SUCCESS = "success"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class ComponentAck:
    """The RIC's answer for one component; `cause` where it failed."""

    outcome: UpdateOutcome
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class ComponentAnswer:
    """The RIC's answer, and for which component."""

    interface: InterfaceType
    id: ComponentId
    ack: ComponentAck


_INTERFACE: Final = required("e2nodeComponentInterfaceType", "interface", Enumerated(InterfaceType))
_ID: Final = required("e2nodeComponentID", "id", COMPONENT_ID)
_COMPONENT: Final = Sequence(
    Component,
    _INTERFACE,
    _ID,
    required(
        "e2nodeComponentConfiguration",
        "configuration",
        Sequence(
            ComponentConfiguration,
            required("e2nodeComponentRequestPart", "request", OctetString()),
            required("e2nodeComponentResponsePart", "response", OctetString()),
        ),
    ),
)
_ANSWER: Final = Sequence(
    ComponentAnswer,
    _INTERFACE,
    _ID,
    required(
        "e2nodeComponentConfigurationAck",
        "ack",
        Sequence(
            ComponentAck,
            required("updateOutcome", "outcome", Enumerated(UpdateOutcome)),
            optional("failureCause", "cause", CAUSE),
        ),
    ),
)


_REMOVAL: Final = Sequence(ComponentRemoval, _INTERFACE, _ID)

COMPONENT_ADDITIONS: Final = SequenceOf(
    Container(51, _COMPONENT, Criticality.REJECT), 1, MAX_COMPONENTS
)
COMPONENT_ADDITION_ANSWERS: Final = SequenceOf(
    Container(53, _ANSWER, Criticality.REJECT), 1, MAX_COMPONENTS
)
COMPONENT_UPDATES: Final = SequenceOf(
    Container(34, _COMPONENT, Criticality.REJECT), 1, MAX_COMPONENTS
)
COMPONENT_UPDATE_ANSWERS: Final = SequenceOf(
    Container(36, _ANSWER, Criticality.REJECT), 1, MAX_COMPONENTS
)
COMPONENT_REMOVALS: Final = SequenceOf(
    Container(55, _REMOVAL, Criticality.REJECT), 1, MAX_COMPONENTS
)
COMPONENT_REMOVAL_ANSWERS: Final = SequenceOf(
    Container(57, _ANSWER, Criticality.REJECT), 1, MAX_COMPONENTS
)
