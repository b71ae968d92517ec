"""Pods are admitted where the *restricted* profile is enforced, and hold what they need not."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.deploy.cases import CASES, rendered
from tests.deploy.pod_security import broken

SPEC = "okr.securityContext"


def pods(case: str) -> list[dict[str, Any]]:
    found = rendered(CASES[case])
    return [
        *(one["spec"] for one in found if one["kind"] == "Pod"),
        *(one["spec"]["template"]["spec"] for one in found if one["kind"] == "Deployment"),
    ]


@pytest.mark.parametrize("case", CASES)
def test_every_pod_fits_the_restricted_profile(case: str) -> None:
    assert [broken(pod) for pod in pods(case)] == [[], []]


@pytest.mark.parametrize("case", CASES)
def test_no_pod_has_a_token_of_the_cluster_or_a_root_that_can_be_written(case: str) -> None:
    for pod in pods(case):
        assert pod["automountServiceAccountToken"] is False
        for one in pod["containers"]:
            assert one["securityContext"]["readOnlyRootFilesystem"] is True


@pytest.mark.parametrize("case", CASES)
def test_every_container_says_what_it_needs_and_what_it_may_have(case: str) -> None:
    for pod in pods(case):
        for one in pod["containers"]:
            assert one["resources"]["requests"].keys() >= {"cpu", "memory"}
            assert one["resources"]["limits"].keys() >= {"cpu", "memory"}


def spoilt(**changes: Any) -> dict[str, Any]:
    """A pod that fits, and changes to its container's security."""
    pod: dict[str, Any] = {
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [
            {
                "name": "okr",
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "capabilities": {"drop": ["ALL"]},
                    **changes,
                },
            }
        ],
    }
    return pod


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, []),
        ({"privileged": True}, [f"{SPEC}.privileged"]),
        ({"allowPrivilegeEscalation": None}, [f"{SPEC}.allowPrivilegeEscalation"]),
        ({"runAsNonRoot": False}, [f"{SPEC}.runAsNonRoot"]),
        ({"runAsUser": 0}, [f"{SPEC}.runAsUser"]),
        ({"seccompProfile": {"type": "Unconfined"}}, [f"{SPEC}.seccompProfile"]),
        ({"capabilities": {}}, [f"{SPEC}.capabilities.drop"]),
        ({"capabilities": {"drop": ["ALL"], "add": ["SYS_ADMIN"]}}, [f"{SPEC}.capabilities.add"]),
        ({"procMount": "Unmasked"}, [f"{SPEC}.procMount"]),
    ],
)
def test_the_profile_is_broken_by(changes: dict[str, Any], found: list[str]) -> None:
    assert broken(spoilt(**changes)) == found


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"hostNetwork": True}, "hostNetwork"),
        ({"volumes": [{"name": "host", "hostPath": {"path": "/"}}]}, "volumes.host"),
        (
            {"securityContext": {"sysctls": [{"name": "x", "value": "1"}]}},
            "securityContext.sysctls",
        ),
        (
            {"containers": [{"name": "okr", "ports": [{"containerPort": 1, "hostPort": 1}]}]},
            "okr.ports.hostPort",
        ),
    ],
)
def test_the_profile_is_broken_by_a_pod_with(changes: dict[str, Any], found: str) -> None:
    assert found in broken({**copy.deepcopy(spoilt()), **changes})
