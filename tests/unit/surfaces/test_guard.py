"""Who comes in, through a real server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from ipaddress import ip_network
from pathlib import Path

import httpx
import pytest

from syncd.clock import ManualClock
from syncd.instruments import Instruments
from syncd.intake.access import Access
from syncd.intake.reading import Proxy, Reading
from syncd.intake.tokens import StoredTokens, make, revoke
from syncd.store.loads import record_refusal
from syncd.surfaces.app import InstanceInfo, create_app
from syncd.surfaces.guard import MOST_FAILURES, Door
from syncd.surfaces.serve import WebServer
from tests.plain import NO_TLS
from tests.store.catalogues import START
from tests.store.made import made

HERE = (ip_network("127.0.0.1"),)
READS = ["/", "/feed", "/sources", "/feed.json", "/feed.atom", "/metrics", "/api/v1/krs",
         "/api/v1/openapi.json", "/kr/none", "/badge/none.svg", "/nowhere"]  # fmt: skip
OWN = "https://okr.example.org"
WRITTEN = "/api/v1/externals/recruiting/state"
SAID = {"state": "slipped", "note": "two offers declined", "by": "Ada"}


class House:
    """A store with a token of each scope, and its server behind a door."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self._stack = stack
        self.clock = ManualClock(START)
        self.store = made(folder / "syncd.db")
        stack.callback(self.store.close)
        self.instruments = Instruments(["netbox"])
        self.tokens = {
            scope: make(self.store, scope, scope, by="Ada", now=START).token
            for scope in ("read", "write", "admin")
        }

    def open(self, reading: Reading, proxy: Proxy | None = None) -> httpx.Client:
        access = Access(tokens=StoredTokens(self.store, self.clock))
        app = create_app(
            self.store,
            self.clock,
            own_metrics=self.instruments.registry,
            instance=InstanceInfo(version="9.9.9"),
            door=Door(access, reading, proxy, OWN, self.instruments.refused),
        )
        server = WebServer(app, "127.0.0.1", 0)
        self._stack.callback(server.stop)
        return self._stack.enter_context(
            httpx.Client(base_url=server.start(), timeout=20, verify=NO_TLS)
        )

    def bearer(self, scope: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[scope]}"}

    def refused(self, reason: str) -> float | None:
        return self.instruments.registry.get_sample_value(
            "syncd_requests_refused_total", {"reason": reason}
        )


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with ExitStack() as stack:
        yield House(stack, tmp_path)


