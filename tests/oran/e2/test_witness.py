"""pycrate, which nobody here wrote, agrees on every packet of E2AP, in both directions.

Its E2AP module has procedures and IEs of later versions too; only the messages that
`oran.e2.e2ap` has are compared, in full.
"""

import os
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oran.e2 import e2ap
from oran.e2.e2ap.message import MessageType

from .captures import need_captures
from .strategies import values

if os.environ.get("CI") != "true":
    pytest.importorskip("pycrate_asn1dir")
from pycrate_asn1dir import E2AP

PDU: Any = E2AP.E2AP_PDU_Descriptions.E2AP_PDU
PROCEDURES: Any = E2AP.E2AP_PDU_Descriptions.E2AP_ELEMENTARY_PROCEDURES
OUTCOMES = (
    ("initiatingMessage", "InitiatingMessage"),
    ("successfulOutcome", "SuccessfulOutcome"),
    ("unsuccessfulOutcome", "UnsuccessfulOutcome"),
)
FEW = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))


def _reencoded(octets: bytes) -> bytes:
    PDU.from_aper(octets)
    value = PDU.get_val()
    PDU.set_val(value)
    return bytes(PDU.to_aper())


def test_captures() -> None:
    for capture in need_captures():
        assert _reencoded(capture.octets) == capture.octets


@pytest.mark.parametrize("kind", e2ap.MESSAGE_TYPES, ids=lambda kind: kind.name)
def test_what_we_write_pycrate_reads_and_writes_alike(kind: MessageType[Any]) -> None:
    @FEW
    @given(values(kind, tolerated=False))
    def holds(message: e2ap.Message) -> None:
        octets = e2ap.encode(message)
        assert _reencoded(octets) == octets

    holds()


@pytest.mark.parametrize("kind", e2ap.MESSAGE_TYPES, ids=lambda kind: kind.name)
def test_what_pycrate_writes_we_read_and_write_alike(kind: MessageType[Any]) -> None:
    @FEW
    @given(st.integers(0, 2**32))
    def holds(seed: int) -> None:
        PDU.set_val(_pdu(kind, random.Random(seed)))
        octets = bytes(PDU.to_aper())
        message = e2ap.decode(octets)
        assert type(message) is kind.made
        assert message.unknown_ies == ()
        assert e2ap.encode(message) == octets

    holds()


def _pdu(kind: MessageType[Any], rng: random.Random) -> Any:
    """A random value of pycrate's schema, with the criticalities that we write."""
    choice, field = OUTCOMES[kind.outcome]
    procedure = next(p for p in PROCEDURES._val.root if p["procedureCode"] == kind.procedure)
    message = procedure[field]
    table = message._cont["protocolIEs"]._cont._cont["id"]._const_tab._val
    rows = [r for r in [*table.root, *(table.ext or [])] if r["id"] in {ie.id for ie in kind.ies}]
    assert len(rows) == len(kind.ies)
    ies = [_ie(row, rng) for row in rows if row["presence"] == "mandatory" or rng.random() < 0.6]
    envelope = {
        "procedureCode": kind.procedure,
        "criticality": procedure["criticality"],
        "value": (kind.name, {"protocolIEs": ies}),
    }
    return (choice, envelope)


def _ie(row: Any, rng: random.Random) -> Any:
    criticality = "reject" if row["id"] in (8, 19) else row["criticality"]
    name = row["Value"]._typeref.called[1]
    return {"id": row["id"], "criticality": criticality, "value": (name, _value(row["Value"], rng))}


def _value(of: Any, rng: random.Random) -> Any:  # noqa: PLR0911
    match of.TYPE:
        case "INTEGER":
            limits = of._const_val.root[0]
            return rng.choice((limits.lb, limits.ub, rng.randint(limits.lb, limits.ub)))
        case "ENUMERATED":
            return rng.choice([*of._root, *(of._ext or [])])
        case "OCTET STRING":
            return rng.randbytes(_size(of, rng, 200))
        case "BIT STRING":
            length = _size(of, rng, 200)
            return (rng.getrandbits(length), length)
        case "PrintableString":
            return "".join(rng.choices("abcXYZ019 '()+,-./:=?", k=_size(of, rng, 200)))
        case "CHOICE":
            name = rng.choice([*of._root, *(of._ext or [])])
            return (name, _value(of._cont[name], rng))
        case "SEQUENCE":
            parts = {k: p for k, p in of._cont.items() if not p._opt or rng.random() < 0.5}
            return {name: _value(part, rng) for name, part in parts.items()}
        case "SEQUENCE OF":
            count = min(_size(of, rng, 3), 3)
            table = of._cont._cont["id"]._const_tab if "id" in of._cont._cont else None
            if table is None:
                return [_value(of._cont, rng) for _ in range(count)]
            return [_ie(table._val.root[0], rng) for _ in range(count)]
    raise TypeError(of.TYPE)


def _size(of: Any, rng: random.Random, otherwise: int) -> int:
    if of._const_sz is None:
        return rng.randint(0, otherwise)
    limits = of._const_sz.root[0]
    if isinstance(limits, int):
        return limits
    return rng.choice((limits.lb, min(limits.ub, otherwise), rng.randint(limits.lb, limits.ub)))
