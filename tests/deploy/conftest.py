"""Checks that need a Docker engine run only where they are asked for: `pytest -m deploy`."""

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "deploy: needs a Docker engine; run by CI (`pytest -m deploy`)"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "deploy" in config.option.markexpr:
        return
    left_out = [item for item in items if item.get_closest_marker("deploy") is not None]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in set(left_out)]
