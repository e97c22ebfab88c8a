"""Calibration: curves from real recordings beside the same curves from the twin.

What is calibrated, on what, and how far off the twin is: `docs/calibration.md`.
`python -m e2sim.calibration DATA_DIR --json OUT --plots DIR` makes every figure of it.
"""
