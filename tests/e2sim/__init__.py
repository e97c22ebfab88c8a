"""Tests of the emulated network and its E2 node."""
