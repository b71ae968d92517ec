"""What the past of a scope is rebuilt from, and whether it can be: the change log, how it writes
what the API writes, the filters as conditions on it, and the judges that can do with it.

The change log keeps an object's own fields, so those are known; so are the rows of its lists
(interfaces and their cables), which are logged themselves. The names of what it referred to are
those of today. What else there is to know is not told: `untold` says what, and why.

Nothing is taken on trust: the scope's filter, tested on what the log says, must agree with what
the server lists now, or nothing is told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from connectors.base import Forbidden, NotFound, Row
from connectors.netbox.api import PAGE, Api
from connectors.netbox.chronicle import Chronicle, horizon
from connectors.netbox.conditions import CannotTell, Condition, condition, paths_of
from connectors.netbox.fields import CUSTOM, Path, flat, words_of
from connectors.netbox.filters import Filter
from connectors.netbox.lookup import Shapes
from connectors.netbox.needs import Needs, NetBoxJudge, merged
from connectors.netbox.relations import LISTS, POINTERS, Pointer
from connectors.netbox.strands import Hanging, Strand
from connectors.netbox.versions import Data

_ATTEMPTS = 3
"""How often the log is compared with the server's list while both move on."""

_NOTHING = "nothing is told of before"


class Untellable(Exception):  # says what is so; never leaves the connector
    """Nothing of the past can be told. Its argument is the sentence for people."""


