"""The values in the guide are values that the chart takes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from deploy.generate.outputs import CHART, MANIFESTS
from tests.deploy.cases import chart, parsed

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "guide" / "kubernetes.md").read_text(encoding="utf-8")


def blocks() -> list[str]:
    """Its YAML blocks, without the indentation they stand at."""
    found = re.findall(r"^( *)```yaml\n(.*?)^ *```", GUIDE, re.MULTILINE | re.DOTALL)
    return [
        "".join(line.removeprefix(indent) for line in body.splitlines(keepends=True))
        for indent, body in found
    ]


def test_the_ten_minutes_lead_to_a_release_and_each_further_step_to_another() -> None:
    first, narrow, scaled, _overlay = blocks()

    for more in (first, f"{first}{narrow}", f"{first}{scaled}"):
        manifests = chart().render(yaml.safe_load(more), name="syncd", namespace="okr")
        assert parsed(manifests["syncd/templates/networkpolicy.yaml"])


def test_the_overlay_replaces_what_is_in_the_base() -> None:
    overlay = yaml.safe_load(blocks()[-1])
    base = [one for path in MANIFESTS.glob("*.yaml") for one in parsed(path.read_text())]
    maps = [one["metadata"]["name"] for one in base if one.get("kind") == "ConfigMap"]
    (image,) = overlay["images"]

    assert sorted(one["name"] for one in overlay["configMapGenerator"]) == sorted(maps)
    assert f'image: "{image["name"]}:' in (MANIFESTS / "deployment.yaml").read_text()


@pytest.mark.parametrize("path", [ROOT / "docs/guide/kubernetes.md", CHART / "README.md"])
def test_the_links_lead_somewhere(path: Path) -> None:
    for link in re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8")):
        assert (path.parent / link).exists(), link
