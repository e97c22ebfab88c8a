"""Whatever the RIC sends: an event or an error of its own, and the node goes on."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from e2sim.e2.tally import Tally
from oran.e2 import e2ap, kpm, rc, spc
from oran.e2.e2ap import ControlAckRequest, RicRequestId
from oran.e2.rc import SliceMember, SliceQuota, quota_message
from tests.e2sim_e2.rig import IDENTITY, SNSSAIS, Pair, asking, of_cell, of_users, slice_is
from tests.oran.e2_connection.mutation import SEEDS, mutate

_QUOTA = SliceQuota((SliceMember(IDENTITY.plmn, SNSSAIS[0]),), 40, 90, 10)
_TRIGGER = kpm.EVENT_TRIGGER.encode(kpm.EventTrigger(100))
_ACTIONS = (
    of_cell(*asking("RRU.PrbTotDl", ("DRB.UEThpDl", SNSSAIS[0]))),
    of_users(*asking("DRB.UEThpDl"), conditions=(slice_is(1),)),
)
_ID = RicRequestId(9, 9)
_PACKETS = tuple(
    e2ap.encode(message)
    for message in (
        *(
            e2ap.RicSubscriptionRequest(
                _ID,
                2,
                e2ap.SubscriptionDetails(
                    _TRIGGER,
                    (e2ap.Action(1, e2ap.ActionType.REPORT, kpm.ACTION_DEFINITION.encode(action)),),
                ),
            )
            for action in _ACTIONS
        ),
        e2ap.RicControlRequest(
            _ID,
            3,
            rc.CONTROL_HEADER.encode(rc.quota_header(IDENTITY.plmn)),
            rc.CONTROL_MESSAGE.encode(quota_message((_QUOTA,))),
            ack_request=ControlAckRequest.ACK,
        ),
        e2ap.RicControlRequest(
            _ID,
            200,
            spc.CONTROL_HEADER.encode(spc.ControlHeader(IDENTITY.cgi)),
            spc.CONTROL_MESSAGE.encode(
                spc.ControlMessage(-3, slices=(spc.SliceControl(SNSSAIS[1], 2, 50),))
            ),
        ),
        e2ap.RicSubscriptionDeleteRequest(_ID, 2),
    )
)
"""What this node understands, payloads included."""


class Deaf(Pair):
    """A pair whose RIC lets the node's answers go by."""

    def from_node(self, message: e2ap.Message) -> None:
        if not self.received and message == self.setup:
            super().from_node(message)
            return
        self.node.send(message, self.now_s)


def _goes_on(packets: list[bytes]) -> Tally:
    """Feed a node; whatever came, it plays on and forgets what it is to forget."""
    pair = Deaf()
    for packet in packets:
        pair.to_node(packet)
        pair.now_s += 0.01
    period = pair.site.play(0, with_users=pair.reports.wants_users)[0]
    for indication in pair.reports.due(period, pair.node.subscriptions):
        pair.node.send(indication, pair.now_s)
        pair.tally.indications += 1
    for event in pair.node.handle_timer(pair.now_s + 1e3):
        assert pair.agent.handle(event) is None
    return pair.tally


@settings(deadline=None, max_examples=150)
@given(st.lists(st.binary(max_size=200), min_size=1, max_size=20))
def test_any_octets_leave_the_node_alive(packets: list[bytes]) -> None:
    _goes_on(packets)


@pytest.mark.parametrize("seed", range(10))
def test_spoilt_packets_leave_the_node_alive(seed: int) -> None:
    random = Random(seed)
    seeds = (*_PACKETS * 6, *SEEDS)
    tallies = [
        _goes_on(
            [
                packet if random.random() < 0.3 else mutate(packet, random, seeds)
                for packet in random.choices(seeds, k=12)
            ]
        )
        for _ in range(60)
    ]
    # The packets reach all that could break.
    assert sum(t.protocol_errors.total() for t in tallies) > 100
    assert sum(t.subscriptions for t in tallies) > 10
    assert sum(t.actions_refused.total() for t in tallies) > 0
    assert sum(t.controls_applied.total() for t in tallies) > 5
    assert sum(t.controls_refused.total() for t in tallies) > 0
    assert sum(t.indications for t in tallies) > 5
