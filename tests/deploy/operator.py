"""What the Prometheus operator knows of a ServiceMonitor and a PrometheusRule, as far as this chart
may need it.

Written down from https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.ServiceMonitor
and #monitoring.coreos.com/v1.PrometheusRule there.
"""

from __future__ import annotations

from typing import Any

TEXT = {"type": "string"}
TEXTS = {"type": "array", "items": TEXT}
DURATION = {
    "type": "string",
    "pattern": r"^(0|(([0-9]+)y)?(([0-9]+)w)?(([0-9]+)d)?(([0-9]+)h)?(([0-9]+)m)?(([0-9]+)s)?(([0-9]+)ms)?)$",
}


def closed(required: list[str], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": properties,
    }


RELABELING = closed(
    [],
    sourceLabels=TEXTS,
    separator=TEXT,
    targetLabel=TEXT,
    regex=TEXT,
    modulus={"type": "integer"},
    replacement=TEXT,
    action={
        "enum": ["replace", "keep", "drop", "hashmod", "labelmap", "labeldrop", "labelkeep"]
        + ["lowercase", "uppercase", "keepequal", "dropequal"]
    },
)
ENDPOINT = closed(
    ["port"],
    port=TEXT,
    path=TEXT,
    scheme={"enum": ["http", "https"]},
    interval=DURATION,
    scrapeTimeout=DURATION,
    honorLabels={"type": "boolean"},
    honorTimestamps={"type": "boolean"},
    relabelings={"type": "array", "items": RELABELING},
    metricRelabelings={"type": "array", "items": RELABELING},
)
SERVICE_MONITOR = closed(
    ["apiVersion", "kind", "metadata", "spec"],
    apiVersion={"const": "monitoring.coreos.com/v1"},
    kind={"const": "ServiceMonitor"},
    metadata={"type": "object", "required": ["name"]},
    spec=closed(
        ["endpoints", "selector"],
        jobLabel=TEXT,
        targetLabels=TEXTS,
        podTargetLabels=TEXTS,
        endpoints={"type": "array", "minItems": 1, "items": ENDPOINT},
        selector=closed(["matchLabels"], matchLabels={"type": "object", "minProperties": 1}),
        namespaceSelector=closed([], any={"type": "boolean"}, matchNames=TEXTS),
    ),
)

_WORDS = {"type": "object", "additionalProperties": TEXT}
PROMETHEUS_RULE = closed(
    ["apiVersion", "kind", "metadata", "spec"],
    apiVersion={"const": "monitoring.coreos.com/v1"},
    kind={"const": "PrometheusRule"},
    metadata={"type": "object", "required": ["name"]},
    spec=closed(
        ["groups"],
        groups={
            "type": "array",
            "minItems": 1,
            "items": closed(
                ["name", "rules"],
                name={"type": "string", "minLength": 1},
                interval=DURATION,
                rules={
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "oneOf": [
                            closed(["record", "expr"], record=TEXT, expr=TEXT, labels=_WORDS),
                            closed(
                                ["alert", "expr"],
                                alert=TEXT,
                                expr=TEXT,
                                labels=_WORDS,
                                annotations=_WORDS,
                                **{"for": DURATION},
                            ),
                        ]
                    },
                },
            ),
        },
    ),
)
