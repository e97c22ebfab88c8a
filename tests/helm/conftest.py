"""The real helm, and each value set rendered once."""

import os
import shutil

import pytest

from tests.helm.chart import SETS, Helm, Manifests, values_of


@pytest.fixture(scope="session")
def helm() -> Helm:
    """The program that `HELM` names, or `helm` on the path; CI has one, or says `HELM=`."""
    named = os.environ.get("HELM")
    program = shutil.which("helm") if named is None else named
    if not program:
        if named is None and os.environ.get("CI") == "true":
            pytest.fail("CI needs helm: on the path, or named by HELM")
        pytest.skip("no helm: put it on the path, or name it by HELM")
    return Helm(program)


@pytest.fixture(scope="session")
def rendered(helm: Helm) -> dict[str, Manifests]:
    """Manifests of each of the chart's value sets."""
    return {name: helm.template(values_of(name)) for name in SETS}


@pytest.fixture(params=SETS)
def manifests(request: pytest.FixtureRequest, rendered: dict[str, Manifests]) -> Manifests:
    """Each value set in turn."""
    return rendered[request.param]
