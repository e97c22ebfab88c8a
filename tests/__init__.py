"""Tests of Slicepilot."""
