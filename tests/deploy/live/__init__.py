"""Checks of images and compose on a real Docker engine: `pytest -m deploy`."""
