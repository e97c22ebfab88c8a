"""The emulated E2 node: the twin's cells in real time, under an xApp's allocations."""
