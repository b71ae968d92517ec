"""The *restricted* profile of the Pod Security Standards, as far as pods of a chart can break it.

https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

VOLUMES = frozenset(
    {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim"}
    | {"projected", "secret"}
)
SECCOMP = ("RuntimeDefault", "Localhost")


def broken(pod: Mapping[str, Any]) -> list[str]:
    """What of a pod's specification the profile forbids, as paths; empty: it is admitted."""
    return [*_of_the_pod(pod), *(found for one in _containers(pod) for found in _of(one, pod))]


def _of_the_pod(pod: Mapping[str, Any]) -> Iterator[str]:
    for name in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.get(name):
            yield name
    for volume in pod.get("volumes", []):
        if not VOLUMES.issuperset(volume.keys() - {"name"}):
            yield f"volumes.{volume['name']}"
    if pod.get("securityContext", {}).get("sysctls"):
        yield "securityContext.sysctls"


def _containers(pod: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        yield from pod.get(kind, [])


def _of(container: Mapping[str, Any], pod: Mapping[str, Any]) -> Iterator[str]:
    own = container.get("securityContext", {})
    both = {**pod.get("securityContext", {}), **own}
    where = f"{container['name']}.securityContext"
    if own.get("privileged"):
        yield f"{where}.privileged"
    if own.get("allowPrivilegeEscalation") is not False:
        yield f"{where}.allowPrivilegeEscalation"
    if both.get("runAsNonRoot") is not True:
        yield f"{where}.runAsNonRoot"
    if both.get("runAsUser") == 0:
        yield f"{where}.runAsUser"
    if both.get("seccompProfile", {}).get("type") not in SECCOMP:
        yield f"{where}.seccompProfile"
    capabilities = own.get("capabilities", {})
    if "ALL" not in capabilities.get("drop", []):
        yield f"{where}.capabilities.drop"
    if set(capabilities.get("add", [])) - {"NET_BIND_SERVICE"}:
        yield f"{where}.capabilities.add"
    if own.get("procMount", "Default") != "Default":
        yield f"{where}.procMount"
    if any(port.get("hostPort") for port in container.get("ports", [])):
        yield f"{container['name']}.ports.hostPort"
