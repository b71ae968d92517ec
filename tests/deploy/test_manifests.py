"""The plain manifests and everything else that is made from the chart is what the chart makes."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from deploy.generate.outputs import EXAMPLE, MANIFESTS, described, rendered
from syncd.mapping import load
from syncd.registry import connectors, measures
from syncd.settings import load_settings
from tests.deploy.cases import Manifest, parsed
from tests.deploy.pod_security import broken

MADE = {**described(), **rendered()}


@pytest.mark.parametrize("path", MADE, ids=lambda path: path.name)
def test_what_is_made_from_the_chart_is_up_to_date(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == MADE[path], "`make deploy` writes it anew"


def test_nothing_else_is_among_the_manifests() -> None:
    assert set(MANIFESTS.iterdir()) == {path for path in MADE if path.parent == MANIFESTS} | {
        EXAMPLE
    }


def manifests() -> list[Manifest]:
    return [one for path in kustomized() for one in parsed(path.read_text(encoding="utf-8"))]


def kustomized() -> list[Path]:
    """The files that kustomize takes."""
    base = yaml.safe_load((MANIFESTS / "kustomization.yaml").read_text(encoding="utf-8"))
    assert base.keys() == {"apiVersion", "kind", "resources"}
    return [MANIFESTS / name for name in base["resources"]]


def test_the_kustomize_base_has_every_manifest() -> None:
    assert set(kustomized()) == set(MANIFESTS.glob("*.yaml")) - {
        EXAMPLE,
        MANIFESTS / "kustomization.yaml",
    }


def test_they_go_into_whichever_namespace_is_named_and_say_nothing_of_helm() -> None:
    for one in manifests():
        assert "namespace" not in one["metadata"]
        assert "helm" not in str(one).lower()


def test_their_pods_fit_the_restricted_profile() -> None:
    (deployment,) = [one for one in manifests() if one["kind"] == "Deployment"]

    assert broken(deployment["spec"]["template"]["spec"]) == []


def test_syncd_takes_the_settings_and_the_mapping_files_of_the_example(tmp_path: Path) -> None:
    for one in manifests():
        if one["kind"] == "ConfigMap":
            folder = tmp_path / one["metadata"]["name"]
            folder.mkdir()
            for name, text in one["data"].items():
                (folder / name).write_text(text)

    installation = load_settings(
        connectors(), {"config": tmp_path / "syncd-settings" / "settings.yaml"}
    )
    loaded = load(
        tmp_path / "syncd-mappings",
        measures=measures(),
        sources=installation.kinds,
        default_sources=installation.defaults,
    )

    assert [str(fault) for fault in loaded.faults] == []
    assert sorted(installation.sources) == ["jira", "netbox", "prometheus"]
