"""A connection of E2, without sockets: octets in, events out, one class for both ends.

role          which end
procedure     the table of procedures and of the connection's states
subscription  the table of a subscription's states
functions     the RAN functions in use
transaction   requests without an answer, and their timers
answer        what is said about a message that cannot be taken
connection    `Connection`, which puts them together
"""

from oran.e2.connection.connection import Connection
from oran.e2.connection.errors import LocalProtocolError, ProtocolError, RemoteProtocolError
from oran.e2.connection.event import (
    Aborted,
    Event,
    Failed,
    MayRetry,
    Notified,
    Requested,
    Succeeded,
    TimedOut,
    Unanswered,
)
from oran.e2.connection.procedure import PROCEDURES, Procedure, State
from oran.e2.connection.role import Role
from oran.e2.connection.subscription import Subscription, SubscriptionState

__all__ = [
    "PROCEDURES",
    "Aborted",
    "Connection",
    "Event",
    "Failed",
    "LocalProtocolError",
    "MayRetry",
    "Notified",
    "Procedure",
    "ProtocolError",
    "RemoteProtocolError",
    "Requested",
    "Role",
    "State",
    "Subscription",
    "SubscriptionState",
    "Succeeded",
    "TimedOut",
    "Unanswered",
]
