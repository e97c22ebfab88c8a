"""Whose fault: an error of the caller, or of the peer.

A third kind, `ViolationError`, is how the rules inside report a breach before it is known whose it
is.
"""

from oran.e2.e2ap import Cause


class ProtocolError(Exception):
    """A message that the protocol does not allow now.

    Attributes:
        reason: what is wrong and what would be right.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class LocalProtocolError(ProtocolError):
    """The caller wants to send what is not allowed; nothing was sent, nothing has changed."""


class RemoteProtocolError(ProtocolError):
    """The peer sent what is not allowed; nothing has changed, and the connection goes on.

    Attributes:
        cause: the E2AP cause.
        answer: the packet with which E2AP wants this answered: the procedure's failure message, or
            an Error Indication. None where it wants none: no answer to an answer, and none to an
            Error Indication, or two ends could go on for ever.
    """

    def __init__(self, reason: str, cause: Cause, answer: bytes | None) -> None:
        super().__init__(reason)
        self.cause = cause
        self.answer = answer


class ViolationError(Exception):
    """A rule of the protocol is broken, by either end.

    Attributes:
        reason: what is wrong and what would be right.
        cause: the E2AP cause.
        answered: whether the peer is to be told, if the message is a request of the peer.
    """

    def __init__(self, reason: str, cause: Cause, *, answered: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.cause = cause
        self.answered = answered
