"""Tests of the E2 codec."""
