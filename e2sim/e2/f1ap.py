"""The F1 set-up messages that a gNB-DU hands on as its component configuration.

TS 38.473 9.2.1.4 and 9.2.1.5, with no more than their mandatory IEs. E2AP carries them as octets;
analysers of traffic look inside, and RICs stop at empty ones.
"""

from typing import Final

_F1_SETUP: Final = 1
_TRANSACTION_ID: Final = 78
_DU_ID: Final = 42
_CU_RRC_VERSION: Final = 170
_DU_RRC_VERSION: Final = 171

_INITIATING: Final = 0x00
_SUCCESSFUL: Final = 0x40
_FIRST: Final = b"\x00\x00"
"""TransactionID 0: the extension bit, then an octet."""
_NO_VERSION: Final = b"\x00"
"""RRC-Version: the extension bit, no extensions, and 3 bits of zeros."""


def f1_setup_request(du_id: int) -> bytes:
    """The request of a gNB-DU, 0..2^36-1."""
    return _pdu(
        _INITIATING,
        _ie(_TRANSACTION_ID, _FIRST),
        _ie(_DU_ID, _unit(du_id)),
        _ie(_DU_RRC_VERSION, _NO_VERSION),
    )


def f1_setup_response() -> bytes:
    """The gNB-CU's answer."""
    return _pdu(_SUCCESSFUL, _ie(_TRANSACTION_ID, _FIRST), _ie(_CU_RRC_VERSION, _NO_VERSION))


def _unit(number: int) -> bytes:
    """INTEGER (0..2^36-1): the number of octets less one in 3 bits, then the octets."""
    size = max(1, (number.bit_length() + 7) // 8)
    return bytes((size - 1 << 5,)) + number.to_bytes(size, "big")


def _ie(number: int, value: bytes) -> bytes:
    return number.to_bytes(2, "big") + b"\x00" + bytes((len(value),)) + value


def _pdu(outcome: int, *ies: bytes) -> bytes:
    content = b"\x00" + len(ies).to_bytes(2, "big") + b"".join(ies)
    return bytes((outcome, _F1_SETUP, 0, len(content))) + content
