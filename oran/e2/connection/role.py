"""The two ends of an E2 connection."""

from enum import Enum


class Role(Enum):
    """Which end of the connection one is."""

    NODE = "E2 node"
    RIC = "near-RT RIC"

    @property
    def peer(self) -> "Role":
        """The other end."""
        return Role.RIC if self is Role.NODE else Role.NODE
