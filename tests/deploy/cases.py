"""Values that the chart is rendered with: the least, and what each of its choices is for.

Manifests are read by PyYAML: it takes `on` and `yes` for what Kubernetes takes them for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import yaml
from helm_python.chart import Chart

from deploy.generate.outputs import CHART

Values = dict[str, Any]
Manifest = dict[str, Any]

ORGANISATION = "organisation: Infrastructure\nperiod: 2026-Q1\n"

LEAST: Values = {
    "image": {"repository": "registry.example.org/syncd"},
    "settings": {
        "sources": {
            "netbox": {
                "kind": "netbox",
                "url": "https://netbox.example.org",
                "token": {"file": "/run/secrets/syncd/netbox/token"},
            }
        }
    },
    "secrets": {"netbox": {"secretName": "syncd-netbox"}},
    "mappings": {"files": {"organisation.yaml": ORGANISATION}},
}
POSTGRESQL: Values = {
    "database": {"kind": "postgresql", "postgresql": {"existingSecret": {"name": "syncd-db"}}}
}
PEER = {"ipBlock": {"cidr": "10.0.0.0/8"}}

CASES: dict[str, Values] = {
    "the least": {},
    "three replicas on PostgreSQL": {"replicas": 3, **POSTGRESQL},
    "no replica": {"replicas": 0},
    "a store that is lost": {"database": {"sqlite": {"persistence": {"enabled": False}}}},
    "a claim of one's own": {"database": {"sqlite": {"persistence": {"existingClaim": "mine"}}}},
    "a claim in full": {
        "database": {
            "sqlite": {
                "persistence": {
                    "storageClassName": "fast",
                    "accessModes": ["ReadWriteOncePod"],
                    "size": "10Gi",
                    "keep": False,
                    "annotations": {"backup": "daily"},
                }
            }
        }
    },
    "settings of one's own": {
        "settings": None,
        "existingSettings": {"configMap": "mine", "key": "s.yaml"},
        "networkPolicy": {"egress": {"extra": [{"to": [PEER]}]}},
    },
    "several periods": {
        "mappings": {
            "files": None,
            "periods": {
                "2026-Q1": {"organisation.yaml": ORGANISATION},
                "2026-Q2": {"organisation.yaml": "organisation: Infrastructure\n"},
            },
        }
    },
    "mapping files of one's own": {"mappings": {"files": None, "existingConfigMap": "okrs"}},
    "periods of one's own": {
        "mappings": {"files": None, "existingConfigMaps": {"2026-Q1": "q1", "2026-Q2": "q2"}}
    },
    "writing": {"apiToken": {"existingSecret": {"name": "syncd-api", "key": "t"}}},
    "a proxy that signs people in": {
        "reading": "proxy",
        "settings": {
            "settings": {
                "proxy": {
                    "trusted": ["10.0.0.0/8"],
                    "groups_header": "X-Forwarded-Groups",
                    "writers": ["leads"],
                }
            }
        },
    },
    "an ingress": {
        "ingress": {
            "enabled": True,
            "className": "nginx",
            "annotations": {"nginx.ingress.kubernetes.io/auth-url": "https://auth.example.org"},
            "hosts": [{"host": "okr.example.org", "paths": ["/", "/more"]}],
            "tls": [{"secretName": "okr-tls", "hosts": ["okr.example.org"]}],
        }
    },
    "an ingress without TLS": {"ingress": {"enabled": True}},
    "an operator's Prometheus": {
        "metrics": {
            "serviceMonitor": {
                "enabled": True,
                "labels": {"release": "prometheus"},
                "relabelings": [{"targetLabel": "cluster", "replacement": "a"}],
                "metricRelabelings": [
                    {"sourceLabels": ["__name__"], "regex": "python_.*", "action": "drop"}
                ],
            }
        }
    },
    "alerts and dashboards": {
        "settings": {"settings": {"external_url": "https://okr.example.com/"}},
        "metrics": {
            "prometheusRule": {
                "enabled": True,
                "labels": {"release": "prometheus"},
                "runbooks": "https://wiki.example.com/syncd/",
                "dashboards": "https://graphs.example.com",
            }
        },
        "grafana": {"dashboards": {"enabled": True, "annotations": {"folder": "OKRs"}}},
    },
    "a narrow network": {
        "networkPolicy": {
            "ingress": {"from": [{"namespaceSelector": {}}], "metricsFrom": [PEER]},
            "egress": {"sources": {"netbox": {"to": [PEER], "ports": [8443]}}},
        }
    },
    "whom events are sent to": {
        "settings": {
            "webhooks": {
                "chat": {
                    "url": "http://hooks.example.org:8080/in",
                    "secret": {"env": "CHAT"},
                }
            },
            "notifications": {"mail": {"url": {"env": "MAIL"}}},
        },
        "networkPolicy": {
            "egress": {
                "webhooks": {"chat": {"to": [PEER]}},
                "notifications": {"ports": [443, 587]},
            }
        },
        "extraEnvFrom": [{"secretRef": {"name": "syncd-env"}}],
    },
    "no guards": {
        "networkPolicy": {"enabled": False},
        "podDisruptionBudget": {"enabled": False},
        "serviceAccount": {"create": False, "name": "shared"},
        "topologySpreadConstraints": [],
        "preStopSeconds": 0,
    },
    "everything around it": {
        "nameOverride": "okr",
        "fullnameOverride": "okrs",
        "image": {
            "digest": "sha256:" + "0" * 64,
            "pullPolicy": "Always",
            "pullSecrets": [{"name": "registry"}],
        },
        "commonLabels": {"owner": "obs"},
        "podLabels": {"tier": "back"},
        "podAnnotations": {"a": "b"},
        "nodeSelector": {"disk": "ssd"},
        "tolerations": [{"key": "infra", "operator": "Exists"}],
        "affinity": {"nodeAffinity": {}},
        "priorityClassName": "high",
        "strategy": {"type": "Recreate"},
        "service": {"type": "LoadBalancer", "port": 80, "annotations": {"lb": "internal"}},
        "serviceAccount": {"annotations": {"a": "b"}},
        "extraEnv": [{"name": "HTTPS_PROXY", "value": "http://proxy:3128"}],
        "extraVolumes": [{"name": "ca", "configMap": {"name": "ca"}}],
        "extraVolumeMounts": [{"name": "ca", "mountPath": "/etc/ca"}],
        "podDisruptionBudget": {"maxUnavailable": "50%"},
    },
    "OpenShift, which chooses the user": {
        "podSecurityContext": {"runAsUser": None, "runAsGroup": None, "fsGroup": None},
        "networkPolicy": {"egress": {"dns": {"to": [], "ports": [5353]}}},
    },
}


def merged(base: Mapping[str, Any], more: Mapping[str, Any]) -> Values:
    """The values with more over them; None takes one out, as it does for Helm."""
    found = dict(base)
    for key, value in more.items():
        if isinstance(value, Mapping) and isinstance(found.get(key), Mapping):
            found[key] = merged(found[key], value)
        else:
            found[key] = value
    return {key: value for key, value in found.items() if value is not None or key not in base}


@cache
def chart() -> Chart:
    """The chart, read once."""
    return Chart.load(CHART)


def texts(more: Values, of: Chart | None = None) -> dict[str, str]:
    """What the chart makes of the least values and more, text by template."""
    values = merged(LEAST, more)
    of = of or chart()
    of.validate_schema(values)
    found = of.render(values, name="demo", namespace="okr")
    return {path.removeprefix("syncd/templates/"): text for path, text in found.items()}


def parsed(text: str) -> list[Manifest]:
    """The manifests in a text."""
    return [one for one in yaml.load_all(text, yaml.CSafeLoader) if one]


def rendered(more: Values, of: Chart | None = None) -> list[Manifest]:
    """What the chart makes of the least values and more, as manifests; not to be changed."""
    return _of_values(json.dumps(more)) if of is None else _manifests(texts(more, of))


@cache
def _of_values(more: str) -> list[Manifest]:
    return _manifests(texts(json.loads(more)))


def _manifests(found: Mapping[str, str]) -> list[Manifest]:
    return [one for name, text in found.items() if name != "NOTES.txt" for one in parsed(text)]


def the(kind: str, more: Values, of: Chart | None = None) -> Manifest:
    """The only manifest of its kind."""
    (found,) = [one for one in rendered(more, of) if one["kind"] == kind]
    return found


def named(name: str, more: Values, of: Chart | None = None) -> Manifest:
    """The ConfigMap of this name."""
    (found,) = [
        one
        for one in rendered(more, of)
        if one["kind"] == "ConfigMap" and one["metadata"]["name"] == name
    ]
    return found


def pod(more: Values) -> Manifest:
    """The specification of the Deployment's pods."""
    found: Manifest = the("Deployment", more)["spec"]["template"]["spec"]
    return found


def container(more: Values) -> Manifest:
    """The container of syncd."""
    found: Manifest = pod(more)["containers"][0]
    return found


def environment(more: Values) -> dict[str, str]:
    """What syncd is told in the environment."""
    return {one["name"]: one["value"] for one in container(more)["env"]}
