"""Limits of a connection: how long it waits, and how much it holds.

O-RAN E2AP names three of the timers (T_RICEVENTcreate, T_RICEVENTdelete, T_RICcontrol) and leaves
their values, like those of all others, to the operator. These suit a RIC that decides every 10 ms
to 1 s and a node that answers within a few seconds even while it starts.
"""

from typing import Final

SETUP_TIMEOUT: Final = 10.0
"""Seconds until an E2 Setup without an answer has failed."""

RESET_TIMEOUT: Final = 5.0
"""Seconds until a Reset without an answer has failed."""

REMOVAL_TIMEOUT: Final = 5.0
"""Seconds until an E2 Removal without an answer has failed."""

SERVICE_UPDATE_TIMEOUT: Final = 10.0
"""Seconds until a RIC Service Update without an answer has failed."""

CONFIGURATION_UPDATE_TIMEOUT: Final = 10.0
"""Seconds until an E2 Node Configuration Update without an answer has failed."""

CONNECTION_UPDATE_TIMEOUT: Final = 10.0
"""Seconds until an E2 Connection Update without an answer has failed."""

EVENT_CREATE_TIMEOUT: Final = 5.0
"""T_RICEVENTcreate: seconds until a RIC Subscription without an answer has failed."""

EVENT_DELETE_TIMEOUT: Final = 5.0
"""T_RICEVENTdelete: seconds until a RIC Subscription Delete without an answer has failed."""

CONTROL_TIMEOUT: Final = 2.0
"""T_RICcontrol: seconds until a RIC Control without an answer has failed, or, where none was asked
for, until it counts as done."""

MAX_PENDING: Final = 32_768
"""Most requests without an answer, counted for each direction. A RIC that sends 10,000 controls a
second without asking for acknowledgement has 20,000 of them."""

MAX_SUBSCRIPTIONS: Final = 4_096
"""Most subscriptions of one connection."""

MAX_RAN_FUNCTIONS: Final = 256
"""Most RAN functions of one node (maxofRANfunctionID)."""
