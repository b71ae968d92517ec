from __future__ import annotations

import os
from pathlib import Path

import pytest

from syncd.intake.reading import Reading
from syncd.model import Indicator
from syncd.registry import connectors
from syncd.settings import Every, Installation, Settings, SettingsRefused, load_settings

GOOD = """\
sources:
  jira: {kind: jira, url: https://jira.example.org/, user: {env: JIRA_USER}, token: {env: JIRA}}
  prom: {kind: prometheus, url: "http://localhost:9090"}
"""
GUIDE = Path(__file__).parents[3] / "docs" / "guide" / "settings.md"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("SYNCD_")]:
        monkeypatch.delenv(name)


def _load(folder: Path, text: str) -> Installation:
    path = folder / "settings.yaml"
    path.write_text(text, encoding="utf-8")
    return load_settings(connectors(), {"config": path})


def _refused(folder: Path, text: str) -> list[str]:
    with pytest.raises(SettingsRefused) as caught:
        _load(folder, text)
    told = [str(fault) for fault in caught.value.faults]
    assert all(": got " in one and "; expected " in one and "; fix: " in one for one in told)
    return told


def _source(**keys: str) -> str:
    given = {"kind": "jira", "url": "https://jira.example.org"} | keys
    return "sources:\n  jira:\n" + "".join(f"    {key}: {it}\n" for key, it in given.items())


def test_a_good_file_gives_sources_whose_secrets_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIRA_USER", "reader")
    monkeypatch.setenv("JIRA", "s3cret")

    found = _load(tmp_path, GOOD)
    config = found.sources["jira"].config("jira")

    assert config.secrets == {"user": "reader", "token": "s3cret"}
    assert config.url == "https://jira.example.org"
    assert found.kinds == {"jira": "jira", "prom": "prometheus"}
    assert found.defaults == {"jira": "jira", "prometheus": "prom"}
    assert "s3cret" not in repr(config)


