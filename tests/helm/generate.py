"""What is derived, so that it cannot differ: `python -m tests.helm.generate` writes it again.

From the xApp's settings: `settings` in the chart's values.schema.json, the schema of the controls
in the O-RAN SC descriptor, and the intents it starts from. From values.yaml and
values.schema.json: the table of values in the chart's README.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any, Final

import yaml

from oran.intent import DEFAULT_INTENTS
from tests.helm.chart import CHART, ROOT
from xapp.settings import Settings

SCHEMA: Final = CHART / "values.schema.json"
VALUES: Final = CHART / "values.yaml"
README: Final = CHART / "README.md"
CONTROLS: Final = ROOT / "deploy" / "osc" / "schema.json"
DESCRIPTOR: Final = ROOT / "deploy" / "osc" / "config.json"

SET_BY_CHART: Final = ("host", "port", "store", "bundle")
"""Settings that follow from other values of the chart."""

BEGIN: Final = "<!-- values: made by python -m tests.helm.generate -->"
END: Final = "<!-- end of values -->"

_PORT: Final = (
    "([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
)
LISTEN: Final = rf"^(sctp|tcp)://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(:{_PORT})?$"
"""`settings.e2.listen` in the chart, whose Service needs a port that is known: not 0."""

Schema = dict[str, Any]
_PROSE: Final = ("title", "description", "default", "format")


def _bare(node: Any, in_properties: bool = False) -> Any:
    """A schema without what does not validate."""
    if isinstance(node, list):
        return [_bare(n) for n in node]
    if not isinstance(node, dict):
        return node
    return {
        k: _bare(v, k in ("properties", "$defs"))
        for k, v in node.items()
        if in_properties or k not in _PROSE
    }


def settings_schema(left_out: tuple[str, ...] = ()) -> Schema:
    """The closed schema of the xApp's settings, without prose, references resolved in place."""
    schema: Schema = _bare(Settings.model_json_schema())
    definitions = schema.pop("$defs")

    def resolved(node: Any) -> Any:
        if isinstance(node, list):
            return [resolved(n) for n in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return resolved(definitions[node["$ref"].rpartition("/")[2]])
        return {k: resolved(v) for k, v in node.items()}

    found: Schema = resolved(schema)
    for name in left_out:
        del found["properties"][name]
    return found


def values_schema(current: Schema) -> Schema:
    """values.schema.json with the settings of now."""
    settings = settings_schema(SET_BY_CHART)
    listen = settings["properties"]["e2"]["properties"]["listen"]
    (text,) = (one for one in listen["anyOf"] if one["type"] == "string")
    text["pattern"] = LISTEN
    definitions = {**current["$defs"], "settings": settings}
    return {**current, "$defs": definitions}


def controls_schema() -> Schema:
    """The schema of the descriptor's controls: the settings, all of them."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": "#/controls",
        "title": "Settings of the Slicepilot xApp",
        **settings_schema(),
    }


def descriptor(current: Schema) -> Schema:
    """The descriptor with the default intents of now."""
    intents = [
        {
            "snssai": str(i.snssai),
            "sla": {k: v for k, v in asdict(i.sla).items() if v is not None},
            "weight": i.weight,
        }
        for i in DEFAULT_INTENTS
    ]
    return {**current, "controls": {**current["controls"], "intents": intents}}


def leaves(values: Mapping[str, Any], schema: Schema, path: str = "") -> Iterator[tuple[str, Any]]:
    """Keys and defaults of values.yaml, down to what the schema describes as one value.

    Raises:
        ValueError: values.yaml has a key that the schema does not know.
    """
    for key, value in values.items():
        at = f"{path}{key}"
        if key not in schema["properties"]:
            raise ValueError(f"values.yaml: {at}: is not in values.schema.json")
        node = schema["properties"][key]
        if "properties" in node:
            yield from leaves(value, node, at + ".")
        else:
            yield at, value


def description(schema: Schema, path: str) -> str:
    """What the schema says of a key."""
    node = schema
    for step in path.split("."):
        node = node["properties"][step]
    text: str = node["description"]
    return text


def values_table(values: Mapping[str, Any], schema: Schema) -> str:
    """The README's table, between its marks."""
    rows = [
        f"| `{key}` | `{json.dumps(value)}` | {description(schema, key)} |"
        for key, value in leaves(values, schema)
    ]
    return "\n".join([BEGIN, "| key | default | meaning |", "|---|---|---|", *rows, END])


def with_table(readme: str, table: str) -> str:
    """The README with its table replaced."""
    before, rest = readme.split(BEGIN)
    return before + table + rest.split(END)[1]


def json_text(document: Schema) -> str:
    """The text of a JSON file."""
    return json.dumps(document, indent=2) + "\n"


def derived() -> dict[str, str]:
    """Every derived file, by its path from the root of the repository: what it should say."""
    schema = values_schema(json.loads(SCHEMA.read_text("utf-8")))
    values = yaml.safe_load(VALUES.read_text("utf-8"))
    return {
        str(path.relative_to(ROOT)): text
        for path, text in (
            (SCHEMA, json_text(schema)),
            (CONTROLS, json_text(controls_schema())),
            (DESCRIPTOR, json_text(descriptor(json.loads(DESCRIPTOR.read_text("utf-8"))))),
            (README, with_table(README.read_text("utf-8"), values_table(values, schema))),
        )
    }


if __name__ == "__main__":
    for name, text in derived().items():
        (ROOT / name).write_text(text, "utf-8")
        print(f"written: {name}")
