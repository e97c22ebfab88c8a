"""What goes wrong in the codec, and where."""

from enum import Enum
from typing import Self


class CodecError(ValueError):
    """A value or its encoding breaks the rules of the protocol.

    Attributes:
        reason: what is wrong and what would be right.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self._parts: list[str] = []

    @property
    def path(self) -> str:
        """The field, from the message inwards: `RICindication.RICindicationMessage.measData[3]`."""
        text = ""
        for part in reversed(self._parts):
            text += part if part.startswith("[") or not text else f".{part}"
        return text

    def within(self, part: str | int) -> Self:
        """The same error, seen from the value that holds the field: a name, or a list's index."""
        self._parts.append(f"[{part}]" if isinstance(part, int) else part)
        return self

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}" if self._parts else self.reason


class EncodeError(CodecError):
    """A message or JSON document that has no encoding."""


class ErrorKind(Enum):
    """How octets fail to be a message (O-RAN E2AP 10.2, 10.3)."""

    TRANSFER_SYNTAX = "cannot be decoded"
    REJECT = "not understood, and must not be acted on"
    NOTIFY = "not understood, to be ignored, and told"
    IGNORE = "not understood, to be ignored"
    FALSELY_CONSTRUCTED = "understood, and in a place or a number where it cannot stand"


class DecodeError(CodecError):
    """Octets that are no message.

    Attributes:
        kind: how they fail to be one; what is not understood has the criticality that the sender
            gave it, where it gave one, and else `REJECT`.
        offset: where, in bits from the start of the octets being decoded. Inside a value of more
            than 16,383 octets, which arrives in fragments, the fragments' lengths are not counted.
    """

    def __init__(
        self, reason: str, offset: int, kind: ErrorKind = ErrorKind.TRANSFER_SYNTAX
    ) -> None:
        super().__init__(reason)
        self.offset = offset
        self.kind = kind

    def __str__(self) -> str:
        octet, bit = divmod(self.offset, 8)
        return f"{super().__str__()} (octet {octet}, bit {bit})"


def brief(value: object) -> str:
    """`repr` of a value, cut to what fits an error message."""
    try:
        text = repr(value)
    except ValueError:  # Python refuses to print integers of thousands of digits
        return f"a huge {type(value).__name__}"
    return text if len(text) <= 60 else f"{text[:57]}..."
