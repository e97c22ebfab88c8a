"""Measured figures, each beside a control of the same run."""
