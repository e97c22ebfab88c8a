"""Where an end of the association is, and over which transport."""

import re
from dataclasses import dataclass
from typing import Final, Literal, Self, cast

E2_PORT: Final = 36421
"""Registered port of E2AP over SCTP."""

Scheme = Literal["sctp", "tcp"]

_URL: Final = re.compile(
    r"(?P<scheme>sctp|tcp)://(?P<host>\[[0-9A-Fa-f:.%]+\]|[^\[\]:/@?#]+)(:(?P<port>[0-9]{1,5}))?/?"
)


@dataclass(frozen=True, slots=True)
class Address:
    """A transport address.

    Attributes:
        scheme: `sctp`, or `tcp` with a length before each PDU (`framing`).
        host: name, IPv4 address or IPv6 address without brackets.
        port: 0..65535; 0 lets a server choose.
    """

    scheme: Scheme
    host: str
    port: int = E2_PORT

    @classmethod
    def parse(cls, url: str) -> Self:
        """From `sctp://HOST[:PORT]` or `tcp://HOST[:PORT]`; IPv6 addresses stand in brackets.

        Raises:
            ValueError: the text has another form.
        """
        found = _URL.fullmatch(url)
        port = int(found["port"] or E2_PORT) if found else -1
        if found is None or port > 65535:
            raise ValueError(
                f"{url!r} is no address of E2: sctp://HOST[:PORT] or tcp://HOST[:PORT], "
                "with PORT in 0..65535 and IPv6 addresses in brackets"
            )
        return cls(cast(Scheme, found["scheme"]), found["host"].strip("[]"), port)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"