class TestWhereReadingAsksForAToken:
    @pytest.fixture
    def client(self, house: House) -> httpx.Client:
        return house.open(Reading.TOKEN)

    def test_nothing_is_told_without_one(self, client: httpx.Client) -> None:
        for path in READS:
            answer = client.get(path)

            assert (path, answer.status_code) == (path, 401)
            assert answer.headers["www-authenticate"]
            assert "no-store" in answer.headers["cache-control"]

    def test_with_one_all_is_as_ever(self, house: House, client: httpx.Client) -> None:
        anybody = house.open(Reading.OPEN)
        for path in READS:
            known = anybody.get(path).status_code
            assert known != 401

            found = {scope: client.get(path, headers=house.bearer(scope)) for scope in house.tokens}

            assert {scope: one.status_code for scope, one in found.items()} == dict.fromkeys(
                house.tokens, known
            )

    def test_a_person_is_asked_for_it_by_the_browser(
        self, house: House, client: httpx.Client
    ) -> None:
        asked = client.get("/")

        assert asked.headers["www-authenticate"].startswith('Basic realm="syncd"')
        assert "give it as the password" in asked.text
        assert client.get("/", auth=("ada", house.tokens["read"])).status_code == 200

    def test_a_program_is_told_what_to_send(self, client: httpx.Client) -> None:
        asked = client.get("/api/v1/krs")

        assert asked.headers["www-authenticate"] == "Bearer"
        assert asked.headers["content-type"] == "application/problem+json"
        assert "Authorization: Bearer TOKEN" in asked.json()["detail"]

    def test_probes_and_the_looks_of_the_page_ask_for_none(self, client: httpx.Client) -> None:
        found = [client.get(path).status_code for path in ("/livez", "/readyz", "/static/page.css")]

        assert found == [200, 503, 200]

    def test_one_that_is_revoked_ends_at_once(self, house: House, client: httpx.Client) -> None:
        headers = house.bearer("read")
        assert client.get("/api/v1/krs", headers=headers).status_code == 200

        revoke(house.store, "read", by="Ada", now=START)

        assert client.get("/api/v1/krs", headers=headers).status_code == 401

    def test_one_that_may_only_read_cannot_write(self, house: House, client: httpx.Client) -> None:
        answer = client.post(WRITTEN, json=SAID, headers=house.bearer("read"))

        assert answer.status_code == 403
        assert 'scope="write"' in answer.headers["www-authenticate"]
        # there is no such dependency here, so whoever may write gets as far as that
        assert client.post(WRITTEN, json=SAID, headers=house.bearer("write")).status_code == 404
        assert client.post(WRITTEN, json=SAID, headers=house.bearer("admin")).status_code == 404

    def test_a_password_never_writes(self, house: House, client: httpx.Client) -> None:
        answer = client.post(WRITTEN, json=SAID, auth=("ada", house.tokens["write"]))

        assert answer.status_code == 401
        assert "got a password" in answer.json()["detail"]

    def test_a_token_is_in_no_answer_and_no_log(
        self, house: House, client: httpx.Client, capfd: pytest.CaptureFixture[str]
    ) -> None:
        wrong = "syncd_not-a-token-of-this-house"

        answer = client.get("/api/v1/krs", headers={"Authorization": f"Bearer {wrong}"})

        assert wrong not in answer.text
        assert wrong not in "".join(capfd.readouterr())


WRONG = {"Authorization": "Bearer wrong"}


class TestWrongTokens:
    def test_too_many_from_one_address_are_asked_to_come_later(self, house: House) -> None:
        client = house.open(Reading.TOKEN)
        found = {client.get("/", headers=WRONG).status_code for _ in range(MOST_FAILURES)}
        assert found == {401}

        answer = client.get("/", headers=WRONG)

        assert answer.status_code == 429
        assert 1 <= int(answer.headers["retry-after"]) <= 60
        # neither is a right one tried any more: the next guess might be it
        assert client.get("/", headers=house.bearer("read")).status_code == 429
        assert house.refused("bad_token") == MOST_FAILURES
        assert house.refused("too_many") == 2

    def test_those_of_others_do_not_count_behind_a_proxy(self, house: House) -> None:
        client = house.open(Reading.TOKEN, Proxy(HERE))
        for _ in range(MOST_FAILURES):
            client.get("/", headers={**WRONG, "X-Forwarded-For": "192.0.2.1"})

        def asked(address: str) -> int:
            headers = {**house.bearer("read"), "X-Forwarded-For": address}
            return client.get("/", headers=headers).status_code

        assert asked("192.0.2.1") == 429
        assert asked("192.0.2.2") == 200

    def test_addresses_of_one_network_of_ipv6_count_as_one(self, house: House) -> None:
        client = house.open(Reading.TOKEN, Proxy(HERE))
        for number in range(MOST_FAILURES):
            client.get("/", headers={**WRONG, "X-Forwarded-For": f"2001:db8::{number:x}"})

        def asked(address: str) -> int:
            return client.get("/", headers={**WRONG, "X-Forwarded-For": address}).status_code

        assert asked("2001:db8::ffff") == 429
        assert asked("2001:db8:0:1::1") == 401

    def test_where_reading_is_open_they_read_and_still_count(self, house: House) -> None:
        client = house.open(Reading.OPEN)

        assert client.get("/", headers=WRONG).status_code == 200
        answers = [
            client.post(WRITTEN, json=SAID, headers=WRONG).status_code for _ in range(MOST_FAILURES)
        ]

        assert answers == [401] * (MOST_FAILURES - 1) + [429]


PROXY = Proxy(HERE, groups_header="X-Forwarded-Groups", writers=frozenset({"leads"}))
ADA = {"X-Forwarded-User": "ada@example.org"}
LEAD = {**ADA, "X-Forwarded-Groups": "leads"}


