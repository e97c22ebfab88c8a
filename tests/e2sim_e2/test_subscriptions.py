"""Which subscriptions are served, and with what cause others are refused."""

from dataclasses import replace

import pytest

from e2sim.e2.service import MAX_SUBSCRIPTIONS
from e2sim.e2.subscription import MAX_PERIODS
from oran.e2 import e2ap, kpm
from oran.e2.common.cell import NrCgi
from oran.e2.common.ueid import GnbDuUeId
from oran.e2.connection import Failed, Succeeded
from oran.e2.e2ap import CauseRicRequest
from oran.e2.per.string import Bits
from oran.snssai import Snssai
from tests.e2sim_e2.rig import (
    IDENTITY,
    SNSSAIS,
    Pair,
    asking,
    of_cell,
    of_users,
    slice_is,
)

UNSUPPORTED = CauseRicRequest.ACTION_NOT_SUPPORTED
UNSPECIFIED = CauseRicRequest.UNSPECIFIED
LIMIT = CauseRicRequest.FUNCTION_RESOURCE_LIMIT
LOAD = asking("RRU.PrbTotDl")
ELSEWHERE = NrCgi(IDENTITY.plmn, Bits(7, 36))


BINS = kpm.BinRanges((kpm.Bin(1, 0, 7),))
FORMAT_1 = kpm.ActionFormat1(LOAD, 100)


def _format(style: int, format_: kpm.action.ActionFormat) -> kpm.ActionDefinition:
    return kpm.ActionDefinition(style, format_)


