"""Compiles the hot modules of a wheel with mypyc, where HATCH_BUILD_HOOK_ENABLE_CUSTOM is true.

Which modules, and why those, stands in pyproject.toml. The sources are taken as they are; what is
compiled goes into the wheel alone, next to its source. It never comes to lie in a checkout, where
it would hide what is edited: nothing is written there, and an editable install stays plain.
"""

import contextlib
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompiledModules(BuildHookInterface[BuilderConfig]):
    """The build hook; its options are `modules`, paths of sources."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the modules and add them to the wheel."""
        if version == "editable":
            return
        self._folder = Path(tempfile.mkdtemp(prefix="slicepilot-compiled-"))
        try:
            library = self._compile([str(module) for module in self.config["modules"]])
        except BaseException:
            shutil.rmtree(self._folder)
            raise
        files = [path for path in sorted(library.rglob("*")) if path.is_file()]
        build_data["force_include"] |= {str(f): str(f.relative_to(library)) for f in files}
        build_data["pure_python"] = False
        build_data["infer_tag"] = True

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what the wheel has a copy of."""
        if version != "editable":
            shutil.rmtree(self._folder)

    def _compile(self, modules: list[str]) -> Path:
        """The folder that holds the extension modules as they stand in the wheel."""
        # Imported here: an sdist or a plain wheel needs no compiler.
        from mypyc.build import mypycify  # noqa: PLC0415
        from setuptools import Distribution  # noqa: PLC0415
        from setuptools.command.build_ext import build_ext  # noqa: PLC0415

        library = self._folder / "library"
        # Strict, and so with the types of all dependencies: a class that derives from an unknown
        # one would compile, and crash.
        options = ["--config-file=pyproject.toml", "--cache-dir=/dev/null"]
        with contextlib.chdir(self.root):
            extensions = mypycify(
                [*options, *modules],
                target_dir=str(self._folder / "c"),
                group_name="slicepilot",
                debug_level="0",
            )
            for extension in extensions:
                # Fused multiplication and addition, which some processors have, rounds otherwise.
                extension.extra_compile_args.append("-ffp-contract=off")
            command = build_ext(Distribution({"ext_modules": extensions}))
            command.build_lib = str(library)
            command.build_temp = str(self._folder / "objects")
            command.ensure_finalized()
            command.run()
        return library
