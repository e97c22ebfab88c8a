"""RIC Indication (O-RAN E2AP 9.1.1.8): what a subscription brings."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from oran.e2.e2ap.actions import ACTION_ID
from oran.e2.e2ap.cause import Criticality
from oran.e2.e2ap.identity import RicRequestId
from oran.e2.e2ap.ies import CALL_PROCESS_ID, FUNCTION_ID, REQUEST_ID, mandatory, optional
from oran.e2.e2ap.message import Message, MessageType, Outcome
from oran.e2.per.scalar import Bounded, Enumerated
from oran.e2.per.string import OctetString

RIC_INDICATION: Final = 5
"""Procedure code."""


class IndicationType(StrEnum):
    """Whether the node goes on or waits for the RIC."""

    REPORT = "report"
    INSERT = "insert"


@dataclass(frozen=True, slots=True)
class RicIndication(Message):
    """The event trigger of a subscription fired.

    Attributes:
        request_id: of the subscription.
        ran_function_id: which RAN function, 0..4095.
        action_id: which action, 0..255.
        type: whether the node waits.
        header: encoded by the service model.
        message: encoded by the service model.
        sequence_number: 0..65535.
        call_process_id: names what waits, for the control message that answers an insert.
    """

    request_id: RicRequestId
    ran_function_id: int
    action_id: int
    type: IndicationType
    header: bytes
    message: bytes
    sequence_number: int | None = None
    call_process_id: bytes | None = None


MESSAGES: Final = (
    MessageType(
        "RICindication",
        RicIndication,
        RIC_INDICATION,
        Outcome.INITIATING,
        REQUEST_ID,
        FUNCTION_ID,
        mandatory(15, "RICactionID", "action_id", ACTION_ID),
        optional(27, "RICindicationSN", "sequence_number", Bounded(0, 65535)),
        mandatory(28, "RICindicationType", "type", Enumerated(IndicationType)),
        mandatory(25, "RICindicationHeader", "header", OctetString()),
        mandatory(26, "RICindicationMessage", "message", OctetString()),
        CALL_PROCESS_ID,
        criticality=Criticality.IGNORE,
    ),
)
