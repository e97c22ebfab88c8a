"""The wire: the codec beside general ASN.1 libraries on the same octets, and the loop over E2.

Every figure of the codec is the median over single calls, in rounds in which all cases take turns,
so that a busy moment of the machine falls on all of them alike. The values of a case are the same
in all of its calls. Columns, granularity and UE ids are remembered by the codec, as they recur in
the reports of a subscription; measured values are not.
"""

import statistics
import time
from collections.abc import Callable
from typing import Any, Final

from pycrate_asn1dir import E2AP

from bench import schema
from bench.loop import BUILD_KEYS, LOOP_KEYS, both
from oran.e2 import e2ap, kpm, rc
from oran.e2.common.ueid import GnbUeId, Guami
from oran.e2.per.string import Bits
from oran.snssai import Snssai

ROUNDS: Final = 60
CALLS: Final = 20
"""Calls of one case in one round."""

KEYS: Final[dict[str, str]] = {
    "kpm_f1_decode_us": "E2SM-KPM indication message format 1, 7 measurements",
    "kpm_f1_encode_us": "the same, encoded",
    "kpm_f3_decode_us": "E2SM-KPM indication message format 3, 10 UEs of 7 measurements",
    "kpm_f3_encode_us": "the same, encoded",
    "rc_decode_us": "E2SM-RC control message, PRB quota of 2 slices",
    "rc_encode_us": "the same, encoded",
    "e2ap_decode_us": "E2AP RICindication that carries the format 1 message as octets",
    "e2ap_encode_us": "the same, encoded",
    "pycrate_e2ap_decode_us": "control: the same RICindication by pycrate, a general ASN.1 library",
    "pycrate_e2ap_encode_us": "control: the same, encoded",
    "asn1tools_kpm_f1_decode_us": "control: the format 1 message by asn1tools, another such "
    "library, with a schema of our own",
    "asn1tools_kpm_f1_encode_us": "control: the same, encoded",
    **LOOP_KEYS,
    **BUILD_KEYS,
}

_PLMN: Final = b"\x00\xf1\x10"
_NAMES: Final = (
    "DRB.PdcpSduVolumeDL", "DRB.PdcpSduVolumeUL", "DRB.RlcSduDelayDl", "DRB.UEThpDl",
    "DRB.UEThpUl", "RRU.PrbTotDl", "RRU.PrbTotUl",
)  # fmt: skip


def format1() -> kpm.IndicationFormat1:
    """Seven measurements as FlexRIC's xApps ask for them: four integers, three reals."""
    return kpm.IndicationFormat1(
        (kpm.Record((1000, 200, 3.25, 12.7, 4.1, 50, 20)),),
        tuple(kpm.Measurement(name, (kpm.NO_LABEL,)) for name in _NAMES),
        1000,
    )


def format3() -> kpm.IndicationFormat3:
    """Ten UEs of a gNB."""
    guami = Guami(_PLMN, Bits(1, 8), Bits(1, 10), Bits(0, 6))
    return kpm.IndicationFormat3(
        tuple(
            kpm.UeReport(GnbUeId(100 + i, guami, ran_ueid=i.to_bytes(8, "big")), format1())
            for i in range(10)
        )
    )


def control() -> rc.ControlMessage:
    """The PRB quota of two slices."""
    return rc.quota_message(
        tuple(rc.SliceQuota((rc.SliceMember(_PLMN, Snssai(1, i)),), 5, 50, 10 * i) for i in (1, 2))
    )


def indication() -> e2ap.RicIndication:
    """The envelope of the format 1 message."""
    header = kpm.IndicationHeader(bytes(8), sender_name="gnb", sender_type="gNB", vendor="x")
    return e2ap.RicIndication(
        e2ap.RicRequestId(1021, 0),
        2,
        0,
        e2ap.IndicationType.REPORT,
        kpm.INDICATION_HEADER.encode(header),
        kpm.INDICATION_MESSAGE.encode(format1()),
        7,
    )


def cases() -> dict[str, Callable[[], object]]:
    """What is timed, by key."""
    pdu: Any = E2AP.E2AP_PDU_Descriptions.E2AP_PDU
    f1, f3, quota, packet = format1(), format3(), control(), indication()
    f1_octets = kpm.INDICATION_MESSAGE.encode(f1)
    f3_octets = kpm.INDICATION_MESSAGE.encode(f3)
    quota_octets = rc.CONTROL_MESSAGE.encode(quota)
    octets = e2ap.encode(packet)
    pdu.from_aper(octets)
    value = pdu.get_val()
    tables = schema.compiled()
    table = tables.decode(schema.MESSAGE, f1_octets)

    def pycrate_encode() -> bytes:
        pdu.set_val(value)
        return bytes(pdu.to_aper())

    return {
        "kpm_f1_decode_us": lambda: kpm.INDICATION_MESSAGE.decode(f1_octets),
        "kpm_f1_encode_us": lambda: kpm.INDICATION_MESSAGE.encode(f1),
        "kpm_f3_decode_us": lambda: kpm.INDICATION_MESSAGE.decode(f3_octets),
        "kpm_f3_encode_us": lambda: kpm.INDICATION_MESSAGE.encode(f3),
        "rc_decode_us": lambda: rc.CONTROL_MESSAGE.decode(quota_octets),
        "rc_encode_us": lambda: rc.CONTROL_MESSAGE.encode(quota),
        "e2ap_decode_us": lambda: e2ap.decode(octets),
        "e2ap_encode_us": lambda: e2ap.encode(packet),
        "pycrate_e2ap_decode_us": lambda: pdu.from_aper(octets),
        "pycrate_e2ap_encode_us": pycrate_encode,
        "asn1tools_kpm_f1_decode_us": lambda: tables.decode(schema.MESSAGE, f1_octets),
        "asn1tools_kpm_f1_encode_us": lambda: tables.encode(schema.MESSAGE, table),
    }


def run() -> dict[str, float]:
    """The figures by key; see `KEYS`."""
    timed = cases()
    samples: dict[str, list[float]] = {key: [] for key in timed}
    for _ in range(ROUNDS):
        for key, call in timed.items():
            for _ in range(CALLS):
                start = time.perf_counter_ns()
                call()
                samples[key].append((time.perf_counter_ns() - start) / 1000)
    return {key: statistics.median(values) for key, values in samples.items()} | both()
