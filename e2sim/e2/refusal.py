"""Refusals: what the RIC asks for and does not get."""

from oran.e2.e2ap import Cause


class RefusedError(Exception):
    """A request of the RIC, or an action of one, that is not carried out.

    Causes are those that E2AP v2.03 has, since its decoders may stop at later ones.

    Attributes:
        cause: what the RIC is told.
        reason: what is wrong and what would be right, for people.
    """

    def __init__(self, cause: Cause, reason: str) -> None:
        super().__init__(reason)
        self.cause = cause
        self.reason = reason
