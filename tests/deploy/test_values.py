"""What the chart refuses, and in which words; and that every value is documented and used."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from helm_python.chart import Chart
from helm_python.errors import HelmError

from deploy.generate.documented import between, documented, table
from deploy.generate.outputs import CHART
from syncd.settings import Settings
from tests.deploy.cases import LEAST, POSTGRESQL, Values, chart, merged, rendered

SECRET = "s3cret-that-is-never-repeated"
JIRA = {"kind": "jira", "url": "https://jira.example.org"}


def refusal(more: Values) -> str:
    with pytest.raises(HelmError) as refused:
        rendered(more)
    return str(refused.value)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"replica": 2}, "additional properties 'replica' not allowed"),
        ({"replicas": -1}, "at '/replicas': minimum"),
        ({"image": {"pullpolicy": "Always"}}, "at '/image': additional properties 'pullpolicy'"),
        ({"image": {"digest": "abc"}}, "at '/image/digest'"),
        ({"database": {"kind": "mysql"}}, "at '/database/kind'"),
        ({"database": {"url": SECRET}}, "at '/database': additional properties 'url'"),
        (
            {"database": {"sqlite": {"persistence": {"accessModes": ["ReadWriteMany"]}}}},
            "at '/database/sqlite/persistence/accessModes/0'",
        ),
        ({"database": {"sqlite": {"persistence": {"size": "2 GB"}}}}, "/persistence/size'"),
        ({"settings": {"sources": {"jira": {**JIRA, "token": SECRET}}}}, "sources/jira/token'"),
        (
            {"settings": {"sources": {"jira": {**JIRA, "auth": {"bearer": SECRET}}}}},
            "sources/jira/auth",
        ),
        ({"settings": {"sources": {"jira": {"kind": "jira"}}}}, "missing property 'url'"),
        ({"settings": {"webhooks": {"a": {"url": "x", "secret": SECRET}}}}, "webhooks/a/secret'"),
        ({"settings": {"source": {}}}, "additional properties 'source' not allowed"),
        ({"settings": {"settings": {"listen": "0.0.0.0:1"}}}, "'listen' not allowed"),
        ({"settings": {"settings": {"database_url": SECRET}}}, "'database_url' not allowed"),
        ({"settings": {"settings": {"log_level": "loud"}}}, "settings/log_level'"),
        (
            {"mappings": {"files": {"dcim.yml": "x"}}},
            "at '/mappings/files': additional properties 'dcim.yml'",
        ),
        (
            {"mappings": {"files": None, "periods": {"2026/Q1": {"a.yaml": "x"}}}},
            "'2026/Q1' not allowed",
        ),
        ({"secrets": {"Jira": {"secretName": "x"}}}, "at '/secrets': additional properties 'Jira'"),
        ({"secrets": {"jira": {"token": SECRET}}}, "at '/secrets/jira'"),
        ({"apiToken": {"value": SECRET}}, "at '/apiToken': additional properties 'value'"),
        ({"containerPort": 80}, "at '/containerPort'"),
        ({"metricsPort": 80}, "at '/metricsPort'"),
        ({"reading": "nobody"}, "at '/reading'"),
        ({"settings": {"settings": {"reading": "open"}}}, "'reading' not allowed"),
        (
            {"settings": {"settings": {"proxy": {"trusted": []}}}},
            "settings/proxy",
        ),
        ({"ingress": {"hosts": [{"host": "a"}]}}, "missing property 'paths'"),
        ({"networkPolicy": {"egress": {"sources": {"netbox": {"port": 1}}}}}, "'port' not allowed"),
        ({"extraEnv": [{"name": "SYNCD_LISTEN", "value": "x"}]}, "at '/extraEnv/0/name'"),
        (
            {"commonLabels": {"app.kubernetes.io/name": "x"}},
            "at '/commonLabels/app.kubernetes.io~1name'",
        ),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_its_name(more: Values, words: str) -> None:
    said = refusal(more)

    assert words in said
    assert SECRET not in said


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (
            {"image": {"repository": ""}},
            (
                "image.repository: got nothing; expected where the image of deploy/Containerfile was "
                "pushed; fix: --set image.repository=REGISTRY/syncd"
            ),
        ),
        (
            {"replicas": 2},
            (
                "replicas: got 2 on SQLite, which serves one process; expected 1; fix: "
                "database.kind=postgresql and database.postgresql.existingSecret.name, or replicas=1"
            ),
        ),
        (
            {"strategy": {"type": "RollingUpdate"}},
            (
                "strategy.type: got RollingUpdate on SQLite, where two pods must not have the store at "
                "once; expected Recreate; fix: take strategy out"
            ),
        ),
        (
            {"database": {"kind": "postgresql"}},
            (
                "database.postgresql.existingSecret.name: got nothing; expected a Secret with the "
                "database's URL"
            ),
        ),
        ({"settings": {"sources": None}}, "settings.sources: got none"),
        ({"metricsPort": 9464}, "metricsPort: got 9464, which is containerPort"),
        (
            {"service": {"port": 9465}},
            "metricsPort: got 9465, which is service.port; expected another",
        ),
        (
            {"reading": "proxy"},
            "settings.settings.proxy: got nothing, and reading: proxy; expected whom to believe",
        ),
        (
            {"existingSettings": {"configMap": "mine"}},
            "settings: got settings beside existingSettings.configMap",
        ),
        (
            {"settings": None, "existingSettings": {"configMap": "mine"}},
            "networkPolicy.egress.extra: got nothing, and the chart cannot read the sources",
        ),
        ({"mappings": {"files": None}}, "mappings: got no mapping files"),
        (
            {"mappings": {"existingConfigMap": "okrs"}},
            "mappings: got mappings.files and mappings.existingConfigMap; expected one of them",
        ),
        (
            {"secrets": None},
            (
                "secrets: settings read files in /run/secrets/syncd/netbox, which is not mounted; "
                "expected a Secret of that name; fix: secrets.netbox.secretName"
            ),
        ),
        (
            {"networkPolicy": {"egress": {"sources": {"netbx": {}}}}},
            "networkPolicy.egress.sources.netbx: got a name that is not in settings.sources",
        ),
        (
            {"mappings": {"files": {"a.yaml": "#" * 1_000_001}}},
            "mappings: got 1000084 bytes of files; expected less than 1000000",
        ),
    ],
)
def test_values_that_make_no_sense_together_are_refused_with_the_mend(
    more: Values, words: str
) -> None:
    assert words in refusal(more)


def test_more_replicas_are_no_fault_on_postgresql() -> None:
    assert rendered({"replicas": 2, **POSTGRESQL})


def test_all_faults_are_told_at_once() -> None:
    said = refusal({"image": {"repository": ""}, "replicas": 3, "secrets": None})

    assert [line.split(":")[0] for line in said.splitlines() if "; fix: " in line] == [
        "image.repository",
        "replicas",
        "secrets",
    ]


# ------------------------------------------------------------------------- documented and closed


def leaves(found: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if not isinstance(found, dict) or not found:
        return [path]
    return [leaf for key, value in found.items() for leaf in leaves(value, (*path, key))]


def known(schema: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The keys that the schema names, but those within `settings`, which syncd documents."""
    if path == ("settings",) or "properties" not in schema:
        return [path]
    return [leaf for key, one in schema["properties"].items() for leaf in known(one, (*path, key))]


