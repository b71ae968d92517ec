"""The values in the guide are values that the chart takes, and its commands name what there is then."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from deploy.generate.outputs import CHART, MANIFESTS
from syncd.cli.app import app
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


def shell() -> str:
    """All commands of the guide."""
    return "\n".join(re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL))


@cache
def installed() -> dict[tuple[str, str], Any]:
    """What the ten minutes install, by kind and name."""
    manifests = chart().render(yaml.safe_load(blocks()[0]), name="syncd", namespace="okr")
    each = [
        one for name, text in manifests.items() if name.endswith(".yaml") for one in parsed(text)
    ]
    return {(one["kind"], one["metadata"]["name"]): one for one in each}


def mounted(kind: str, key: str) -> set[str]:
    """The Secrets or ConfigMaps that the pods of the ten minutes mount."""
    pod = installed()["Deployment", "syncd"]["spec"]["template"]["spec"]
    return {volume[kind][key] for volume in pod["volumes"] if kind in volume}


def test_each_secret_and_folder_that_the_pods_ask_for_is_made_before() -> None:
    secrets = set(re.findall(r"create secret generic (\S+)", shell()))
    maps = set(re.findall(r"create configmap (\S+)", shell()))
    named = {one[1] for one in installed() if one[0] == "ConfigMap"}

    assert mounted("secret", "secretName") == secrets - {"syncd-database"}
    assert mounted("configMap", "name") - named == maps


def test_a_file_that_the_settings_name_is_a_key_of_the_secret() -> None:
    keys = {
        f"/run/secrets/syncd/{name.removeprefix('syncd-')}/{key}"
        for name, rest in re.findall(r"create secret generic (\S+)(.*)", shell())
        for key in re.findall(r"--from-literal=(\w+)=", rest)
    }
    named = set(re.findall(r"{file: (/run/secrets/[^}]+)}", GUIDE))

    assert named
    assert named <= keys


def test_commands_name_what_is_installed() -> None:
    port = installed()["Service", "syncd"]["spec"]["ports"][0]["port"]
    labels = installed()["Deployment", "syncd"]["spec"]["template"]["metadata"]["labels"]

    assert set(re.findall(r"deployment/([\w-]+)", shell())) == {"syncd"}
    assert re.findall(r"port-forward service/(\S+) (\d+)", shell()) == [("syncd", str(port))]
    assert set(re.findall(r" -l (\S+)=(\S+)", GUIDE.replace("`", " "))) <= set(labels.items())
    assert set(re.findall(r" -n (\S+)", shell())) == {"okr"}


def test_the_files_that_commands_name_are_there() -> None:
    files = re.findall(r"(?:--file |--install syncd |--from-file=|apply -k )(\S+)", shell())

    assert len(set(files)) == 4
    assert all((ROOT / path).exists() for path in files)


def test_what_is_run_in_a_pod_are_commands_of_syncd() -> None:
    asked = set(re.findall(r"-- (?:sh -c ')?syncd (\w+)", GUIDE))
    known = {one.name or getattr(one.callback, "__name__", "") for one in app.registered_commands}
    known |= {group.name or "" for group in app.registered_groups}

    assert {"doctor", "store", "check"} <= asked
    assert asked <= known


def test_the_pod_that_restores_is_one_that_kubernetes_takes_on_the_claim_that_there_is() -> None:
    (text,) = re.findall(r"<<'EOF'\n(.*?)^EOF", shell(), re.MULTILINE | re.DOTALL)
    pod = yaml.safe_load(text)
    server = installed()["Deployment", "syncd"]["spec"]["template"]["spec"]

    kubernetes_validate.validate(pod, "1.33", strict=True)
    (volume,) = pod["spec"]["volumes"]
    assert ("PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"]) in installed()
    assert pod["spec"]["securityContext"].items() <= server["securityContext"].items()
    assert pod["spec"]["containers"][0]["image"] == server["containers"][0]["image"]


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
