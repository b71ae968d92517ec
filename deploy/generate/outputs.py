"""Every file that is made from the chart, and what stands in it."""

from __future__ import annotations

import json
from pathlib import Path

from deploy.generate.documented import between, documented, table
from deploy.generate.manifests import kustomization, manifests
from deploy.generate.schema import schema

DEPLOY = Path(__file__).parents[1]
CHART = DEPLOY / "chart" / "syncd"
MANIFESTS = DEPLOY / "manifests"
EXAMPLE = MANIFESTS / "values.yaml"


def described() -> dict[Path, str]:
    """The table and the schema of the chart's values, by path. They are committed; a test holds
    them to this.
    """
    values = documented((CHART / "values.yaml").read_text(encoding="utf-8"))
    readme = CHART / "README.md"
    return {
        readme: between(readme.read_text(encoding="utf-8"), table(values)),
        CHART / "values.schema.json": json.dumps(schema(values), indent=2, ensure_ascii=False)
        + "\n",
    }


def rendered() -> dict[Path, str]:
    """The plain manifests and the list of them, by path, as the chart on the disk makes them."""
    plain = manifests(CHART, EXAMPLE.read_text(encoding="utf-8"))
    files = {**plain, "kustomization.yaml": kustomization(plain)}
    return {MANIFESTS / name: text for name, text in files.items()}
