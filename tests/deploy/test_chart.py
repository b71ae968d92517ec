"""What the manifests of the chart say, read the way the cluster and syncd read them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from helm_python.chart import Chart

from connectors.quantity import parse_duration
from deploy.generate.outputs import CHART
from deploy.grafana.files import dashboards
from deploy.release.chart import package_chart
from syncd.alerting import Links, groups, rule_file
from syncd.mapping import load
from syncd.outgoing import courier
from syncd.registry import connectors, measures
from syncd.settings import load_settings
from syncd.surfaces import serve
from tests.deploy.cases import (
    CASES,
    ORGANISATION,
    PEER,
    POSTGRESQL,
    Values,
    chart,
    container,
    environment,
    merged,
    named,
    pod,
    rendered,
    texts,
    the,
)
from tests.unit.cli.plan.world import ORGANISATION as A_PERIOD
from tests.unit.cli.plan.world import TEAM

ROOT = Path(__file__).parents[2]


def mounted(more: Values, root: Path, of: Chart | None = None) -> Path:
    """The files of the pod's ConfigMaps under this root, in the way a cluster puts them there:
    links to a hidden folder, which is swapped when they change.
    """
    spec = the("Deployment", more, of)["spec"]["template"]["spec"]
    volumes = {v["name"]: v["configMap"]["name"] for v in spec["volumes"] if "configMap" in v}
    for mount in spec["containers"][0]["volumeMounts"]:
        if mount["name"] in volumes:
            folder = root / mount["mountPath"].removeprefix("/")
            hidden = folder / "..2026_11_26"
            hidden.mkdir(parents=True)
            (folder / "..data").symlink_to(hidden.name)
            for name, text in named(volumes[mount["name"]], more, of)["data"].items():
                (hidden / name).write_text(text)
                (folder / name).symlink_to(f"..data/{name}")
    return root


# -------------------------------------------------------------------------------------- the pod


def test_one_replica_has_its_store_on_a_volume_that_outlives_it_and_no_second_pod() -> None:
    deployment = the("Deployment", {})["spec"]
    claim = the("PersistentVolumeClaim", {})

    assert deployment["replicas"] == 1
    assert deployment["strategy"] == {"type": "Recreate"}
    assert environment({})["SYNCD_DATABASE_URL"] == "sqlite:////var/lib/syncd/syncd.db"
    assert {"name": "data", "mountPath": "/var/lib/syncd"} in container({})["volumeMounts"]
    assert {
        "name": "data",
        "persistentVolumeClaim": {"claimName": claim["metadata"]["name"]},
    } in pod({})["volumes"]
    assert claim["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}


def test_more_replicas_share_a_postgresql_whose_url_is_a_mounted_secret() -> None:
    more = {"replicas": 3, **POSTGRESQL}
    deployment = the("Deployment", more)["spec"]

    assert deployment["replicas"] == 3
    assert deployment["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    assert environment(more)["SYNCD_DATABASE_URL_FILE"] == "/run/secrets/syncd-database/url"
    assert "SYNCD_DATABASE_URL" not in environment(more)
    assert "PersistentVolumeClaim" not in [one["kind"] for one in rendered(more)]
    assert {
        "name": "database",
        "secret": {"secretName": "syncd-db", "defaultMode": 0o440},
    } in pod(more)["volumes"]


def test_the_pod_is_killed_only_after_all_that_it_may_take_to_stop() -> None:
    more = {"drainSeconds": 100, "preStopSeconds": 7}
    grace = parse_duration(environment(more)["SYNCD_GRACE"])
    stopping = serve.STOP_SECONDS + courier.STOP_SECONDS

    assert grace == 100
    assert container(more)["lifecycle"]["preStop"]["sleep"]["seconds"] == 7
    # as long again as the servers and couriers take, for what is judged last
    assert pod(more)["terminationGracePeriodSeconds"] >= 7 + grace + 2 * stopping


def test_probes_ask_what_syncd_answers_and_liveness_asks_nothing_of_store_or_upstream() -> None:
    found = container({})

    assert found["startupProbe"]["httpGet"]["path"] == "/livez"
    assert found["livenessProbe"]["httpGet"]["path"] == "/livez"
    assert found["readinessProbe"]["httpGet"]["path"] == "/readyz"
    probe = found["startupProbe"]
    assert probe["periodSeconds"] * probe["failureThreshold"] == 300


def test_where_it_listens_is_where_the_service_leads() -> None:
    more = {
        "containerPort": 8080,
        "metricsPort": 8081,
        "service": {"port": 80},
        "listenHost": "[::]",
    }
    ports = the("Service", more)["spec"]["ports"]

    assert environment(more)["SYNCD_LISTEN"] == "[::]:8080"
    assert environment(more)["SYNCD_METRICS_LISTEN"] == "[::]:8081"
    assert container(more)["ports"] == [
        {"name": "http", "containerPort": 8080, "protocol": "TCP"},
        {"name": "metrics", "containerPort": 8081, "protocol": "TCP"},
    ]
    assert [(one["port"], one["targetPort"]) for one in ports] == [(80, "http"), (8081, "metrics")]


def test_who_reads_is_said_and_probes_and_prometheus_go_by_the_other_port() -> None:
    assert environment({})["SYNCD_READING"] == "token"
    assert environment({"reading": "open"})["SYNCD_READING"] == "open"
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert container({})[probe]["httpGet"]["port"] == "metrics"
    monitor = the("ServiceMonitor", CASES["an operator's Prometheus"])
    assert [one["port"] for one in monitor["spec"]["endpoints"]] == ["metrics"]


def test_the_image_is_named_by_its_tag_or_its_digest() -> None:
    digest = "sha256:" + "a" * 64

    assert container({})["image"] == f"registry.example.org/syncd:{chart().metadata['appVersion']}"
    assert container({"image": {"tag": "next"}})["image"] == "registry.example.org/syncd:next"
    assert container({"image": {"digest": digest}})["image"].endswith(f"/syncd@{digest}")


def test_a_release_packs_the_chart_for_its_version_of_syncd(tmp_path: Path) -> None:
    archive = package_chart("1.2.3-rc1", str(tmp_path))

    packed = Chart.load(archive)
    assert archive.name == "syncd-1.2.3-rc1.tgz"
    assert (packed.version, packed.metadata["appVersion"]) == ("1.2.3-rc1", "1.2.3-rc1")
    # what stands in the repository stays
    assert chart().version == "0.1.0"


def test_changed_settings_roll_the_pods_and_changed_mapping_files_do_not() -> None:
    def template(more: Values) -> Any:
        return the("Deployment", more)["spec"]["template"]

    every = {"settings": {"every": {"default": "1 min"}}}
    edited = {"mappings": {"files": {"organisation.yaml": ORGANISATION + "# edited\n"}}}

    assert template(every) != template({})
    assert template(edited) == template({})


def test_replicas_are_spread_by_their_own_labels() -> None:
    spread = pod({})["topologySpreadConstraints"]
    selector = the("Deployment", {})["spec"]["selector"]

    assert [one["topologyKey"] for one in spread] == [
        "topology.kubernetes.io/zone",
        "kubernetes.io/hostname",
    ]
    assert all(one["labelSelector"] == selector for one in spread)


def test_a_node_with_the_only_pod_can_be_drained() -> None:
    assert the("PodDisruptionBudget", {})["spec"]["maxUnavailable"] == 1


# ------------------------------------------------------------------------ settings and mappings


def test_syncd_takes_the_settings_file_that_the_chart_writes(tmp_path: Path) -> None:
    more = CASES["whom events are sent to"]
    root = mounted(more, tmp_path)

    found = load_settings(connectors(), {"config": root / "etc/syncd/settings/settings.yaml"})

    assert list(found.sources) == ["netbox"]
    assert str(found.sources["netbox"].token.file) == "/run/secrets/syncd/netbox/token"  # type: ignore[union-attr]
    assert found.targets == ["webhook:chat", "notify:mail"]


def test_a_secret_is_mounted_as_a_folder_of_files_where_the_settings_read_it() -> None:
    assert {
        "name": "secret-netbox",
        "mountPath": "/run/secrets/syncd/netbox",
        "readOnly": True,
    } in container({})["volumeMounts"]
    assert {
        "name": "secret-netbox",
        "secret": {"secretName": "syncd-netbox", "defaultMode": 0o440},
    } in pod({})["volumes"]


def test_the_token_for_writing_is_a_mounted_file() -> None:
    more = CASES["writing"]

    assert environment(more)["SYNCD_API_TOKEN_FILE"] == "/run/secrets/syncd-api-token/t"
    assert "SYNCD_API_TOKEN_FILE" not in environment({})


@pytest.mark.parametrize("case", CASES)
def test_no_manifest_holds_a_secret(case: str) -> None:
    assert "Secret" not in [one["kind"] for one in rendered(CASES[case])]


def loaded(root: Path, periods: int) -> None:
    """syncd accepts the mapping files of the pod."""
    found = load(
        root / "etc/syncd/mappings",
        measures=measures(),
        sources={"jira": "jira"},
        default_sources={"jira": "jira"},
    )
    assert [str(fault) for fault in found.faults] == []
    assert len(found.catalogues) == periods


SECOND = A_PERIOD.replace("id: now", "id: next")


def test_mapping_files_come_from_values_word_by_word(tmp_path: Path) -> None:
    more = {"mappings": {"files": {"organisation.yaml": A_PERIOD, "ce.yaml": f"\n  \n{TEAM}\n\n"}}}

    root = mounted(more, tmp_path)

    assert (root / "etc/syncd/mappings/ce.yaml").read_text() == f"\n  \n{TEAM}\n\n"
    loaded(root, 1)


def test_several_periods_come_from_values_each_in_its_folder(tmp_path: Path) -> None:
    periods = {
        "2026-Q1": {"organisation.yaml": A_PERIOD, "ce.yaml": TEAM},
        "2026-Q2": {"organisation.yaml": SECOND},
    }
    more = {"mappings": {"files": None, "periods": periods}}

    loaded(mounted(more, tmp_path), 2)


def with_files(tmp_path: Path, files: dict[str, str]) -> Chart:
    copy = tmp_path / "chart"
    shutil.copytree(CHART, copy)
    for name, text in files.items():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_text(text)
    return Chart.load(copy)


def test_mapping_files_come_from_a_folder_in_the_chart(tmp_path: Path) -> None:
    files = {"mappings/organisation.yaml": A_PERIOD, "mappings/ce.yaml": TEAM}
    more: Values = {"mappings": {"files": None}}

    with with_files(tmp_path, files) as of:
        loaded(mounted(more, tmp_path, of), 1)


def test_several_periods_come_from_folders_in_the_chart(tmp_path: Path) -> None:
    files = {
        "okrs/q1/organisation.yaml": A_PERIOD,
        "okrs/q1/ce.yaml": TEAM,
        "okrs/q2/organisation.yaml": SECOND,
    }
    more: Values = {"mappings": {"files": None, "directory": "okrs/"}}

    with with_files(tmp_path, files) as of:
        loaded(mounted(more, tmp_path, of), 2)


def test_config_maps_of_ones_own_are_mounted_where_those_of_the_chart_would_be() -> None:
    def mounts(case: str) -> list[tuple[str, str]]:
        volumes = {v["name"]: v for v in pod(CASES[case])["volumes"]}
        return [
            (mount["mountPath"], volumes[mount["name"]]["configMap"]["name"])
            for mount in container(CASES[case])["volumeMounts"]
            if mount["mountPath"].startswith("/etc/syncd/mappings")
        ]

    assert mounts("mapping files of one's own") == [("/etc/syncd/mappings", "okrs")]
    assert mounts("periods of one's own") == [
        ("/etc/syncd/mappings/2026-Q1", "q1"),
        ("/etc/syncd/mappings/2026-Q2", "q2"),
    ]


# -------------------------------------------------------------------------------------- network


def egress(more: Values) -> list[tuple[list[int | str], Any]]:
    rules = the("NetworkPolicy", more)["spec"]["egress"]
    return [([port["port"] for port in rule["ports"]], rule.get("to")) for rule in rules]


def test_the_pod_reaches_dns_and_its_sources_on_their_ports_and_nothing_else() -> None:
    sources = {
        "a": {"kind": "jira", "url": "https://jira.example.org/jira"},
        "b": {"kind": "prometheus", "url": "http://prometheus.example.org"},
        "c": {"kind": "prometheus", "url": "http://[fd00::1]:9090/x"},
    }
    policy = the("NetworkPolicy", {})["spec"]
    dns, *others = egress({"settings": {"sources": {**sources, "netbox": None}}, "secrets": None})

    # without its name here a direction is open, whatever rules there are
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert dns[0] == [53, 53]
    assert others == [([443], None), ([80], None), ([9090], None)]


def test_the_pod_reaches_whom_it_tells_and_its_database() -> None:
    found = egress(merged(CASES["whom events are sent to"], POSTGRESQL))[1:]

    assert found == [
        ([443], None),
        ([8080], [{"ipBlock": {"cidr": "10.0.0.0/8"}}]),
        ([443, 587], None),
        ([5432], None),
    ]


def test_a_source_is_narrowed_to_its_addresses() -> None:
    found = egress(CASES["a narrow network"])

    assert found[1] == ([8443], [{"ipBlock": {"cidr": "10.0.0.0/8"}}])


def test_who_may_reach_the_port_is_said_and_the_pod_of_helm_test_is_among_them() -> None:
    more = CASES["a narrow network"]
    pages, metrics = the("NetworkPolicy", more)["spec"]["ingress"]
    labels = the("Pod", more)["metadata"]["labels"]

    assert pages["ports"] == [{"port": "http", "protocol": "TCP"}]
    assert pages["from"] == [{"namespaceSelector": {}}]
    assert metrics["ports"] == [{"port": "metrics", "protocol": "TCP"}]
    assert metrics["from"][0]["podSelector"]["matchLabels"].items() <= labels.items()
    assert metrics["from"][1:] == [PEER]


def test_links_of_the_feed_lead_to_the_ingress_unless_another_address_is_said() -> None:
    more = CASES["an ingress"]
    said = merged(more, {"settings": {"settings": {"external_url": "https://o.example.org"}}})

    assert environment(more)["SYNCD_EXTERNAL_URL"] == "https://okr.example.org"
    assert environment(CASES["an ingress without TLS"])["SYNCD_EXTERNAL_URL"].startswith("http://")
    assert "SYNCD_EXTERNAL_URL" not in environment(said)
    # the notes say the one that holds
    assert "The page: https://o.example.org\n" in texts(said)["NOTES.txt"]


# ---------------------------------------------------------------------------------------- notes


def test_the_notes_say_what_is_open_and_what_is_lost() -> None:
    least = texts({})["NOTES.txt"]
    anybody = texts({"reading": "open"})["NOTES.txt"]
    narrow = texts(merged(CASES["a narrow network"], {"reading": "open"}))["NOTES.txt"]

    assert "exec deployment/demo-syncd -- syncd token create NAME" in least
    assert "may read everything" not in least
    assert "Whoever reaches the port may read everything" in anybody
    assert "may read everything" not in narrow
    assert "WARNING" not in least
    assert "WARNING: what is measured is lost" in texts(CASES["a store that is lost"])["NOTES.txt"]


def test_the_notes_name_what_was_installed() -> None:
    notes = texts({})["NOTES.txt"]

    assert "kubectl -n okr port-forward service/demo-syncd 9464:9464" in notes
    assert "helm test demo -n okr --logs" in notes


# ------------------------------------------------------------------------- alerts and dashboards

OBSERVED = CASES["alerts and dashboards"]


def test_the_rules_are_those_that_are_shipped_with_the_installations_addresses() -> None:
    links = Links(
        "https://okr.example.com", "https://wiki.example.com/syncd", "https://graphs.example.com"
    )

    rule = the("PrometheusRule", OBSERVED)

    assert rule["spec"] == yaml.safe_load(rule_file(groups(), links))
    assert rule["metadata"]["labels"]["release"] == "prometheus"


def test_the_dashboards_are_those_that_are_shipped_and_lead_to_the_installation() -> None:
    found = named("demo-syncd-dashboards", OBSERVED)

    assert found["data"] == {
        path.name: text.replace("https://syncd.example.org", "https://okr.example.com")
        for path, text in dashboards().items()
    }
    assert found["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert found["metadata"]["annotations"] == {"folder": "OKRs"}


@pytest.mark.parametrize("more", [{}, CASES["an operator's Prometheus"]])
def test_neither_is_there_unless_asked_for(more: Values) -> None:
    kinds = {(one["kind"], one["metadata"]["name"]) for one in rendered(more)}

    assert not {kind for kind, name in kinds if kind == "PrometheusRule" or "dashboards" in name}
