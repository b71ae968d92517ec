"""A session with one NetBox: who we are, counts, scans, links."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from urllib.parse import urlencode

from connectors.base import (
    Batch,
    Forbidden,
    Identity,
    NotFound,
    Number,
    NumberPlan,
    Observer,
    Plan,
    ScanJob,
    SourceConfig,
)
from connectors.checkup import Checkup, Finding
from connectors.netbox.api import Api, Told, classify, connected
from connectors.netbox.counting import counts
from connectors.netbox.examining import examine
from connectors.netbox.filters import Filter, parameters
from connectors.netbox.options import NetBoxOptions
from connectors.netbox.proofs import Proven, ensure_honoured
from connectors.netbox.scan import Scan
from connectors.transport import Transport

UNTOLD = "(not told)"


class NetBoxSession:
    """An open NetBox. Opening asks nothing; each call runs under its own deadline."""

    def __init__(self, config: SourceConfig, observer: Observer) -> None:
        options = NetBoxOptions.model_validate(dict(config.options))
        self._source = config.name
        self._browse_url = (options.browse_url or config.url).rstrip("/")
        self._transport = Transport(config, observer, classify=classify)
        self._client = connected(config, self._transport)
        self._told = Told()
        self._proven: Proven = set()

    def _api(self, deadline: float) -> Api:
        return Api(self._source, self._client, self._transport, self._told, deadline)

    def identify(self, deadline: float) -> Identity:
        """The server's version and the token's account ("(not told)" before NetBox 4.5)."""
        api = self._api(deadline)
        version = str(api.status()["netbox-version"])
        return Identity(account=self._account(api), version=version)

    def _account(self, api: Api) -> str:
        try:
            url = f"{self._client.base_url}/authentication-check/"
            user = api.get(url, [], "authentication check")
        except (NotFound, Forbidden):
            return UNTOLD
        return str((user.get("username") if isinstance(user, dict) else None) or UNTOLD)

    def scan(self, job: ScanJob) -> Iterator[Batch]:
        """The judged objects of the scope; everything, or since `job.cursor` what changed."""
        api = self._api(job.deadline)
        yield from Scan(api, job, self._browse_url, self._proven).batches()

    def read(self, plan: NumberPlan, now: datetime, deadline: float) -> Number:
        """The exact count of an endpoint under a filter, which is proven to be honoured."""
        api = self._api(deadline)
        endpoint: str = plan.request["count"]
        filter_: Filter = plan.request["filter"]
        count = api.count(endpoint, filter_)
        ensure_honoured(api, endpoint, filter_, self._proven)
        return Number(float(count), now, objects=count, raw={"count": count}, url=self.link(plan))

    def history(
        self, plan: NumberPlan, moments: Sequence[datetime], deadline: float
    ) -> Iterator[Number]:
        """The count at each of the moments, from the objects that there are and the change log;
        without a value, and with the words why, where those do not tell.
        """
        if not moments:
            return
        api = self._api(deadline)
        endpoint: str = plan.request["count"]
        filter_: Filter = plan.request["filter"]
        api.count(endpoint, filter_)
        ensure_honoured(api, endpoint, filter_, self._proven)
        last = moments[-1]
        yield from counts(api, endpoint, filter_, moments, max(api.date or last, last))

    def examine(self, checkup: Checkup) -> Iterator[Finding]:
        """Its version, what the account may see, and how far back the change log goes."""
        return examine(self._api(checkup.deadline), checkup)

    def link(self, plan: Plan) -> str | None:
        """NetBox's own list of the same objects."""
        asked = plan.request if isinstance(plan, NumberPlan) else plan.scope.definition
        endpoint = str(asked.get("endpoint") or asked["count"])
        query = urlencode(parameters(asked["filter"]))
        page = f"{self._browse_url}/{endpoint.replace('.', '/')}/"
        return f"{page}?{query}" if query else page

    def close(self) -> None:
        """Gives back the connections, and ends what still waits for them."""
        self._client.http_session.close()
        self._transport.close()
