"""The terminal side: a live view of a running xApp, and the closed loop on one machine."""
