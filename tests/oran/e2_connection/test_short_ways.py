"""The short ways of a connection: those of the control loop, and lower bounds of its timers."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from oran.e2 import e2ap
from oran.e2.connection import Connection, LocalProtocolError, RemoteProtocolError, Role
from oran.e2.e2ap import RicRequestId
from tests.oran.e2_connection import messages
from tests.oran.e2_connection.mutation import SEEDS


class LongConnection(Connection):
    """One that takes the long way always."""

    def _ready(self, role: Role) -> bool:
        return False


_requests = st.builds(RicRequestId, st.just(1), st.integers(0, 2))
_functions = st.sampled_from([messages.KPM, messages.RC, 99])
_acks = st.sampled_from([e2ap.ControlAckRequest.ACK, None])
_controls = st.builds(
    e2ap.RicControlRequest, _requests, _functions, st.just(b"h"), st.just(b"m"),
    st.sampled_from([None, b"call"]), _acks,
)  # fmt: skip
_indications = st.builds(
    e2ap.RicIndication, _requests, _functions, st.integers(0, 1),
    st.just(e2ap.IndicationType.REPORT), st.just(b"h"), st.just(b"m"),
    st.integers(0, 65535) | st.none(),
    unknown_ies=st.sampled_from(
        [(), *((e2ap.RawIe(999, c, b"x"),) for c in e2ap.Criticality)]
    ),
)  # fmt: skip
_answers = st.builds(e2ap.RicControlAcknowledge, _requests, _functions) | st.builds(
    e2ap.RicControlFailure, _requests, _functions, st.just(messages.REFUSED)
)
_subscriptions = st.builds(messages.subscription_request, _requests)
_steps = (
    st.tuples(st.just("send"), _controls | _subscriptions | _indications)
    | st.tuples(st.just("receive"), _indications | _answers)
    | st.tuples(st.just("packet"), st.sampled_from(SEEDS))
    | st.tuples(st.just("wait"), st.floats(0.0, 3.0))
    | st.tuples(st.just("grant"), st.none())
)


def step(end: Connection, what: str, thing: Any, now: float) -> object:  # noqa: PLR0911 - one a kind
    """What comes of a step, in a form that can be compared."""
    try:
        match what:
            case "send":
                return end.send(thing, now)
            case "receive":
                return end.receive(e2ap.encode(thing), now)
            case "packet":
                return end.receive(thing, now)
            case "grant":
                return [end.receive(e2ap.encode(messages.success(m)), now) for m in end.pending[:1]]
    except LocalProtocolError as error:
        return error.reason
    except RemoteProtocolError as error:
        return error.reason, error.cause, error.answer
    return end.handle_timer(now)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(Role), st.lists(_steps, max_size=40))
def test_the_short_way_is_the_long_way(role: Role, steps: list[tuple[str, Any]]) -> None:
    ends = Connection(role), LongConnection(role)
    now = 0.0
    request = messages.setup_request(0)
    for end in ends:
        if role is Role.RIC:
            end.receive(e2ap.encode(request), now)
            end.send(messages.success(request), now)
        else:
            end.send(request, now)
            end.receive(e2ap.encode(messages.success(request)), now)
    for what, thing in steps:
        if what == "wait":
            now += thing
        short, long = (step(end, what, thing, now) for end in ends)
        assert short == long
        assert ends[0].state is ends[1].state
        assert ends[0].pending == ends[1].pending
        assert dict(ends[0].subscriptions) == dict(ends[1].subscriptions)
        # An alarm comes in time, and the timers know better once they were asked.
        alarm, exact = ends[0].alarm(), ends[0].next_timer()
        assert exact is None or (alarm is not None and alarm <= exact)
        assert ends[0].waiting == (exact == float("-inf"))
