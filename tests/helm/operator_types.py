"""Types of the Prometheus operator that the chart uses, as closed schemas of the fields used.

After the API reference of `monitoring.coreos.com/v1`. A field that the chart begins to use is
added here after a look into that reference: an operator drops unknown fields in silence.
"""

from typing import Any, Final

_DURATION: Final = {"type": "string", "pattern": "^([0-9]+(ms|[smhdwy]))+$"}
_STRINGS: Final = {"type": "object", "additionalProperties": {"type": "string"}}


def _closed(required: list[str], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": properties,
    }


_METADATA: Final = _closed(["name", "labels"], name={"type": "string"}, labels=_STRINGS)

_RELABELING: Final = _closed(
    ["action", "targetLabel", "replacement"],
    action={"enum": ["replace", "keep", "drop", "labelmap", "labeldrop", "labelkeep"]},
    targetLabel={"type": "string", "pattern": "^[a-zA-Z_][a-zA-Z0-9_]*$"},
    replacement={"type": "string"},
)

_ENDPOINT: Final = _closed(
    ["port"],
    port={"type": "string"},
    path={"type": "string", "pattern": "^/"},
    interval=_DURATION,
    scrapeTimeout=_DURATION,
    relabelings={"type": "array", "items": _RELABELING},
)

SERVICE_MONITOR: Final = _closed(
    ["apiVersion", "kind", "metadata", "spec"],
    apiVersion={"const": "monitoring.coreos.com/v1"},
    kind={"const": "ServiceMonitor"},
    metadata=_METADATA,
    spec=_closed(
        ["selector", "endpoints"],
        namespaceSelector=_closed([], matchNames={"type": "array", "items": {"type": "string"}}),
        selector=_closed(["matchLabels"], matchLabels=_STRINGS),
        endpoints={"type": "array", "minItems": 1, "items": _ENDPOINT},
    ),
)

_RULE: Final = {
    **_closed(
        ["expr"],
        record={"type": "string", "pattern": "^[a-zA-Z_:][a-zA-Z0-9_:]*$"},
        alert={"type": "string", "minLength": 1},
        expr={"type": ["string", "integer"]},
        labels=_STRINGS,
        annotations=_STRINGS,
        **{"for": _DURATION, "keep_firing_for": _DURATION},
    ),
    "oneOf": [{"required": ["record"]}, {"required": ["alert"]}],
}

PROMETHEUS_RULE: Final = _closed(
    ["apiVersion", "kind", "metadata", "spec"],
    apiVersion={"const": "monitoring.coreos.com/v1"},
    kind={"const": "PrometheusRule"},
    metadata=_METADATA,
    spec=_closed(
        ["groups"],
        groups={
            "type": "array",
            "minItems": 1,
            "items": _closed(
                ["name", "rules"],
                name={"type": "string", "minLength": 1},
                interval=_DURATION,
                labels=_STRINGS,
                rules={"type": "array", "items": _RULE},
            ),
        },
    ),
)

SCHEMAS: Final = {"ServiceMonitor": SERVICE_MONITOR, "PrometheusRule": PROMETHEUS_RULE}
