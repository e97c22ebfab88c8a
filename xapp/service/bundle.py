"""Bundles: policy files read and checked before anything in them is used.

The format is described in `xapp.decision.manifest`.
"""

import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from oran.report import MAX_SLICES
from xapp.decision.action import CELL_ACTIONS, SLICE_ACTIONS
from xapp.decision.manifest import GOLDEN_NAME, GRAPHS, MANIFEST_NAME, BundleError, Manifest
from xapp.decision.observation import FEATURES

MAX_FILE: Final = 64 * 2**20
MAX_MEMBER: Final[Mapping[str, int]] = {
    MANIFEST_NAME: 2**20,
    GOLDEN_NAME: 16 * 2**20,
    **dict.fromkeys(GRAPHS.values(), 32 * 2**20),
}
"""Largest size of each member once unpacked, bytes."""


@dataclass(frozen=True, slots=True)
class Golden:
    """Inputs and the answers that all graphs must give.

    Attributes:
        observation: float32 [N, S, FEATURES].
        present: bool [N, S], at least one place of each row.
        slices: float32 [N, S, len(SLICE_ACTIONS)].
        cell: float32 [N, len(CELL_ACTIONS)].
    """

    observation: NDArray[np.float32]
    present: NDArray[np.bool_]
    slices: NDArray[np.float32]
    cell: NDArray[np.float32]

    def __post_init__(self) -> None:
        n, s = self.present.shape if self.present.ndim == 2 else (0, 0)
        if n == 0 or not 1 <= s <= MAX_SLICES or not self.present.any(axis=1).all():
            raise BundleError(
                f"{GOLDEN_NAME}: present: shape {self.present.shape}, needs (N, S) with N above 0, "
                f"S in 1..{MAX_SLICES} and a slice in each row"
            )
        shapes = {
            "observation": (np.float32, (n, s, FEATURES)),
            "present": (np.bool_, (n, s)),
            "slices": (np.float32, (n, s, len(SLICE_ACTIONS))),
            "cell": (np.float32, (n, len(CELL_ACTIONS))),
        }
        for name, (dtype, shape) in shapes.items():
            array = getattr(self, name)
            if array.dtype != dtype or array.shape != shape:
                raise BundleError(
                    f"{GOLDEN_NAME}: {name}: {array.dtype} {array.shape}, needs "
                    f"{np.dtype(dtype)} {shape}"
                )
            if not np.isfinite(array).all():
                raise BundleError(f"{GOLDEN_NAME}: {name}: a value is not finite")


@dataclass(frozen=True, slots=True)
class Bundle:
    """A policy file whose parts agree with each other; the graphs have not run yet.

    Attributes:
        id: the policy's name and the first digits of the file's SHA-256.
        manifest: what the bundle says of itself.
        graphs: serialised ONNX models, by their names in `GRAPHS`.
        golden: inputs and answers.
    """

    id: str
    manifest: Manifest
    graphs: Mapping[str, bytes]
    golden: Golden


def read_bundle(path: Path) -> Bundle:
    """Read a bundle and check digests, schema, layout and sizes.

    Raises:
        BundleError: the file is absent or unreadable, or has any flaw.
    """
    try:
        if path.stat().st_size > MAX_FILE:
            raise BundleError(f"{path}: {path.stat().st_size} bytes, above {MAX_FILE}")
        data = path.read_bytes()
    except OSError as error:
        raise BundleError(f"{path}: {error.strerror}") from error
    try:
        return parse_bundle(data)
    except BundleError as error:
        raise BundleError(f"{path}: {error}") from error


def parse_bundle(data: bytes) -> Bundle:
    """The bundle in the bytes of a file; see `read_bundle`."""
    members = _unpack(data, MAX_MEMBER)
    manifest = Manifest.from_bytes(members.pop(MANIFEST_NAME))
    for name, member in members.items():
        if manifest.sha256[name] != hashlib.sha256(member).hexdigest():
            raise BundleError(f"{name}: its SHA-256 is not the one in {MANIFEST_NAME}")
    return Bundle(
        f"{manifest.name}-{hashlib.sha256(data).hexdigest()[:12]}",
        manifest,
        {graph: members[name] for graph, name in GRAPHS.items()},
        _golden(members[GOLDEN_NAME]),
    )


def _unpack(data: bytes, sizes: Mapping[str, int]) -> dict[str, bytes]:
    """The members of a zip file: exactly those of `sizes`, none above its size."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            names = [i.filename for i in infos]
            if sorted(names) != sorted(sizes):
                raise BundleError(
                    f"its members are {', '.join(names) or 'none'}; needs {', '.join(sizes)}"
                )
            for info in infos:
                if info.file_size > sizes[info.filename]:
                    raise BundleError(
                        f"{info.filename}: {info.file_size} bytes, above {sizes[info.filename]}"
                    )
            # zipfile stops at the declared size and checks the CRC, so a member that unpacks to
            # more than it declares is refused without being held in memory.
            return {i.filename: archive.read(i) for i in infos}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise BundleError(f"not a readable zip file: {error}") from error
    except zipfile.zlib.error as error:  # type: ignore[attr-defined]
        raise BundleError(f"a member's compressed data are damaged: {error}") from error


def _golden(data: bytes) -> Golden:
    names = ("observation", "present", "slices", "cell")
    arrays = _unpack(data, {f"{n}.npy": MAX_MEMBER[GOLDEN_NAME] for n in names})
    try:
        return Golden(*(np.load(io.BytesIO(arrays[f"{n}.npy"]), allow_pickle=False) for n in names))
    except BundleError:
        raise
    except (ValueError, EOFError, SyntaxError) as error:
        raise BundleError(f"{GOLDEN_NAME}: {error}") from error
