"""Ids for the requests of one end."""

from typing import Final

from oran.e2.connection.errors import LocalProtocolError
from oran.e2.connection.procedure import CONTROL, PROCEDURES, control_key_of, transaction_key
from oran.e2.connection.subscription import Subscriptions
from oran.e2.connection.transaction import Transactions
from oran.e2.e2ap import RicRequestId

TRANSACTION_IDS: Final = 256
"""How many transaction ids E2AP has without its extension."""

INSTANCE_IDS: Final = 65_536
"""How many requests of one requestor E2AP can name."""

_WITH_TRANSACTION: Final = tuple(p for p in PROCEDURES if p.key is transaction_key and p.response)


class Identifiers:
    """Gives ids in turn, so that one that was used comes back as late as can be.

    Attributes:
        requestor_id: requestor part of request ids, 0..65535.
    """

    def __init__(self, requestor_id: int) -> None:
        if not 0 <= requestor_id <= 65535:
            raise ValueError(f"requestor_id: {requestor_id} is outside 0..65535")
        self.requestor_id: Final = requestor_id
        self._transaction = 0
        self._instance = 0

    def transaction_id(self, sent: Transactions) -> int:
        """An id, 0..255, that no request without an answer has.

        Raises:
            LocalProtocolError: all are taken.
        """
        for _ in range(TRANSACTION_IDS):
            made = self._transaction
            self._transaction = (made + 1) % TRANSACTION_IDS
            if not any(sent.has(procedure, made) for procedure in _WITH_TRANSACTION):
                return made
        raise LocalProtocolError(f"all {TRANSACTION_IDS} transaction ids wait for answers")

    def request_id(self, sent: Transactions, subscriptions: Subscriptions) -> RicRequestId:
        """An id that no subscription has, and no control without an answer.

        Raises:
            LocalProtocolError: all of this requestor are taken.
        """
        for _ in range(INSTANCE_IDS):
            made = RicRequestId(self.requestor_id, self._instance)
            self._instance = (self._instance + 1) % INSTANCE_IDS
            if made not in subscriptions.view and not sent.has(CONTROL, control_key_of(made, None)):
                return made
        raise LocalProtocolError(f"all request ids of requestor {self.requestor_id} are in use")
