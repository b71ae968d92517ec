"""The session with a Prometheus: asks, proves credentials, leads people to the query."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from connectors.base import (
    BadAnswer,
    Batch,
    Identity,
    Number,
    NumberPlan,
    Observer,
    Plan,
    ScanJob,
    SourceConfig,
)
from connectors.checkup import Checkup, Finding
from connectors.prometheus import links
from connectors.prometheus.api import PrometheusApi
from connectors.prometheus.examining import examine
from connectors.prometheus.good import GoodReader
from connectors.prometheus.options import PrometheusOptions
from connectors.prometheus.ranges import RangeReader
from connectors.prometheus.reading import QueryReader, Reader
from connectors.prometheus.scanning import LabelScan
from connectors.quantity import parse_duration

_READERS: dict[str, Callable[[PrometheusApi, str, NumberPlan], Reader]] = {
    "query": QueryReader,
    "range": RangeReader,
    "good_over_total": GoodReader,
}
"""By what a plan's request calls its measure; one that does not say is a query."""


class PrometheusSession:
    """An open Prometheus source."""

    def __init__(self, config: SourceConfig, observer: Observer) -> None:
        options = PrometheusOptions.model_validate(dict(config.options))
        self._browse = (options.browse_url or config.url).rstrip("/")
        retention = options.retention
        self._api = PrometheusApi(
            config,
            observer,
            None if retention is None else timedelta(seconds=parse_duration(retention)),
        )

    def identify(self, deadline: float) -> Identity:
        """The account is what we sign in as, the version what the server says, if it says so.

        The query `1` proves the credentials; build information alone would not, because Mimir
        gives it to anybody. Servers without it have the version `unknown`.
        """
        if self._api.sample("1", None, deadline).value != 1:
            raise BadAnswer(f"{self._api.source}: the query 1 does not give 1")
        return Identity(account=self._api.account, version=self._api.version(deadline))

    def scan(self, job: ScanJob) -> Iterator[Batch]:
        """The set of label values, in one batch; each turn lists all of it.

        Raises QueryRefused for series without the label, NotFound for an empty answer that may as
        well be missing data.
        """
        yield LabelScan(self._api, job).run()

    def read(self, plan: NumberPlan, now: datetime, deadline: float) -> Number:
        """The number at `now`, in the plan's base unit; None without data, for NaN and for ±Inf.

        `raw` holds the query and what came back. Raises QueryRefused when the query gives
        something else than one number.
        """
        return self._reader(plan).read(now, deadline)

    def history(
        self, plan: NumberPlan, moments: Sequence[datetime], deadline: float
    ) -> Iterator[Number]:
        """What `read` would give at each moment, in few requests; without what is not known any
        more.
        """
        return self._reader(plan).history(moments, deadline)

    def examine(self, checkup: Checkup) -> Iterator[Finding]:
        """Its version, how long it keeps samples, and the metrics that are asked for."""
        return examine(self._api, checkup)

    def link(self, plan: Plan) -> str | None:
        """The expression browser with the plan's query."""
        if isinstance(plan, NumberPlan):
            return self._reader(plan).link()
        query = plan.scope.definition.get("labels_of")
        return None if query is None else links.table(self._browse, str(query))

    def close(self) -> None:
        """Ends what waits and gives back connections. Twice is harmless."""
        self._api.close()

    def _reader(self, plan: NumberPlan) -> Reader:
        return _READERS[plan.request.get("measure", "query")](self._api, self._browse, plan)
