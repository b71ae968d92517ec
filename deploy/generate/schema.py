"""The JSON Schema of the chart's values. Nothing is allowed that the chart does not use.

What stands under `settings` is what syncd itself allows in its settings file, so a secret that is
written out, or a misspelt key, is refused before it is in the cluster.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deploy.generate.documented import Value
from syncd.settings import Settings
from syncd.settings.file import SettingsFile

Json = dict[str, Any]

BY_THE_CHART = frozenset(
    {
        "config",
        "mappings",
        "database_url",
        "database_url_file",
        "api_token",
        "api_token_file",
        "listen",
        "metrics_listen",
        "reading",
        "role",
        "grace",
    }
)
"""Settings that the chart says in the environment, where they win over the file."""

_SAID = sorted(f"SYNCD_{name.upper()}" for name in BY_THE_CHART)

LABEL = r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$"
PERIOD = r"^[A-Za-z0-9]([A-Za-z0-9-]{0,38}[A-Za-z0-9])?$"
QUANTITY = r"^[0-9]+(\.[0-9]+)?(m|[kMGTPE]i?)?$"
ADDRESS = "^https?://[^ ]+$"
DURATION = r"^([0-9]+(ms|s|m|h))+$"

TEXT: Json = {"type": "string"}
YES_OR_NO: Json = {"type": "boolean"}
FREE: Json = {"type": "object"}
"""An object of Kubernetes, which checks it itself."""
PORT: Json = {"type": "integer", "minimum": 1, "maximum": 65535}


def schema(values: Sequence[Value]) -> Json:
    """The schema, each key with the words of its comment in values.yaml.

    Raises KeyError for a value that values.yaml has and the schema has not.
    """
    settings = SettingsFile.model_json_schema()
    definitions = settings.pop("$defs")
    of_a_process = Settings.model_json_schema()["$defs"]
    definitions |= {name: of_a_process[name] for name in ("ProxySetting",)}
    found = _closed(**_properties(_of_settings(settings)))
    for one in values:
        at = found
        for step in one.path:
            at["properties"][step] = dict(at["properties"][step])
            at = at["properties"][step]
        at["description"] = one.words
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Values of the chart syncd",
        **found,
        "$defs": _without_titles(definitions),
    }


def _properties(settings: Json) -> dict[str, Json]:
    secret = _closed(name=TEXT, key=_text(minLength=1))
    targets = _map(_closed(to=_list(FREE), ports=_list(PORT, least=1)))
    where = _closed(to=_list(FREE), ports=_list(PORT, least=1))
    files = _map(_text(minLength=1), r"^[A-Za-z0-9][A-Za-z0-9._-]*\.yaml$")
    return {
        "global": FREE,  # Helm hands it to every chart of a parent
        "nameOverride": TEXT,
        "fullnameOverride": TEXT,
        "image": _closed(
            repository=TEXT,
            tag=TEXT,
            digest=_text(pattern=r"^(sha256:[0-9a-f]{64})?$"),
            pullPolicy=_one_of("Always", "IfNotPresent", "Never"),
            pullSecrets=_list(_closed(["name"], name=TEXT)),
        ),
        "replicas": {"type": "integer", "minimum": 0, "maximum": 50},
        "database": _closed(
            kind=_one_of("sqlite", "postgresql"),
            sqlite=_closed(
                persistence=_closed(
                    enabled=YES_OR_NO,
                    existingClaim=TEXT,
                    storageClassName=TEXT,
                    accessModes=_list(_one_of("ReadWriteOnce", "ReadWriteOncePod"), least=1),
                    size=_text(pattern=QUANTITY),
                    keep=YES_OR_NO,
                    annotations=_words(),
                )
            ),
            postgresql=_closed(existingSecret=secret),
        ),
        "settings": settings,
        "existingSettings": _closed(configMap=TEXT, key=_text(minLength=1)),
        "mappings": _closed(
            files=files,
            periods=_map(files, PERIOD),
            directory=_text(pattern=r"^[^/.*][^*]*$"),
            existingConfigMap=TEXT,
            existingConfigMaps=_map(_text(minLength=1), PERIOD),
        ),
        "secrets": _map(
            _closed(["secretName"], secretName=_text(minLength=1), items=_list(FREE)), LABEL
        ),
        "apiToken": _closed(existingSecret=secret),
        "listenHost": _text(minLength=1),
        "containerPort": {**PORT, "minimum": 1024},
        "metricsPort": {**PORT, "minimum": 1024},
        "reading": _one_of("token", "proxy", "open"),
        "drainSeconds": {"type": "integer", "minimum": 1, "maximum": 3600},
        "preStopSeconds": {"type": "integer", "minimum": 0, "maximum": 300},
        "service": _closed(
            type=_one_of("ClusterIP", "NodePort", "LoadBalancer"), port=PORT, annotations=_words()
        ),
        "ingress": _closed(
            enabled=YES_OR_NO,
            className=TEXT,
            annotations=_words(),
            hosts=_list(
                _closed(
                    ["host", "paths"],
                    host=_text(minLength=1),
                    paths=_list(_text(pattern="^/"), least=1),
                ),
                least=1,
            ),
            tls=_list(_closed(secretName=TEXT, hosts=_list(TEXT))),
        ),
        "metrics": _closed(
            serviceMonitor=_closed(
                enabled=YES_OR_NO,
                labels=_words(),
                interval=_text(pattern=DURATION),
                scrapeTimeout=_text(pattern=DURATION),
                relabelings=_list(FREE),
                metricRelabelings=_list(FREE),
            ),
            prometheusRule=_closed(
                enabled=YES_OR_NO,
                labels=_words(),
                runbooks=_text(pattern=ADDRESS),
                dashboards=_text(pattern=ADDRESS),
            ),
        ),
        "grafana": _closed(
            dashboards=_closed(enabled=YES_OR_NO, labels=_words(), annotations=_words())
        ),
        "networkPolicy": _closed(
            enabled=YES_OR_NO,
            ingress=_closed(**{"from": _list(FREE), "metricsFrom": _list(FREE)}),
            egress=_closed(
                dns=where,
                sources=targets,
                webhooks=targets,
                notifications=where,
                database=where,
                extra=_list(FREE),
            ),
        ),
        "podDisruptionBudget": _closed(
            enabled=YES_OR_NO,
            maxUnavailable={
                "anyOf": [{"type": "integer", "minimum": 0}, _text(pattern="^[0-9]+%$")]
            },
        ),
        "serviceAccount": _closed(create=YES_OR_NO, name=TEXT, annotations=_words()),
        "podSecurityContext": FREE,
        "securityContext": FREE,
        "resources": FREE,
        "startupProbe": FREE,
        "livenessProbe": FREE,
        "readinessProbe": FREE,
        "strategy": FREE,
        "revisionHistoryLimit": {"type": "integer", "minimum": 0},
        "topologySpreadConstraints": _list(FREE),
        "nodeSelector": _words(),
        "tolerations": _list(FREE),
        "affinity": FREE,
        "priorityClassName": TEXT,
        "commonLabels": _own_labels(),
        "podLabels": _own_labels(),
        "podAnnotations": _words(),
        "extraEnv": _list(
            {
                "type": "object",
                "required": ["name"],
                "properties": {"name": {"type": "string", "not": {"enum": _SAID}}},
            }
        ),
        "extraEnvFrom": _list(FREE),
        "extraVolumes": _list(FREE),
        "extraVolumeMounts": _list(FREE),
        "extraContainers": _list(FREE),
    }


def _of_settings(settings: Json) -> Json:
    """The settings file, but what the chart says itself. All of it may be left out: the chart
    tells in words when there are no sources.
    """
    properties = settings["properties"]
    process = Settings.model_json_schema()["properties"]
    properties["settings"] = _closed(
        **{name: found for name, found in process.items() if name not in BY_THE_CHART}
    )
    without: Json = _without_titles({**settings, "required": []})
    return without


def _closed(required: Sequence[str] = (), /, **properties: Json) -> Json:
    found: Json = {"type": "object", "additionalProperties": False, "properties": properties}
    return {**found, "required": list(required)} if required else found


def _map(of: Json, names: str | None = None) -> Json:
    """Any keys, or those whose names fit. Helm does not say where a bad `propertyNames` is."""
    if names is None:
        return {"type": "object", "additionalProperties": of}
    return {"type": "object", "additionalProperties": False, "patternProperties": {names: of}}


def _list(of: Json, least: int = 0) -> Json:
    return {"type": "array", "items": of, **({"minItems": least} if least else {})}


def _text(**more: Any) -> Json:
    return {"type": "string", **more}


def _one_of(*words: str) -> Json:
    return {"enum": list(words)}


def _words() -> Json:
    return _map(TEXT)


def _own_labels() -> Json:
    """Labels of one's own; those of the chart cannot be said twice."""
    return {**_words(), "patternProperties": {r"^(app\.kubernetes\.io|helm\.sh)/": False}}


def _without_titles(found: Any) -> Any:
    """The schema without the titles that pydantic makes of names."""
    if isinstance(found, dict):
        return {
            key: _without_titles(value)
            for key, value in found.items()
            if not (key == "title" and isinstance(value, str))
        }
    if isinstance(found, list):
        return [_without_titles(one) for one in found]
    return found
