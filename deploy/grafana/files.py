"""The dashboards as the JSON that Grafana takes."""

from __future__ import annotations

from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from deploy.grafana.itself import itself
from deploy.grafana.key_result import key_result
from deploy.grafana.overview import overview

HERE = Path(__file__).parent
CHART = HERE.parent / "chart" / "syncd" / "dashboards"
"""Helm reads only what is below the chart, so they are there a second time."""


def dashboards() -> dict[Path, str]:
    """Each dashboard's text, by the paths where it is committed."""
    encode = JSONEncoder(sort_keys=True, indent=2).encode
    texts = {
        f"{name}.json": encode(build().build()) + "\n"
        for name, build in (
            ("okr-overview", overview),
            ("key-result", key_result),
            ("syncd-itself", itself),
        )
    }
    return {folder / name: text for folder in (HERE, CHART) for name, text in texts.items()}