def test_a_secret_may_be_a_mounted_file(tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text("s3cret\n", encoding="utf-8")

    found = _load(tmp_path, _source(token=f'{{file: "{secret}"}}'))

    assert found.sources["jira"].config("jira").secrets == {"token": "s3cret"}


@pytest.mark.parametrize("place", ["{env: NOT_SET}", "{file: /nowhere/token}"])
def test_a_secret_that_is_not_there_is_named_by_its_place(tmp_path: Path, place: str) -> None:
    found = _load(tmp_path, _source(token=place))

    with pytest.raises(SettingsRefused, match=r"sources\.jira\.token: got .*; expected .*; fix: "):
        found.sources["jira"].config("jira")


def test_every_secret_of_a_source_that_is_not_there_is_named_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THERE", "s3cret")
    found = _load(
        tmp_path,
        _source(
            user="{env: NO_USER}",
            token="{file: /nowhere/token}",
            headers="{X-Tenant: {env: NO_TENANT}, X-Other: {env: THERE}}",
        ),
    )

    with pytest.raises(SettingsRefused) as caught:
        found.sources["jira"].config("jira")

    assert [fault.path for fault in caught.value.faults] == [
        "sources.jira.user",
        "sources.jira.token",
        "sources.jira.headers.X-Tenant",
    ]
    assert "s3cret" not in str(caught.value)


def test_the_secrets_to_hide_in_logs_are_those_of_every_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("JIRA_USER", "JIRA", "HOOK", "API"):
        monkeypatch.setenv(name, f"secret of {name}")
    monkeypatch.setenv("SYNCD_DATABASE_URL", "postgresql://me:database@db/syncd")
    path = tmp_path / "settings.yaml"
    path.write_text(
        GOOD.replace("token: {env: JIRA}", "token: {env: JIRA}, hook_secret: {env: HOOK}")
        + "settings: {api_token: {env: API}}\n",
        encoding="utf-8",
    )

    found = load_settings(connectors(), {"config": path})

    assert set(found.secret_values()) == {
        "secret of JIRA_USER",
        "secret of JIRA",
        "secret of HOOK",
        "secret of API",
        "database",
    }


def test_the_secret_of_hooks_is_read_apart_and_not_given_to_the_connector(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK", "s3cret")
    found = _load(tmp_path, _source(hook_secret="{env: HOOK}")).sources["jira"]
    without = _load(tmp_path, _source()).sources["jira"]

    assert found.hook_key("jira") == "s3cret"
    assert found.config("jira").secrets == {}
    assert without.hook_key("jira") is None


class TestApiToken:
    def test_is_absent_unless_it_is_set(self) -> None:
        assert Settings().token() is None

    def test_of_the_environment_is_taken_as_it_is(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SYNCD_API_TOKEN", "12345")

        settings = load_settings(connectors()).settings

        assert settings.token() == "12345"
        assert "12345" not in repr(settings)

    def test_of_a_mounted_file_wins_over_the_variable(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "token").write_text("of the file\n", encoding="utf-8")
        monkeypatch.setenv("SYNCD_API_TOKEN", "of the variable")
        monkeypatch.setenv("SYNCD_API_TOKEN_FILE", str(tmp_path / "token"))

        assert load_settings(connectors()).settings.token() == "of the file"

    @pytest.mark.parametrize("name", ["SYNCD_API_TOKEN", "SYNCD_API_TOKEN_FILE"])
    def test_of_the_environment_wins_over_the_settings_file(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        (tmp_path / "token").write_text("outer", encoding="utf-8")
        (tmp_path / "inner").write_text("inner", encoding="utf-8")
        monkeypatch.setenv(name, "outer" if name == "SYNCD_API_TOKEN" else str(tmp_path / "token"))

        found = _load(
            tmp_path, GOOD + f"settings: {{api_token: {{file: '{tmp_path / 'inner'}'}}}}\n"
        )

        assert found.settings.token() == "outer"

    def test_written_into_the_settings_file_is_refused_and_not_repeated(
        self, tmp_path: Path
    ) -> None:
        (told,) = _refused(tmp_path, GOOD + "settings: {api_token: hunter2}\n")

        assert "settings.yaml:4 settings.api_token" in told
        assert "hunter2" not in told

    def test_that_is_empty_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "token").write_text("\n", encoding="utf-8")

        with pytest.raises(SettingsRefused, match="SYNCD_API_TOKEN_FILE: got an empty file"):
            Settings(api_token_file=tmp_path / "token").token()


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("token", "hunter2"),
        ("hook_secret", "hunter2"),
        ("password", "hunter2"),
        ("auth", "{bearer: hunter2}"),
        ("auth", "hunter2"),
        ("headers", "{Authorization: Bearer hunter2}"),
        ("url", "https://me:hunter2@jira.example.org"),
        ("api_token", "hunter2"),
    ],
)
def test_a_plain_secret_in_the_file_is_refused_and_never_repeated(
    tmp_path: Path, key: str, text: str
) -> None:
    path = tmp_path / "settings.yaml"
    path.write_text(_source(**{key: text}), encoding="utf-8")

    with pytest.raises(SettingsRefused) as caught:
        load_settings(connectors(), {"config": path})

    assert "settings.yaml:" in str(caught.value)
    assert "sources.jira" in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert "hunter2" not in repr(caught.value.__cause__)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sorces: {}\n" + GOOD, "settings.yaml:1 sorces: got \"sorces\"; expected a known key; fix: sources?"),
        (_source(flavor="cloud"), "fix: flavour?"),
        (_source(limits="{concurency: 2}"), "fix: concurrency?"),
        (_source(kind="jria"), "fix: kind: jira"),
        (GOOD + "settings: {listn: 'a:1'}\n", "fix: listen?"),
        (GOOD + "every: {jira.ratoi: 5 min}\n", "fix: jira.ratio?"),
    ],
)  # fmt: skip
def test_an_unknown_word_is_named_with_the_nearest(
    tmp_path: Path, text: str, expected: str
) -> None:
    (told,) = _refused(tmp_path, text)

    assert expected in told


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (_source(url="jira.example.org"), "settings.yaml:4 sources.jira.url"),
        (_source(url="https://jira.example.org:99999"), "settings.yaml:4 sources.jira.url"),
        (_source(limits="{rate: 5}"), "sources.jira.limits.rate"),
        (_source(limits="{rate: fast}"), "sources.jira.limits.rate"),
        (_source(limits="{read: 5 parsecs}"), "sources.jira.limits.read"),
        (_source(token="{env: A, file: b}"), "sources.jira.token"),
        (GOOD + "every: {default: often}\n", "settings.yaml:4 every.default"),
        (GOOD + "settings: {listen: nine}\n", "settings.yaml:4 settings.listen"),
        (GOOD + "settings: {run: 5 parsecs}\n", "settings.yaml:4 settings.run"),
        (GOOD + "settings: {database_url: 'postgresql://a:b@c/d'}\n", "settings.database_url"),
        ("", "settings.yaml"),
    ],
)
def test_a_bad_value_is_told_with_its_line_and_path(tmp_path: Path, text: str, path: str) -> None:
    told = _refused(tmp_path, text)

    assert len(told) == 1
    assert path in told[0]