def test_the_schema_knows_the_values_that_there_are_and_no_others() -> None:
    there = set(leaves(chart().values))
    found = set(known(chart().schema)) - {("global",)}

    for path in there:
        assert any(path[: len(one)] == one for one in found), path
    for one in found:
        assert any(path[: len(one)] == one for path in there), one


def test_every_key_of_the_schema_that_is_no_object_of_kubernetes_is_closed() -> None:
    def open_ones(schema: Any, path: str) -> list[str]:
        if "properties" in schema and schema.get("additionalProperties") is not False:
            return [path]
        inner = schema.get("properties", {}).items()
        return [one for key, value in inner for one in open_ones(value, f"{path}.{key}")]

    assert open_ones(chart().schema, "") == []


def test_a_setting_of_syncd_is_either_a_value_or_said_by_the_chart() -> None:
    schema = chart().schema
    assert schema is not None
    inner = schema["properties"]["settings"]["properties"]["settings"]["properties"]
    template = (CHART / "templates" / "deployment.yaml").read_text()

    for name in Settings.model_fields:
        said = f"SYNCD_{name.upper()}\n" in template
        if name == "external_url":  # said by the chart only where nobody says it
            assert said
            assert name in inner
            continue
        # told as a file instead, or always the same here
        instead = name in ("role", "api_token")
        assert (name in inner) != (said or instead), name


def test_every_value_is_used_by_a_template() -> None:
    used = "".join(path.read_text() for path in (CHART / "templates").rglob("*.*"))

    for path in leaves(chart().values):
        # what Kubernetes is handed as a whole, or what a `with` or a `range` is in
        assert any(re.search(rf"\.{step}\b", used) for step in path), path
        assert re.search(rf"\.{path[0]}\b", used), path


def test_a_value_without_a_comment_is_named() -> None:
    text = "# -- Said.\na: 1\nb:\n  # not marked\n  c: 2\n  # -- Said.\n  d:\n    e: 3\n"

    with pytest.raises(ValueError, match=r"write a comment `# -- \.\.\.` above b\.c$"):
        documented(text)


def test_the_table_has_the_comment_of_each_value_in_one_line() -> None:
    found = documented("# -- First\n# and second.\na:\n  b: [1]\nc:\n  # -- `x`\n  d: null\n")

    assert table(found).splitlines()[2:] == [
        '| `a` | `{"b": [1]}` | First and second. |',
        "| `c.d` | `null` | `x` |",
    ]


def test_a_page_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="the page has no"):
        between("# A page\n", "table")


def test_a_chart_with_a_misspelt_default_is_refused_by_its_own_schema(tmp_path: Path) -> None:
    copy = tmp_path / "syncd"
    for path in CHART.rglob("*"):
        if path.is_file():
            target = copy / path.relative_to(CHART)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    (copy / "values.yaml").write_text(
        (CHART / "values.yaml").read_text().replace("\nreplicas: 1", "\nreplica: 1")
    )

    with Chart.load(copy) as loaded, pytest.raises(HelmError, match="'replica' not allowed"):
        loaded.validate_schema(merged(LEAST, {}))
