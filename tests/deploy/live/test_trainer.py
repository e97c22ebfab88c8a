import http.server
import json
import subprocess
import sys
import threading
from collections.abc import Generator
from functools import partial
from pathlib import Path

import pytest

from tests.deploy.live.container import once
from tests.deploy.live.engine import ROOT, build, image, inspect

pytestmark = [pytest.mark.deploy, pytest.mark.timeout(1500), pytest.mark.usefixtures("engine")]


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        """Nothing: a listing is not worth a line."""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """A package index of PyTorch alone, in the build that this environment has."""
    folder = Path(tmp_path_factory.mktemp("index"))
    (pin,) = (p for p in (ROOT / "constraints.txt").read_text("utf-8").split() if "torch==" in p)
    pip = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", pin)
    subprocess.run([*pip, "--dest", folder / "torch"], check=True, timeout=600)
    if not list(folder.rglob("*+cpu-*.whl")):
        pytest.skip(f"no build of {pin} without CUDA is to be had here")
    serve = partial(_Quiet, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), serve) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_trainer_image_loads_all_of_it_and_has_no_cuda(index: str) -> None:
    build("trainer", "--network", "host", "--build-arg", f"PIP_EXTRA_INDEX_URL={index}")
    print(f"trainer {inspect(image('trainer'))['Size'] / 1e9:.2f} GB")
    # Every module of it loads, and with them all that it needs.
    code = (
        "import importlib, importlib.metadata as m, json, pkgutil, torch, trainer; "
        "names = [x.name for x in pkgutil.walk_packages(trainer.__path__, 'trainer.')]; "
        "[importlib.import_module(name) for name in names]; "
        "print(json.dumps([torch.version.cuda, names, [d.name for d in m.distributions()]]))"
    )
    ended, printed = once("trainer", "--entrypoint=python", command=("-W", "error", "-c", code))
    assert ended == 0, printed
    cuda, modules, packages = json.loads(printed)
    assert cuda is None
    assert len(modules) >= 20
    assert {"torch", "onnx", "numba"} <= set(packages)
    assert not [name for name in packages if name.startswith("nvidia")]
    # And the program starts: the reason is its own.
    ended, printed = once("trainer", command=("train", "--scenario", "rush_hour"))
    assert ended != 0
    assert "rush_hour" in printed
    assert "Traceback" not in printed