def test_two_defaults_of_a_kind_are_refused(tmp_path: Path) -> None:
    one = "{kind: prometheus, url: 'http://localhost', default: true}"

    (told,) = _refused(tmp_path, f"sources:\n  a: {one}\n  b: {one}\n")

    assert "settings.yaml:3 sources.b.default" in told
    assert "a or b" in told


def test_of_two_sources_of_a_kind_none_is_the_default_unless_it_says_so(tmp_path: Path) -> None:
    one = "kind: prometheus, url: 'http://localhost'"

    silent = _load(tmp_path, f"sources:\n  a: {{{one}}}\n  b: {{{one}}}\n")
    said = _load(tmp_path, f"sources:\n  a: {{{one}}}\n  b: {{{one}, default: true}}\n")

    assert silent.defaults == {}
    assert said.defaults == {"prometheus": "b"}


def test_a_settings_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsRefused, match=r"nowhere\.yaml: got a file that cannot be read"):
        load_settings(connectors(), {"config": tmp_path / "nowhere.yaml"})


def test_the_environment_wins_over_the_file_and_the_command_line_over_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "settings.yaml"
    path.write_text(
        GOOD + "settings: {listen: 'a:1', run: 1 min, log_level: debug, "
        "database_url_file: /nowhere}\nvariables: {site: x, lead: y}\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("SYNCD_LISTEN", "b:2")
    monkeypatch.setenv("SYNCD_RUN", "2 min")
    monkeypatch.setenv("SYNCD_DATABASE_URL", "sqlite:///other.db")
    monkeypatch.setenv("SYNCD_VAR_SITE", "z")

    found = load_settings(connectors(), {"config": path, "listen": "c:3"})

    assert found.settings.listen == "c:3"
    assert found.settings.run == "2 min"
    assert found.settings.log_level == "debug"
    assert found.settings.database() == "sqlite:///other.db"
    assert found.variables == {"site": "z", "lead": "y"}


def test_the_command_lines_database_wins_over_the_file_that_the_environment_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SYNCD_DATABASE_URL_FILE", "/nowhere")

    found = load_settings(connectors(), {"database_url": "sqlite:///mine.db"})

    assert found.settings.database() == "sqlite:///mine.db"


def test_a_bad_environment_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNCD_LISTEN", "nine")

    with pytest.raises(SettingsRefused, match=r"environment SYNCD_LISTEN: got .*HOST:PORT"):
        load_settings(connectors())


@pytest.mark.parametrize(
    ("name", "measure", "seconds"),
    [("own", "jira.ratio", 60), (None, "jira.ratio", 900), (None, "jira.count", 300)],
)
def test_an_interval_is_the_indicators_own_else_its_measures_else_the_default(
    name: str | None, measure: str, seconds: float
) -> None:
    every = Every.model_validate(
        {"default": "5 min", "jira.ratio": "15 min", "indicators": {"own": "1 min"}}
    )
    indicator = Indicator.__new__(Indicator)
    object.__setattr__(indicator, "name", name)
    object.__setattr__(indicator, "measure", measure)

    assert every.seconds(indicator) == seconds


def test_the_guides_example_loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = GUIDE.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]
    for name in ("JIRA_USER", "JIRA_TOKEN", "NETBOX_TOKEN"):
        monkeypatch.setenv(name, "s3cret")

    found = _load(tmp_path, text)

    assert set(found.kinds.values()) == set(connectors())
    for name, source in found.sources.items():
        assert source.config(name).url.startswith("https://")


