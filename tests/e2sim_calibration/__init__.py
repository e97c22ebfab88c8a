"""Calibration: curves, distances, traffic sources, and the twin beside recordings."""
