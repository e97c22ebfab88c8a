"""What the node answers: every request, and every refusal with its cause."""

from dataclasses import replace

import pytest

from e2sim.e2.offer import FunctionIds, Offer
from oran.e2 import e2ap, kpm, rc, spc
from oran.e2.connection import Failed, Notified, Requested, State, Succeeded
from oran.e2.e2ap import CauseRicRequest, CauseTransport
from oran.e2.naming import cell_name, node_name
from tests.e2sim_e2.rig import (
    IDENTITY,
    SNSSAIS,
    Pair,
    asking,
    grant,
    of_cell,
)

LOAD = asking("RRU.PrbTotDl")


def test_the_node_says_who_it_is_and_what_it_offers() -> None:
    pair = Pair()
    assert node_name(pair.setup.node_id) == "gnb_001_01_0000e2.22_du1"
    functions = {f.id: f for f in pair.setup.functions}
    assert {i: f.oid for i, f in functions.items()} == {2: kpm.OID_V3, 3: rc.OID, 200: spc.OID}
    definition = spc.FUNCTION_DEFINITION.decode(functions[200].definition)
    (served,) = definition.cells
    assert cell_name(served.cell) == "nrcell_001_01_000388001"
    assert served.slices == SNSSAIS
    assert (definition.lowest_power_offset_db, definition.largest_mcs_backoff) == (-9, 6)
    (component,) = pair.setup.components
    assert component.id == e2ap.F1Component(1)
    assert pair.node.state is State.ACTIVE
    assert pair.tally.setups == 1
    assert set(pair.ric.functions) == {2, 3, 200}


def test_its_component_is_a_set_up_of_f1() -> None:
    """Against a decoder that nobody here wrote."""
    module = pytest.importorskip("pycrate_asn1dir.F1AP")
    pdu = module.F1AP_PDU_Descriptions.F1AP_PDU
    for cell in (0, 255, 10_000):
        offer = Offer(replace(IDENTITY, cell=cell), SNSSAIS)
        (component,) = offer.setup(0).components
        for octets, kind, ids in (
            (component.configuration.request, "initiatingMessage", {78, 42, 171}),
            (component.configuration.response, "successfulOutcome", {78, 170}),
        ):
            pdu.from_aper(octets)
            found, body = pdu.get_val()
            assert found == kind
            assert body["procedureCode"] == 1
            ies = {ie["id"]: ie["value"][1] for ie in body["value"][1]["protocolIEs"]}
            assert ies.keys() == ids
            assert ies.get(42, cell + 1) == cell + 1
            assert pdu.to_aper() == octets


def test_function_ids_by_option() -> None:
    pair = Pair(ids=FunctionIds(kpm=147, rc=0, spc=4095))
    assert [f.id for f in pair.setup.functions] == [147, 0, 4095]
    assert isinstance(pair.subscribe(of_cell(*LOAD)), Succeeded)
    assert len(pair.tick()) == 1
    with pytest.raises(ValueError, match="distinct"):
        FunctionIds(kpm=3)


def test_a_reset_ends_all_subscriptions() -> None:
    pair = Pair()
    pair.subscribe(of_cell(*LOAD))
    reset = e2ap.ResetRequest(pair.ric.new_transaction_id(), e2ap.CauseMisc.OM_INTERVENTION)
    assert isinstance(pair.ask(reset), Succeeded)
    assert pair.tick(2) == []
    assert (pair.tally.resets, pair.agent.ended) == (1, False)
    pair.subscribe(of_cell(*LOAD))
    (indication,) = pair.tick()
    assert indication.sequence_number == 0


def test_a_removal_is_agreed_to_and_ends_the_association() -> None:
    pair = Pair()
    pair.subscribe(of_cell(*LOAD))
    removal = e2ap.E2RemovalRequest(pair.ric.new_transaction_id())
    assert isinstance(pair.ask(removal), Succeeded)
    assert pair.agent.ended
    assert pair.node.state is State.REMOVED


