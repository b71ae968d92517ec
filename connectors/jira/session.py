"""An open Jira: identify, scan, link."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from datetime import datetime
from urllib.parse import quote, urlsplit

from connectors.base import (
    Batch,
    Identity,
    Number,
    NumberPlan,
    Observer,
    Plan,
    QueryRefused,
    ScanJob,
    SourceConfig,
)
from connectors.checkup import Checkup, Finding
from connectors.jira.client import JiraClient
from connectors.jira.examining import examine
from connectors.jira.options import JiraOptions
from connectors.jira.scanning import Scan
from connectors.transport import Transport

_GATEWAY = "api.atlassian.com"


def _pages_of_people(config: SourceConfig, options: JiraOptions) -> str | None:
    """Where people open issues: nobody can at the API gateway."""
    if options.browse_url is not None:
        return options.browse_url.rstrip("/")
    if urlsplit(config.url).hostname == _GATEWAY:
        return None
    return config.url.rstrip("/")


class JiraSession:
    """One Jira. Calls may overlap; each brings its own deadline."""

    def __init__(self, config: SourceConfig, options: JiraOptions, observer: Observer) -> None:
        self._options = options
        self._browse_url = _pages_of_people(config, options)
        self._transport = Transport(config, observer)
        self._client = JiraClient(config, options, self._transport)

    def identify(self, deadline: float) -> Identity:
        """The account's name (never its address), its zone, and the server's version."""
        account = self._client.account(deadline)
        return Identity(
            account=account.name,
            version=self._client.version(deadline),
            timezone=account.zone_name,
        )

    def scan(self, job: ScanJob) -> Generator[Batch, None, None]:
        """Judged issues of the scope, batch by batch; raises an UpstreamError when cut short."""
        return Scan(self._client.for_a_run(), self._options, self._browse_url, job).run()

    def read(self, plan: NumberPlan, now: datetime, deadline: float) -> Number:  # noqa: ARG002
        """Never a number: every measure over Jira is a scan, because Cloud counts only
        approximately and a number has no evidence.
        """
        raise QueryRefused(
            f"{plan.source}: jira is scanned, not asked for numbers: {sorted(plan.request)}"
        )

    def history(
        self,
        plan: NumberPlan,
        moments: Sequence[datetime],  # noqa: ARG002
        deadline: float,  # noqa: ARG002
    ) -> Iterator[Number]:
        """Never a number, so never a past one."""
        raise QueryRefused(
            f"{plan.source}: jira is scanned, not asked for numbers: {sorted(plan.request)}"
        )

    def examine(self, checkup: Checkup) -> Iterator[Finding]:
        """Its version, and the very boards, issues, fields and service desk that are asked for."""
        return examine(self._client.for_a_run(), checkup)

    def link(self, plan: Plan) -> str | None:
        """The scope in Jira's own search, or its board or epic; None where people cannot go."""
        if self._browse_url is None or isinstance(plan, NumberPlan):
            return None
        definition = plan.scope.definition
        if "board" in definition:
            return f"{self._browse_url}/secure/RapidBoard.jspa?rapidView={definition['board']}"
        if "epic" in definition:
            return f"{self._browse_url}/browse/{definition['epic']}"
        if "issues" in definition:
            jql = f"key in ({', '.join(definition['issues'].values())})"
        else:
            jql = str(definition["jql"])
        return f"{self._browse_url}/issues/?jql={quote(jql, safe='')}"

    def close(self) -> None:
        """Gives back connections. Closing twice is harmless."""
        self._transport.close()