class Grounds:
    """The grounds for the past of one scope from a moment on.

    `judges` are those that it can be told for, by their place in the job; `since` is the asked
    moment, or the first that the log keeps; `untold` says what is missing, `untold_of` why nothing
    is told for a judge (by its place). Raises Untellable.
    """

    def __init__(
        self,
        api: Api,
        endpoint: str,
        filter_: Filter,
        judges: Sequence[NetBoxJudge],
        asked: datetime,
        now: datetime,
    ) -> None:
        self.api = api
        self.endpoint = endpoint
        self.untold: list[str] = []
        self.untold_of: dict[int, str] = {}
        self.since = self._first_moment(asked, now)
        self.chronicle = Chronicle(api, endpoint, self.since)
        self.shapes = Shapes(api, endpoint)
        for place, judge in enumerate(judges):
            if (why := self._why_not(judge.needs)) is not None:
                self.untold_of[place] = why
        self.judges = {i: judge for i, judge in enumerate(judges) if i not in self.untold_of}
        self.needs = merged(judge.needs for judge in self.judges.values())
        self.pointers = self._pointers()
        self.vanished: set[int] = set()
        self.hanging: list[Hanging] = []
        if self.judges:
            self._read([filter_, *self.needs.passing.values()])
            self.in_scope = self._condition(filter_)
            self.passing = {key: self._condition(f) for key, f in self.needs.passing.items()}

    def _first_moment(self, asked: datetime, now: datetime) -> datetime:
        try:
            oldest = horizon(self.api)
        except (Forbidden, NotFound) as error:
            raise Untellable(f"NetBox's change log cannot be read, so {_NOTHING}") from error
        if oldest is None or oldest >= now:
            raise Untellable(f"NetBox's change log is empty, so {_NOTHING}")
        if oldest > asked:
            self.untold.append(
                f"NetBox's change log begins at {oldest:%Y-%m-%d %H:%M} UTC: {_NOTHING}"
            )
        return max(asked, oldest)

    # ------------------------------------------------------------------------------ the judges

    def _why_not(self, needs: Needs) -> str | None:
        """Why the past cannot be judged with these needs; None where it can."""
        if needs.others:
            ends = ", ".join(sorted({other.endpoint for other in needs.others.values()}))
            return f"What {ends} said earlier is not rebuilt: a drift from it is told from now on"
        followed = needs.references(self.endpoint)
        computed = POINTERS.get(self.endpoint, {})
        for path in sorted(needs.paths):
            head = path[0]
            if path[1:] in followed.get(head, ()):
                return (
                    f"{words_of(path)} is a field of another object, whose past is not rebuilt: "
                    "what depends on it is told from now on"
                )
            if not (head == CUSTOM or head in computed or self.chronicle.holds(head)):
                return (
                    f"NetBox's change log does not hold {words_of(path)}: what depends on it is "
                    "told from now on"
                )
        return None

    def _pointers(self) -> dict[str, Pointer]:
        computed = POINTERS.get(self.endpoint, {})
        heads = {path[0] for path in self.needs.paths}
        return {head: computed[head] for head in sorted(heads & computed.keys())}

    # ----------------------------------------------------------------------------- the material

    @property
    def _known(self) -> Collection[str]:
        return self.chronicle.known or {path[0] for path in self.needs.paths}

    def _read(self, filters: Sequence[Filter]) -> None:
        own = {path for path in self.needs.paths if path[0] not in self.pointers}
        for filter_ in filters:
            try:
                own |= paths_of(filter_, self._known)
            except CannotTell as key:
                raise Untellable(_cannot(key)) from key
        self.paths = flat(own)
        self.chronicle.read(self.paths)
        self.hanging = self._strands(self.needs.lists)
        pages = self.api.pages(self.endpoint, [], self.fields, size=PAGE)
        self._sample: Sequence[Row] = next(pages, [])
        self.shapes.learn(self._sample, self.paths)
        self.shapes.call(self.needs.called())

    @property
    def fields(self) -> list[str]:
        """What must be read of an object to compare it with the log."""
        return sorted({"id", "display", "created", *(path[0] for path in self.paths)})

    def _strands(self, lists: Mapping[str, frozenset[Path]]) -> list[Hanging]:
        strands = [
            Strand(name, related.endpoint, related.filter, self.endpoint, (related.parent,), paths)
            for name, paths in lists.items()
            for related in [LISTS[self.endpoint][name]]
        ]
        for head, one in self.pointers.items():
            held = frozenset({(one.holder,)})
            strands.append(
                Strand(head, one.endpoint, one.filter, self.endpoint, (one.field,), held)
            )
        gone = self.chronicle.deleted
        found = [Hanging(self.api, strand, self.since, gone) for strand in strands]
        for hanging in found:
            if missing := hanging.missing():
                raise Untellable(
                    f"NetBox's change log does not hold {', '.join(missing)} of "
                    f"{hanging.strand.endpoint}: {_NOTHING}"
                )
            hanging.read()
            hanging.shapes.call(flat(hanging.strand.paths))
            if (pointer := self.pointers.get(hanging.strand.name)) is not None:
                hanging.shapes.refers((pointer.holder,), pointer.holders)
        return found

    # ------------------------------------------------------------------------------ the filters

    def _condition(self, filter_: Filter) -> Condition:
        """The filter as a condition on what the log says. Raises Untellable where it cannot be
        one, or does not give what the server lists now.
        """
        try:
            test = condition(self.endpoint, filter_, self._known, self.shapes)
            for _ in range(_ATTEMPTS):
                listed = self.api.ids(self.endpoint, filter_)
                self.chronicle.more()
                if not self._disagreeing(test, listed):
                    return test
        except CannotTell as key:
            raise Untellable(_cannot(key)) from key
        raise Untellable(
            "The filter, tested on what the change log says objects are now, does not give the "
            f"objects that NetBox lists: {_NOTHING}"
        )

    def _disagreeing(self, test: Condition, listed: set[int]) -> set[int]:
        lasts = {one: self.chronicle.last(one) for one in self.chronicle.entries}
        now: dict[int, Data] = {one: data for one, data in lasts.items() if data is not None}
        for row in self._sample:
            if row["id"] not in self.chronicle.entries:
                now[row["id"]] = self.chronicle.alive(row).data
        wrong = {one for one, data in now.items() if test(data) != (one in listed)}
        if not wrong:
            return wrong
        pages = self.api.of_ids(self.endpoint, [], ["id"], "id", wrong)
        still = {row["id"] for page in pages for row in page}
        self.vanished |= wrong - still  # deleted without being logged
        return still


def _cannot(key: CannotTell) -> str:
    return f"The filter {key} cannot be tested on what objects were: {_NOTHING}"
