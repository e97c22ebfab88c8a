"""What tests of sessions share."""

import pytest

from tests.xapp_e2.rig import World


@pytest.fixture
def world() -> World:
    return World()
