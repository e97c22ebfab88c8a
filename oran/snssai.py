"""Slice identity: Single Network Slice Selection Assistance Information."""

from dataclasses import dataclass
from typing import Final, Self


@dataclass(frozen=True, slots=True, order=True)
class Snssai:
    """S-NSSAI, TS 23.003 28.4.2.

    Attributes:
        sst: slice/service type, 0..255; standard values in `STANDARD_SST`.
        sd: slice differentiator, 0..0xFFFFFF, or None where the slice has none.

    Raises:
        ValueError: a part is out of range.
    """

    sst: int
    sd: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.sst <= 255:
            raise ValueError(f"sst: {self.sst} is outside 0..255")
        if self.sd is not None and not 0 <= self.sd <= 0xFFFFFF:
            raise ValueError(f"sd: {self.sd} is outside 0..0xFFFFFF")

    def __str__(self) -> str:
        """`SST` or `SST-SD`, the latter with six hexadecimal digits (TS 23.003 28.4.2)."""
        return str(self.sst) if self.sd is None else f"{self.sst}-{self.sd:06x}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The inverse of `str`: `"1-000001"` or `"1"`.

        Raises:
            ValueError: the text has another form, or a part is out of range.
        """
        sst, dash, sd = text.partition("-")
        digits = sst.isascii() and sst.isdigit() and len(sst) <= 3
        if not digits or (dash and (len(sd) != 6 or set(sd) - set("0123456789abcdefABCDEF"))):
            raise ValueError(
                f"{text!r} is not an S-NSSAI: 'SST' or 'SST-SD' with SST 0..255 and six "
                "hexadecimal digits of SD, such as '1-000001'"
            )
        return cls(int(sst), int(sd, 16) if dash else None)


STANDARD_SST: Final[dict[int, str]] = {1: "eMBB", 2: "URLLC", 3: "mMTC"}
"""Standard slice/service types this project treats by name (TS 23.501 Table 5.15.2.2-1).

The table's name for 3 is MIoT; the field says mMTC.
"""
