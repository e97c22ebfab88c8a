"""Service models: which types the octets of E2AP's fields have, by RAN function."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from oran.e2 import spc
from oran.e2.e2ap.functions import RanFunction
from oran.e2.kpm import action as kpm_action
from oran.e2.kpm import function as kpm_function
from oran.e2.kpm import header as kpm_header
from oran.e2.kpm import indication as kpm_indication
from oran.e2.per.type import Payload
from oran.e2.rc import control as rc_control
from oran.e2.rc import definition as rc_definition
from oran.e2.rc import function as rc_function
from oran.e2.rc import report as rc_report


@dataclass(frozen=True, slots=True)
class ServiceModel:
    """A service model.

    Attributes:
        oids: object identifiers that announce it, dotted decimal; the first is the one in use here.
        function: type of `RanFunction.definition`.
        event_trigger: type of `SubscriptionDetails.event_trigger`; None, as below, where the
            service model has none or it is not described here.
        action: type of `Action.definition`.
        indication_header, indication_message: types of the fields of `RicIndication`.
        control_header, control_message: types of the fields of `RicControlRequest`.
        control_outcome: type of `outcome` in the answers to it.
    """

    oids: tuple[str, ...]
    function: Payload[Any]
    event_trigger: Payload[Any] | None = None
    action: Payload[Any] | None = None
    indication_header: Payload[Any] | None = None
    indication_message: Payload[Any] | None = None
    control_header: Payload[Any] | None = None
    control_message: Payload[Any] | None = None
    control_outcome: Payload[Any] | None = None

    def payloads(self) -> tuple[Payload[Any], ...]:
        """All its types."""
        parts = (getattr(self, f.name) for f in fields(self))
        return tuple(part for part in parts if isinstance(part, Payload))


KPM: Final = ServiceModel(
    (kpm_function.OID_V3, kpm_function.OID_V2),
    kpm_function.FUNCTION_DESCRIPTION,
    event_trigger=kpm_action.EVENT_TRIGGER,
    action=kpm_action.ACTION_DEFINITION,
    indication_header=kpm_header.INDICATION_HEADER,
    indication_message=kpm_indication.INDICATION_MESSAGE,
)
RC: Final = ServiceModel(
    (rc_function.OID,),
    rc_definition.FUNCTION_DEFINITION,
    event_trigger=rc_report.EVENT_TRIGGER,
    action=rc_report.ACTION_DEFINITION,
    indication_header=rc_report.INDICATION_HEADER,
    indication_message=rc_report.INDICATION_MESSAGE,
    control_header=rc_control.CONTROL_HEADER,
    control_message=rc_control.CONTROL_MESSAGE,
    control_outcome=rc_control.CONTROL_OUTCOME,
)
SPC: Final = ServiceModel(
    (spc.OID,),
    spc.FUNCTION_DEFINITION,
    control_header=spc.CONTROL_HEADER,
    control_message=spc.CONTROL_MESSAGE,
)
SERVICE_MODELS: Final = (KPM, RC, SPC)

BY_OID: Final[Mapping[str, ServiceModel]] = {oid: m for m in SERVICE_MODELS for oid in m.oids}

DEFAULT_FUNCTIONS: Final[Mapping[int, ServiceModel]] = {2: KPM, 3: RC, spc.RAN_FUNCTION_ID: SPC}
"""Service models by RAN function id, where no set-up message tells: FlexRIC's ids, and our own."""


def functions_of(offered: Iterable[RanFunction]) -> dict[int, ServiceModel]:
    """Service models by RAN function id, of the functions whose object identifier is known."""
    return {f.id: BY_OID[f.oid] for f in offered if f.oid in BY_OID}