def test_other_associations_are_politely_refused() -> None:
    pair = Pair()
    answer = pair.ask(e2ap.E2ConnectionUpdate(pair.ric.new_transaction_id()))
    assert isinstance(answer, Failed)
    assert answer.failure.cause is CauseTransport.RESOURCE_UNAVAILABLE  # type: ignore[attr-defined]
    assert pair.tally.connection_updates == 1
    assert pair.node.state is State.ACTIVE


def _known(*functions: tuple[int, int]) -> tuple[e2ap.RanFunctionRevision, ...] | None:
    return tuple(e2ap.RanFunctionRevision(*f) for f in functions) or None


@pytest.mark.parametrize(
    ("known", "added", "modified", "deleted"),
    [
        ((), [2, 3, 200], [], []),
        (((2, 1), (3, 1), (200, 1)), [], [], []),
        (((2, 1), (3, 0), (7, 1)), [200], [3], [7]),
    ],
)
def test_a_query_is_answered_by_an_update(
    known: tuple[tuple[int, int], ...], added: list[int], modified: list[int], deleted: list[int]
) -> None:
    pair = Pair()
    got = pair.ask(e2ap.RicServiceQuery(pair.ric.new_transaction_id(), _known(*known)))
    assert isinstance(got, Requested)
    update = got.message
    assert isinstance(update, e2ap.RicServiceUpdate)
    found = [[f.id for f in part or ()] for part in (update.added, update.modified, update.deleted)]
    assert found == [added, modified, deleted]
    pair.ask(e2ap.RicServiceUpdateAcknowledge(update.transaction_id))
    assert set(pair.node.functions) == {2, 3, 200}


def test_a_ric_that_asks_faster_than_it_takes_answers_costs_no_node() -> None:
    pair = Pair()
    query = e2ap.RicServiceQuery(1)
    for _ in range(300):
        answer = pair.agent.handle(Notified(query))
        if answer is not None:
            pair.node.send(answer, 0.0)
    assert pair.tally.queries == 300
    assert pair.tally.unsent["RicServiceUpdate"] == 300 - 256


@pytest.mark.parametrize("answered", [True, False])
def test_a_node_that_is_not_wanted_ends(answered: bool) -> None:
    pair = Pair()
    setup = pair.agent.setup()
    pair.from_node(setup)
    if answered:
        pair.ask(e2ap.E2SetupFailure(setup.transaction_id, e2ap.CauseMisc.UNSPECIFIED))
    else:
        for event in pair.node.handle_timer(1e3):
            pair.agent.handle(event)
    assert pair.agent.ended
    assert pair.tally.setup_failures == {"unspecified" if answered else "timeout": 1}


def test_error_indications_are_counted_and_end_what_they_name() -> None:
    pair = Pair()
    answer = pair.subscribe(of_cell(*LOAD))
    assert isinstance(answer, Succeeded)
    request_id = answer.request.request_id  # type: ignore[attr-defined]
    unknown = CauseRicRequest.REQUEST_ID_UNKNOWN
    pair.ask(e2ap.ErrorIndication(request_id=request_id, ran_function_id=2, cause=unknown))
    assert pair.tick(2) == []
    assert pair.tally.error_indications == {"request-id-unknown": 1}


def test_a_second_set_up_begins_anew() -> None:
    pair = Pair()
    pair.subscribe(of_cell(*LOAD))
    setup = pair.agent.setup()
    pair.from_node(setup)
    pair.ask(grant(setup))
    assert pair.tick(2) == []
    assert pair.tally.setups == 2


def test_what_the_ric_owes_no_answer_for_is_taken() -> None:
    pair = Pair()
    event = Notified(e2ap.ErrorIndication(cause=e2ap.CauseMisc.UNSPECIFIED))
    assert pair.agent.handle(event) is None
