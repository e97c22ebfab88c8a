"""The emulated network: a digital twin of radio cells, and the E2 node around it."""