class TestWhoReads:
    @pytest.mark.parametrize("listen", ["127.0.0.1:9464", "[::1]:0", "localhost:9464"])
    def test_only_this_machine_may_leave_it_unsaid(self, listen: str) -> None:
        assert Settings(listen=listen).who_reads() is Reading.OPEN

    @pytest.mark.parametrize("listen", ["0.0.0.0:9464", "[::]:9464", "10.1.2.3:80", "here:9464"])
    def test_it_must_be_said_where_other_machines_reach_the_port(self, listen: str) -> None:
        with pytest.raises(SettingsRefused) as refused:
            Settings(listen=listen).who_reads()

        assert str(refused.value) == (
            f"settings reading: got nothing, and other machines reach {listen}; expected token, "
            "proxy or open; fix: SYNCD_READING=token, and `syncd token create NAME` for each who "
            "reads; see docs/guide/access.md"
        )
        assert Settings(listen=listen, reading=Reading.TOKEN).who_reads() is Reading.TOKEN
        assert Settings(listen=listen, reading=Reading.OPEN).who_reads() is Reading.OPEN

    def test_a_proxy_must_be_named_before_it_is_believed(self) -> None:
        with pytest.raises(SettingsRefused, match="proxy: got nothing, and reading: proxy"):
            Settings(reading=Reading.PROXY).who_reads()

    def test_a_proxy_of_the_file_is_the_one_that_is_believed(self, tmp_path: Path) -> None:
        path = tmp_path / "settings.yaml"
        path.write_text(
            GOOD + "settings:\n  listen: 0.0.0.0:9464\n  reading: proxy\n  proxy:\n"
            "    trusted: [10.0.0.0/8, 127.0.0.1]\n    groups_header: X-Groups\n"
            "    writers: [leads]\n",
            encoding="utf-8",
        )

        settings = load_settings(connectors(), {"config": path}).settings

        assert settings.who_reads() is Reading.PROXY
        assert settings.proxy is not None
        proxy = settings.proxy.proxy()
        assert proxy.trusts("10.9.9.9")
        assert not proxy.trusts("127.0.0.2")
        assert (proxy.groups_header, [*proxy.writers]) == ("X-Groups", ["leads"])

    @pytest.mark.parametrize(
        ("proxy", "words"),
        [
            ("{}", "got nothing; expected a value for it"),
            ("{trusted: []}", "at least 1 item"),
            ("{trusted: [10.0.0.1/8]}", "expected an address or a network, such as 10.0.0.0/8"),
            ("{trusted: [10.0.0.0/8], user_header: 'X User'}", "expected the name of a header"),
            ("{trusted: [10.0.0.0/8], writer: [a]}", "Extra inputs are not permitted"),
        ],
    )
    def test_a_proxy_that_will_not_do_is_refused_with_its_line(
        self, tmp_path: Path, proxy: str, words: str
    ) -> None:
        told = _refused(tmp_path, GOOD + f"settings:\n  proxy: {proxy}\n")

        assert any("settings.yaml:" in one and words in one for one in told), told


class TestTls:
    def test_a_pair_that_does_not_fit_is_refused(self, tmp_path: Path) -> None:
        key = tmp_path / "key.pem"
        key.write_text("not a key")

        with pytest.raises(SettingsRefused, match="tls_key_file: got a key without a certificate"):
            Settings(tls_key_file=key).certificate()
        with pytest.raises(SettingsRefused, match=r"tls_cert_file: got .* cannot be read"):
            Settings(tls_cert_file=tmp_path / "none", tls_key_file=key).certificate()
        with pytest.raises(SettingsRefused, match=r"tls_cert_file: got .* hold no certificate"):
            Settings(tls_cert_file=key, tls_key_file=key).certificate()

    def test_without_one_it_speaks_http(self) -> None:
        assert Settings().certificate() is None
