"""Jira, Cloud and Data Center: issues of a query or a board, counted and judged."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from pydantic import BaseModel

from connectors.base import Hook, Measure, Observer, SourceConfig
from connectors.jira.duration_measure import Duration
from connectors.jira.hook import JiraHook
from connectors.jira.measures import Completeness, Count, Ratio
from connectors.jira.milestones import Milestones
from connectors.jira.number_measures import DoneShare, Mean, Sum, Value
from connectors.jira.options import JiraOptions
from connectors.jira.rates import Rate
from connectors.jira.set_measures import Keys

if TYPE_CHECKING:
    from connectors.jira.session import JiraSession

__all__ = ["JiraConnector", "connector"]


class JiraConnector:
    """Opens Jiras. Secrets: `user` and `token` (Cloud), or `token` alone (Data Center)."""

    kind: str = "jira"
    measures: Mapping[str, type[Measure]] = MappingProxyType(
        {
            "jira.count": Count,
            "jira.ratio": Ratio,
            "jira.completeness": Completeness,
            "jira.sum": Sum,
            "jira.mean": Mean,
            "jira.value": Value,
            "jira.done": DoneShare,
            "jira.milestones": Milestones,
            "jira.rate": Rate,
            "jira.keys": Keys,
            "jira.duration": Duration,
        }
    )
    options: type[BaseModel] = JiraOptions
    hook: Hook | None = JiraHook()

    def open(self, config: SourceConfig, observer: Observer) -> JiraSession:
        """A session for one Jira, without asking it anything. ValueError (pydantic's for options)
        when the settings cannot be right.
        """
        options = JiraOptions.model_validate(dict(config.options))
        if not config.secrets.get("token"):
            raise ValueError(
                f"source {config.name}: got no token; expected token, with user for Jira Cloud, "
                "or alone (a personal access token) for Data Center"
            )
        # here and not above: who only reads mapping files need not wait for HTTP clients
        from connectors.jira.session import JiraSession

        return JiraSession(config, options, observer)


connector = JiraConnector()
