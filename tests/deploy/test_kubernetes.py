"""Kubernetes takes every manifest, in its oldest version that the chart allows, and in the newest."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import kubernetes_validate
import pytest
from helm_python.chart import lint
from kubernetes_validate import utils

from deploy.generate.outputs import CHART, MANIFESTS
from tests.deploy.cases import CASES, LEAST, chart, merged, parsed, rendered
from tests.deploy.operator import PROMETHEUS_RULE, SERVICE_MONITOR

VERSIONS = ("1.30", "1.33", "1.37")


@pytest.fixture(autouse=True, scope="module")
def _schemas_are_read_once() -> Iterator[None]:
    """The validator reads a megabyte of definitions for each manifest."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(utils, "schema_contents", functools.cache(utils.schema_contents))
        yield


@functools.cache
def manifests() -> dict[str, dict[str, Any]]:
    """All different manifests that the cases render, and the plain ones."""
    found = [one for more in CASES.values() for one in rendered(more)]
    for path in MANIFESTS.glob("*.yaml"):
        found += [one for one in parsed(path.read_text()) if "kind" in one]
    return {json.dumps(one, sort_keys=True, default=str): one for one in found}


@pytest.mark.parametrize("version", VERSIONS)
def test_every_manifest_is_valid_with_no_field_that_is_unknown(version: str) -> None:
    faults = []
    for one in manifests().values():
        if one["kind"] in ("ServiceMonitor", "PrometheusRule", "Kustomization"):
            continue
        try:
            kubernetes_validate.validate(one, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            faults.append(f"{one['kind']}: {list(error.path)}: {error.message}")

    assert faults == []


def test_the_prometheus_rule_has_what_the_operator_knows() -> None:
    found = [one for one in manifests().values() if one["kind"] == "PrometheusRule"]

    assert found
    for one in found:
        jsonschema.validate(one, PROMETHEUS_RULE)


def test_the_service_monitor_has_what_the_operator_knows() -> None:
    found = [one for one in manifests().values() if one["kind"] == "ServiceMonitor"]

    assert found
    for one in found:
        jsonschema.validate(one, SERVICE_MONITOR)


def test_the_oldest_version_is_the_one_that_the_chart_asks_for() -> None:
    assert chart().metadata["kubeVersion"] == f">={VERSIONS[0]}.0-0"


@pytest.mark.parametrize("case", CASES)
def test_helm_finds_nothing_to_complain_of(case: str) -> None:
    found = lint(CHART, merged(LEAST, CASES[case]), strict=True)

    assert found["errors"] == []
    told = [one["error"] for one in found["messages"] if one["severity"] > 1]
    assert told == []


def test_helm_finds_nothing_to_complain_of_without_values() -> None:
    assert lint(CHART, strict=True)["errors"] == []


@pytest.mark.parametrize("case", CASES)
def test_no_two_manifests_have_the_same_kind_and_name(case: str) -> None:
    found = [(one["kind"], one["metadata"]["name"]) for one in rendered(CASES[case])]

    assert len(set(found)) == len(found)


@pytest.mark.parametrize("case", CASES)
def test_all_that_is_chosen_by_labels_is_there_and_the_test_pod_is_not_chosen(case: str) -> None:
    found = rendered(CASES[case])
    (deployment,) = [one for one in found if one["kind"] == "Deployment"]
    labels = deployment["spec"]["template"]["metadata"]["labels"].items()
    (tester,) = [one for one in found if one["kind"] == "Pod"]
    selectors = [deployment["spec"]["selector"]["matchLabels"]]
    for one in found:
        if one["kind"] == "Service":
            selectors.append(one["spec"]["selector"])
        if one["kind"] == "PodDisruptionBudget":
            selectors.append(one["spec"]["selector"]["matchLabels"])
        if one["kind"] == "NetworkPolicy":
            selectors.append(one["spec"]["podSelector"]["matchLabels"])

    assert all(selector.items() <= labels for selector in selectors)
    assert not any(s.items() <= tester["metadata"]["labels"].items() for s in selectors)


@pytest.mark.parametrize("case", CASES)
def test_every_volume_is_mounted_and_every_mount_has_one(case: str) -> None:
    for one in rendered(CASES[case]):
        if one["kind"] == "Deployment":
            pod = one["spec"]["template"]["spec"]
            mounts = pod["containers"][0]["volumeMounts"]
            assert {v["name"] for v in pod["volumes"]} == {m["name"] for m in mounts}
            assert len({m["mountPath"] for m in mounts}) == len(mounts)
            # a single file in a mount is never renewed
            assert not any("subPath" in m for m in mounts)
