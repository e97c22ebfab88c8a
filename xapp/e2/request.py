"""Subscriptions: what is asked of a node to have reports of a cell."""

from typing import Final

from oran.e2 import e2ap, kpm
from oran.e2.kpm import Measurement
from oran.snssai import Snssai
from xapp.e2.offer import CELL_STYLE, UE_STYLE, Measuring, Place

ACTION: Final = 1
"""Id of the one action of a subscription."""


def request_of(
    request_id: e2ap.RicRequestId,
    measuring: Measuring,
    asked: tuple[Measurement, ...],
    place: Place,
    period_ms: int,
    snssai: Snssai | None = None,
) -> e2ap.RicSubscriptionRequest:
    """The subscription to a cell's measurements, one report a period.

    Args:
        request_id: of the subscription.
        measuring: how the node reports.
        asked: the measurements.
        place: the cell.
        period_ms: reporting period and granularity period, ms.
        snssai: the slice whose UEs are measured (report style 4), by its SST, as FlexRIC's own
            xApps ask; None for the cell and all its slices (report style 1).
    """
    wanted = kpm.ActionFormat1(asked, period_ms, place.cell)
    action = kpm.ActionDefinition(CELL_STYLE[0], wanted)
    if snssai is not None:
        test = kpm.TestCondition(kpm.TestType.S_NSSAI, kpm.TestExpression.EQUAL, snssai.sst)
        users = kpm.ActionFormat4((kpm.UeCondition(test),), wanted)
        action = kpm.ActionDefinition(UE_STYLE[0], users)
    return _request(request_id, measuring, action, period_ms)


def _request(
    request_id: e2ap.RicRequestId,
    measuring: Measuring,
    action: kpm.ActionDefinition,
    period_ms: int,
) -> e2ap.RicSubscriptionRequest:
    definition = kpm.ACTION_DEFINITION.encode(action)
    return e2ap.RicSubscriptionRequest(
        request_id,
        measuring.function_id,
        e2ap.SubscriptionDetails(
            kpm.EVENT_TRIGGER.encode(kpm.EventTrigger(period_ms)),
            (e2ap.Action(ACTION, e2ap.ActionType.REPORT, definition),),
        ),
    )
