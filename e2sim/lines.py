"""Lines of a YAML file, by the path of what stands there."""

import re

import yaml

_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


def line_of(text: str, path: str) -> int:
    """The line, from 1, of `path` (as in `slices[0].users`) in a YAML document.

    Where the document ends before the path does, the line of the last part that exists.
    """
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    line = node.start_mark.line if node is not None else 0
    for index, key in _STEP.findall(path):
        entries = _entries(node)
        if (index or key) not in entries:
            break
        line, node = entries[index or key]
    return line + 1


def _entries(node: yaml.Node | None) -> dict[str, tuple[int, yaml.Node]]:
    """What a node holds, by key or index: the line it begins in, and its node."""
    if isinstance(node, yaml.MappingNode):
        return {key.value: (key.start_mark.line, value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return {str(i): (item.start_mark.line, item) for i, item in enumerate(node.value)}
    return {}