class TestBehindAProxy:
    def test_whom_it_has_signed_in_reads(self, house: House) -> None:
        client = house.open(Reading.PROXY, PROXY)

        assert client.get("/", headers=ADA).status_code == 200
        refused = client.get("/")

        assert refused.status_code == 401
        assert "through the proxy that signs you in" in refused.text
        # a browser that asked for a password would ask for one that nobody has
        assert refused.headers["www-authenticate"] == "Bearer"

    def test_whoever_is_not_the_proxy_is_not_believed(self, house: House) -> None:
        client = house.open(Reading.PROXY, Proxy((ip_network("192.0.2.0/24"),)))

        assert client.get("/", headers=ADA).status_code == 401
        assert house.refused("not_signed_in") == 1

    def test_programs_come_in_with_a_token(self, house: House) -> None:
        client = house.open(Reading.PROXY, PROXY)

        assert client.get("/metrics", headers=house.bearer("read")).status_code == 200

    def test_a_token_of_the_proxy_s_own_is_no_wrong_one(self, house: House) -> None:
        client = house.open(Reading.PROXY, PROXY)
        headers = {**ADA, "Authorization": "Bearer eyJhbGciOiJSUzI1NiJ9.e30.x"}

        for _ in range(MOST_FAILURES + 1):
            assert client.get("/", headers=headers).status_code == 200

    def test_who_is_in_a_group_that_writes_writes_from_this_page_only(self, house: House) -> None:
        client = house.open(Reading.PROXY, PROXY)

        def written(headers: dict[str, str]) -> int:
            return client.post(WRITTEN, json=SAID, headers=headers).status_code

        assert written(ADA) == 403
        assert written({**LEAD, "Sec-Fetch-Site": "cross-site"}) == 403
        assert written({**LEAD, "Origin": "https://elsewhere.example"}) == 403
        assert house.refused("cross_site") == 2
        # as far as the dependency that is not there
        assert written({**LEAD, "Sec-Fetch-Site": "same-origin"}) == 404
        assert written({**LEAD, "Origin": OWN}) == 404

    def test_the_header_means_nothing_where_no_proxy_is_declared(self, house: House) -> None:
        assert house.open(Reading.TOKEN).get("/", headers=LEAD).status_code == 401
        written = house.open(Reading.OPEN).post(WRITTEN, json=SAID, headers=LEAD)

        assert written.status_code == 401


def test_a_probe_does_not_tell_what_is_in_refused_files(house: House) -> None:
    record_refusal(house.store, ["dcim.yaml:3 target: got a secret plan"], "a digest", START)

    guarded, anybody = (house.open(one).get("/readyz") for one in (Reading.TOKEN, Reading.OPEN))

    assert "secret plan" in anybody.text
    assert guarded.status_code == 503
    assert guarded.json()["reasons"] == ["1 fault in the mapping files; /api/v1/mapping has them"]


def test_metrics_and_probes_have_a_port_of_their_own_where_asked(house: House) -> None:
    app = create_app(
        house.store,
        house.clock,
        own_metrics=house.instruments.registry,
        instance=InstanceInfo(version="9.9.9"),
        door=Door(Access(), Reading.TOKEN),
        apart=True,
    )
    main, own = WebServer(app, "127.0.0.1", 0), WebServer(app.state.apart, "127.0.0.1", 0)
    try:
        page, probes = main.start(), own.start()

        found = {
            path: httpx.get(f"{probes}{path}", verify=NO_TLS)
            for path in ("/metrics", "/livez", "/readyz")
        }
        assert re.search("^syncd_build_info", found["/metrics"].text, re.MULTILINE)
        assert found["/livez"].status_code == 200
        assert found["/readyz"].status_code == 503
        assert httpx.get(f"{probes}/", verify=NO_TLS).status_code == 404
        assert httpx.get(f"{page}/metrics", verify=NO_TLS).status_code == 401
        assert httpx.get(f"{page}/livez", verify=NO_TLS).status_code == 404
    finally:
        own.stop()
        main.stop()
