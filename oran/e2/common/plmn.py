"""PLMN identities: 3 octets on the wire, 5 or 6 digits on paper (TS 23.003 2.2, TS 24.008)."""

from typing import Final

_FILLER: Final = 0xF


def plmn_octets(digits: str) -> bytes:
    """The octets of MCC and MNC: `plmn_octets("00101")` is `00 f1 10`.

    Raises:
        ValueError: not 5 or 6 decimal digits.
    """
    if not (digits.isascii() and digits.isdigit() and len(digits) in (5, 6)):
        raise ValueError(f"{digits!r} is not a PLMN: 3 digits of MCC and 2 or 3 of MNC")
    d = [int(digit) for digit in digits]
    third = d[5] if len(d) == 6 else _FILLER
    return bytes((d[1] << 4 | d[0], third << 4 | d[2], d[4] << 4 | d[3]))


def plmn_digits(octets: bytes) -> str:
    """The digits of a PLMN identity, the inverse of `plmn_octets`.

    Raises:
        ValueError: not 3 octets of such digits.
    """
    nibbles = octets.hex()
    if len(octets) == 3:
        mcc = nibbles[1] + nibbles[0] + nibbles[3]
        mnc = nibbles[5] + nibbles[4] + nibbles[2].replace("f", "")
        if (mcc + mnc).isdigit():
            return mcc + mnc
    raise ValueError(f"{nibbles} is not a PLMN identity: 3 octets of swapped decimal digits")
