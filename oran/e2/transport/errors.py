"""What ends an association, or keeps it from being made."""


class TransportError(Exception):
    """Something below E2AP failed.

    Attributes:
        reason: what, in one line.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnreachableError(TransportError):
    """No association could be made, or no server started."""


class NoSctpError(UnreachableError):
    """The kernel has no SCTP."""

    def __init__(self) -> None:
        super().__init__(
            "this kernel has no SCTP: load its module (modprobe sctp), or use tcp://HOST:PORT"
        )


class LinkClosedError(TransportError):
    """The association has ended."""


class SlowPeerError(LinkClosedError):
    """The association was ended here, because the peer takes too little of what is sent."""