@pytest.mark.parametrize(
    ("action", "period_ms", "cause", "reason"),
    [
        (of_cell(*asking("DRB.Unheard")), 100, UNSUPPORTED, "DRB.Unheard is not measured"),
        (of_cell(kpm.Measurement(7, (kpm.NO_LABEL,))), 100, UNSUPPORTED, "7 is not measured"),
        (of_cell(*asking("DRB.UEThpDl")), 100, UNSUPPORTED, "of the whole cell"),
        (of_cell(*asking(("RRU.PrbTotDl", SNSSAIS[0]))), 100, UNSUPPORTED, "of a slice"),
        (of_cell(*asking(("DRB.UEThpDl", Snssai(9)))), 100, UNSUPPORTED, "9 is no slice here"),
        (
            of_cell(
                kpm.Measurement(
                    "DRB.UEThpDl", (kpm.MeasurementLabel(slice=SNSSAIS[0], five_qi=9),)
                )
            ),
            100, UNSUPPORTED, "labels served are",
        ),
        (of_cell(*LOAD, cell=ELSEWHERE), 100, UNSUPPORTED, "is no cell of this node"),
        (
            _format(1, replace(FORMAT_1, distributions=(kpm.Distribution("RRU.PrbTotDl", BINS),))),
            100, UNSUPPORTED, "bins",
        ),
        (_format(2, FORMAT_1), 100, UNSUPPORTED, "style 2 with ActionFormat1"),
        (
            _format(2, kpm.ActionFormat2(GnbDuUeId(0), FORMAT_1)),
            100, UNSUPPORTED, "style 2 with ActionFormat2",
        ),
        (
            _format(4, FORMAT_1),
            100, UNSUPPORTED, "style 4 with format 4 are served",
        ),
        (
            of_users(*asking("DRB.EstabAtt"), conditions=(slice_is(1),)),
            100, UNSUPPORTED, "DRB.EstabAtt is not measured",
        ),
        (
            of_users(*asking(("DRB.UEThpDl", SNSSAIS[0])), conditions=(slice_is(1),)),
            100, UNSUPPORTED, "noLabel alone",
        ),
        (
            of_users(
                *asking("DRB.UEThpDl"),
                conditions=(kpm.UeCondition(kpm.TestCondition(kpm.TestType.RSRP)),),
            ),
            100, UNSUPPORTED, "tested by sNSSAI and cQI",
        ),
        (
            of_users(
                *asking("DRB.UEThpDl"),
                conditions=(kpm.UeCondition(kpm.TestCondition(kpm.TestType.CQI)),),
            ),
            100, UNSUPPORTED, "cQI: needs",
        ),
        (
            of_users(
                *asking("DRB.UEThpDl"),
                conditions=(
                    kpm.UeCondition(
                        kpm.TestCondition(
                            kpm.TestType.S_NSSAI, kpm.TestExpression.LESS_THAN, 3
                        )
                    ),
                ),
            ),
            100, UNSUPPORTED, "sNSSAI: needs",
        ),
        (of_cell(*LOAD, granularity_ms=150), 300, UNSUPPORTED, "granularity period of 150 ms"),
        (of_cell(*LOAD, granularity_ms=200), 300, UNSUPPORTED, "no part of the reporting period"),
        (of_cell(*LOAD), 150, UNSPECIFIED, "a reporting period of 150 ms is no multiple"),
        (of_cell(*LOAD), 100 * MAX_PERIODS + 100, LIMIT, "a reporting period of"),
        (None, 100, UNSUPPORTED, "no definition"),
        (of_cell(*LOAD * 700), 10_000, LIMIT, "70,000 values in a report"),
        (
            of_users(*asking("DRB.UEThpDl") * 200, conditions=(slice_is(1),), granularity_ms=100),
            2_000, LIMIT, "120,000 values in a report",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_served_is_refused(
    action: kpm.ActionDefinition | None, period_ms: int, cause: e2ap.Cause, reason: str
) -> None:
    pair = Pair()
    answer = pair.subscribe(action, period_ms=period_ms)
    assert isinstance(answer, Failed), answer
    assert isinstance(answer.failure, e2ap.RicSubscriptionFailure)
    assert answer.failure.cause is cause
    assert pair.tally.actions_refused == {str(cause): 1}
    (text,) = pair.tally.first.values()
    assert reason in text
    assert pair.tick(3) == []
    assert not pair.ric.subscriptions
    # The node goes on.
    assert isinstance(pair.subscribe(of_cell(*LOAD)), Succeeded)


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"ran_function_id": 3}, UNSUPPORTED),
        ({"start_time": bytes(8)}, UNSPECIFIED),
        ({"details": e2ap.SubscriptionDetails(b"\xff", (e2ap.Action(1, e2ap.ActionType.REPORT),))},
         UNSPECIFIED),
        ({"details": e2ap.SubscriptionDetails(
            kpm.EVENT_TRIGGER.encode(kpm.EventTrigger(100)),
            (e2ap.Action(1, e2ap.ActionType.POLICY, b"\0"),))}, UNSUPPORTED),
        ({"details": e2ap.SubscriptionDetails(
            kpm.EVENT_TRIGGER.encode(kpm.EventTrigger(100)),
            (e2ap.Action(1, e2ap.ActionType.REPORT, b"\0"),))}, UNSUPPORTED),
    ],
)  # fmt: skip
def test_requests_that_cannot_be_served_at_all(
    changes: dict[str, object], cause: e2ap.Cause
) -> None:
    pair = Pair()
    request = replace(pair.subscription(of_cell(*LOAD)), **changes)  # type: ignore[arg-type]
    answer = pair.ask(request)
    assert isinstance(answer, Failed)
    assert isinstance(answer.failure, e2ap.RicSubscriptionFailure)
    assert answer.failure.cause is cause


def test_actions_are_admitted_one_by_one() -> None:
    pair = Pair()
    answer = pair.subscribe(
        of_cell(*asking("no.Such")), of_cell(*LOAD), of_cell(*LOAD, cell=ELSEWHERE)
    )
    assert isinstance(answer, Succeeded)
    assert answer.response == e2ap.RicSubscriptionResponse(
        answer.request.request_id,  # type: ignore[attr-defined]
        2,
        (e2ap.ActionAdmitted(2),),
        (e2ap.ActionNotAdmitted(1, UNSUPPORTED), e2ap.ActionNotAdmitted(3, UNSUPPORTED)),
    )
    assert [i.action_id for i in pair.tick()] == [2]


def test_there_is_an_end_of_subscriptions() -> None:
    pair = Pair()
    for _ in range(MAX_SUBSCRIPTIONS):
        assert isinstance(pair.subscribe(of_cell(*LOAD)), Succeeded)
    answer = pair.subscribe(of_cell(*LOAD))
    assert isinstance(answer, Failed)
    assert answer.failure.cause is LIMIT  # type: ignore[attr-defined]
    assert len(pair.tick()) == MAX_SUBSCRIPTIONS
