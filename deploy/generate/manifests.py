"""The plain manifests: the chart rendered once, without what only Helm needs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from helm_python.chart import Chart, values_from_yaml

NAME = "syncd"
HEAD = "# Made by `make deploy` from deploy/chart/syncd and values.yaml beside this file.\n"

_HELMS = re.compile(
    r"^ +(helm\.sh/[^:]+: .*|app\.kubernetes\.io/managed-by: .*|namespace: .*)\n", re.MULTILINE
)


def manifests(chart: Path, values: str) -> dict[str, str]:
    """The manifests by file name, for `kubectl apply` in whichever namespace is named there."""
    with Chart.load(chart) as loaded:
        rendered = loaded.render(values_from_yaml(values), name=NAME, namespace=NAME)
    found: dict[str, str] = {}
    for path, text in rendered.items():
        inner = path.removeprefix("syncd/templates/")
        if inner == "NOTES.txt" or inner.startswith("tests/") or not text.strip():
            continue
        found[inner] = HEAD + _HELMS.sub("", text).strip().removeprefix("---\n") + "\n"
    return dict(sorted(found.items()))


def kustomization(files: Iterable[str]) -> str:
    """The base that has them all."""
    listed = "".join(f"  - {name}\n" for name in files)
    return (
        f"{HEAD}apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
        f"resources:\n{listed}"
    )
