"""Information elements that several messages carry (O-RAN E2AP 9.1, 9.2)."""

from enum import StrEnum
from typing import Any, Final

from oran.e2.e2ap.cause import CAUSE, CRITICALITY_DIAGNOSTICS, Criticality
from oran.e2.e2ap.container import Ie
from oran.e2.e2ap.functions import RAN_FUNCTION_ID
from oran.e2.e2ap.identity import RIC_REQUEST_ID
from oran.e2.per.scalar import Bounded, Enumerated
from oran.e2.per.string import OctetString
from oran.e2.per.type import Type


class TimeToWait(StrEnum):
    """How long to wait before the next try."""

    V1S = "v1s"
    V2S = "v2s"
    V5S = "v5s"
    V10S = "v10s"
    V20S = "v20s"
    V60S = "v60s"


TRANSACTION_ID: Final = Ie(49, "TransactionID", "transaction_id", Bounded(0, 255, extensible=True))
TRANSACTION_ID_OPTIONAL: Final = Ie(
    49, "TransactionID", "transaction_id", Bounded(0, 255, extensible=True), optional=True
)
REQUEST_ID: Final = Ie(29, "RICrequestID", "request_id", RIC_REQUEST_ID)
REQUEST_ID_OPTIONAL: Final = Ie(29, "RICrequestID", "request_id", RIC_REQUEST_ID, optional=True)
FUNCTION_ID: Final = Ie(5, "RANfunctionID", "ran_function_id", RAN_FUNCTION_ID)
FUNCTION_ID_OPTIONAL: Final = Ie(
    5, "RANfunctionID", "ran_function_id", RAN_FUNCTION_ID, optional=True
)
CAUSE_REJECT: Final = Ie(1, "Cause", "cause", CAUSE)
CAUSE_IGNORE: Final = Ie(1, "Cause", "cause", CAUSE, Criticality.IGNORE)
CAUSE_OPTIONAL_REJECT: Final = Ie(1, "Cause", "cause", CAUSE, optional=True)
CAUSE_OPTIONAL: Final = Ie(1, "Cause", "cause", CAUSE, Criticality.IGNORE, optional=True)
DIAGNOSTICS: Final = Ie(
    2,
    "CriticalityDiagnostics",
    "diagnostics",
    CRITICALITY_DIAGNOSTICS,
    Criticality.IGNORE,
    optional=True,
)
TIME_TO_WAIT: Final = Ie(
    31, "TimeToWait", "time_to_wait", Enumerated(TimeToWait), Criticality.IGNORE, optional=True
)
CALL_PROCESS_ID: Final = Ie(20, "RICcallProcessID", "call_process_id", OctetString(), optional=True)


def mandatory(ie_id: int, name: str, attribute: str, type_: Type[Any]) -> Ie:
    """A row of criticality reject that is always there."""
    return Ie(ie_id, name, attribute, type_)


def optional(ie_id: int, name: str, attribute: str, type_: Type[Any]) -> Ie:
    """A row of criticality reject that may be left out."""
    return Ie(ie_id, name, attribute, type_, optional=True)
