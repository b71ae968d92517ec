"""What the judges of a scan need of each page of issues besides its fields, asked for once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.base import QueryRefused, UpstreamError, about
from connectors.jira.changelog import Change, Tracked
from connectors.jira.client import JiraClient
from connectors.jira.entries import Log
from connectors.jira.fields import FieldCatalogue
from connectors.jira.needs import Needs, together
from connectors.jira.statuses import Statuses
from connectors.jira.wire import Issue


class Beside:
    """Reads what rows must carry besides fields. `needs` are those of each judge, by its place;
    `ids` are the fields by the author's words; `tracked` are further field ids whose change log is
    wanted (for the past). QueryRefused when a status or a category that a judge needs is not there.
    """

    def __init__(
        self,
        client: JiraClient,
        needs: Sequence[Needs],
        ids: Mapping[str, str],
        catalogue: FieldCatalogue,
        deadline: float,
        *,
        tracked: frozenset[str] = frozenset(),
        statuses: bool = False,
    ) -> None:
        self._client = client
        self._each = needs
        self._needs = together(needs)
        self._ids = ids
        self._deadline = deadline
        wanted = {ids[word] for word in self._needs.changes} | tracked
        names = {field: catalogue.name_of(field) for field in wanted}
        self._looking_at_changes = [place for place, one in enumerate(needs) if one.changes]
        self._tracked = Tracked(names, catalogue.namesakes, people=self._needs.people)
        self.statuses: Statuses | None = None
        if statuses or self._needs.statuses or self._needs.categories:
            self.statuses = client.related.statuses(deadline)
            for place, one in enumerate(needs):
                with about([place]):
                    self._must_know(self.statuses, one)
        self._agreed: set[str] = set()
        self._asked, self._known_to_the_desk = 0, 0

    @staticmethod
    def _must_know(statuses: Statuses, needs: Needs) -> None:
        for status in sorted(needs.statuses):
            statuses.named(status)
        for category in sorted(needs.categories):
            statuses.category(category)

    @property
    def logs(self) -> bool:
        """Whether change logs are wanted."""
        return bool(self._tracked.ids)

    def logs_of(self, issues: Sequence[Issue]) -> Mapping[str, Log]:
        """The change logs of a page of issues, by issue id; without those that went since they were
        listed (or before: Jira's index is late), whose log nobody is shown.
        """
        related, deadline = self._client.related, self._deadline
        cloud = not self.logs or self._client.flavour(deadline) == "cloud"
        if not cloud:
            issues = self._with_logs(issues)
        with about(self._looking_at_changes):
            found = related.logs(issues, self._tracked, deadline)
            if self.logs and cloud:
                for gone in self._gone(issues, found):
                    del found[gone]
        return found

    def changes(self, issue: Issue, log: Log) -> tuple[Change, ...]:
        """The changes of all wanted fields that an issue's log tells of."""
        try:
            return self._client.related.changes(issue, log, self._tracked)
        except UpstreamError:
            with about(self._looking_at_changes):
                raise

    def _gone(self, issues: Sequence[Issue], found: Mapping[str, Log]) -> set[str]:
        """Of issues that Cloud gave no log of, which it does for those that never changed and for
        those that may not be seen, the ones that may not.
        """
        silent = [issue["id"] for issue in issues if not found[issue["id"]] and _was_edited(issue)]
        pages = self._client.issues(silent, ("id",), self._deadline)
        return set(silent).difference(issue["id"] for page in pages for issue in page.issues)

    def _with_logs(self, issues: Sequence[Issue]) -> list[Issue]:
        """The issues that are still there, each with its log, which one that was asked for by key
        lacks.
        """
        lacking = [issue["id"] for issue in issues if "changelog" not in issue]
        if not lacking:
            return list(issues)
        pages = self._client.issues(lacking, ("updated",), self._deadline, logs=True)
        logs = {issue["id"]: issue.get("changelog") for page in pages for issue in page.issues}
        return [
            issue if "changelog" in issue else {**issue, "changelog": logs[issue["id"]]}
            for issue in issues
            if "changelog" in issue or issue["id"] in logs
        ]

    def complete(self, row: dict[str, Any], issue: Issue, changes: Sequence[Change]) -> None:
        """Puts into the row of an issue what it carries besides its fields."""
        needs, related = self._needs, self._client.related
        if needs.changes:
            row["changes"] = self._by_word(changes)
        if needs.comments:
            row["comments"] = related.comments(issue, self._deadline)
        if needs.slas:
            row["slas"] = slas = related.agreements(issue, self._deadline)
            if slas is None and self._asked == self._known_to_the_desk:
                with about(self._agreeing()):  # once a scan: at the first it does not know
                    related.must_have_a_desk(self._deadline)
            self._asked += 1
            self._known_to_the_desk += slas is not None
            self._agreed |= set(slas or ())
        if self.statuses is not None:
            row["statuses"] = self.statuses

    def _by_word(self, changes: Sequence[Change]) -> dict[str, Sequence[Change]]:
        words = self._needs.changes
        if len(self._tracked.ids) == 1:  # so all are of it
            return dict.fromkeys(words, changes)
        return {
            word: tuple(each for each in changes if each.field == self._ids[word]) for word in words
        }

    def confirm(self) -> None:
        """Raises QueryRefused when the agreements that are wanted cannot be right: every issue was
        read, and the service desk knew none of them, or none is under an agreement of the name.
        """
        source = self._client.source
        if not self._asked:
            return
        if not self._known_to_the_desk:
            with about(self._agreeing()):
                raise QueryRefused(
                    f"{source}: the service desk knows none of the {self._asked} issues that were "
                    "read; an sla needs issues of a project of Jira Service Management that this "
                    "account may see as an agent"
                )
        for name in sorted(self._needs.slas):
            if self._agreed and name.casefold() not in self._agreed:
                with about(self._agreeing(name)):
                    raise QueryRefused(
                        f"{source}: none of the {self._asked} issues is under an agreement "
                        f'"{name}"; they are under: {", ".join(sorted(self._agreed))}'
                    )

    def _agreeing(self, name: str | None = None) -> frozenset[int]:
        """The judges that look at agreements, or at the one of this name."""
        return frozenset(
            place
            for place, one in enumerate(self._each)
            if (one.slas if name is None else name in one.slas)
        )


def _was_edited(issue: Issue) -> bool:
    """Whether anything was changed since it was created, as far as what was read tells."""
    fields = issue.get("fields") or {}
    return fields.get("created") is None or fields.get("updated") != fields["created"]
