import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.xapp.bundles import bundle
from tests.xapp.rig import Rig, write
from xapp.service import serving_policy
from xapp.service.serving_policy import ServingPolicy


@pytest.fixture(scope="session")
def bundle_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("bundle") / "test.bundle", bundle())


@pytest.fixture(scope="session")
def serving(bundle_file: Path) -> ServingPolicy:
    return serving_policy.load(bundle_file, time.perf_counter_ns)


@pytest.fixture
def rig(serving: ServingPolicy) -> Iterator[Rig]:
    with Rig(serving) as made:
        yield made
