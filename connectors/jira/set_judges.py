"""Pure judgements that make a set of keys out of issues."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from connectors.base import BadAnswer, Json, Outcome, Row, Timeline, Verdict
from connectors.jira.judges import Complete, Requirement
from connectors.jira.needs import NOTHING, Needs
from connectors.jira.points import Occurrence, Point
from connectors.jira.verdicts import about, from_now, identity, looked_at

ISSUE_KEY = "key"
"""The word for an issue's own key, which is no field."""

_WORDS_OF_A_THING = ("name", "value", "displayName", "key")
_OWN_LINE = frozenset({"paragraph", "heading", "listItem", "codeBlock", "tableRow", "hardBreak"})


@dataclass(frozen=True)
class KeyField:
    """Where an issue holds its keys: a field by name or id, or `ISSUE_KEY`; `split` is the text
    between several keys in one value (None: a value is one key).
    """

    field: str
    split: str | None = None

    @property
    def definition(self) -> Json:
        """JSON that identifies it."""
        return {"field": self.field} | ({} if self.split is None else {"split": self.split})

    @property
    def fields(self) -> frozenset[str]:
        """The field; none for the issue's own key."""
        return frozenset() if self.field == ISSUE_KEY else frozenset({self.field})

    def of(self, row: Row) -> tuple[str, ...]:
        """The issue's keys in their order, trimmed, each once; empty ones are none. BadAnswer when
        the field holds what cannot be a key.
        """
        if self.field == ISSUE_KEY:
            return (row["key"],)
        texts = _texts(row, self.field, row["fields"].get(self.field))
        if self.split is not None:
            # People begin a new line as well where the words run out of room.
            texts = (
                part
                for text in texts
                for line in text.splitlines()
                for part in line.split(self.split)
            )
        return tuple(dict.fromkeys(key for text in texts if (key := text.strip())))


def _texts(row: Row, word: str, value: Json) -> Iterator[str]:
    if value is None:
        return
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _texts(row, word, each)
    elif isinstance(value, bool):
        raise _no_key(row, word, "true or false")
    elif isinstance(value, int | float):
        # Jira writes whole numbers with a point, people do not.
        yield str(int(value)) if float(value).is_integer() else repr(value)
    elif value.get("type") == "doc":
        yield "".join(_readable(value))
    else:
        found = next((value[name] for name in _WORDS_OF_A_THING if name in value), None)
        if not isinstance(found, str):
            raise _no_key(row, word, "a thing without a name")
        yield found


def _no_key(row: Row, word: str, found: str) -> BadAnswer:
    return BadAnswer(
        f'issue {row["key"]}: the field "{word}" holds {found}; expected text, a number, a choice '
        "or a list of such; fix: name a field that holds the keys of a set"
    )


def _readable(node: Json) -> Iterator[str]:
    """The text of a document (Atlassian Document Format), a line for each paragraph."""
    if not isinstance(node, dict):
        return
    if isinstance(node.get("text"), str):
        yield node["text"]
    for child in node.get("content") or ():
        yield from _readable(child)
    if node.get("type") in _OWN_LINE:
        yield "\n"


@dataclass(frozen=True)
class Keys:
    """An issue carries its keys. It passes when it has some, is found by `passing` (JQL) where
    that is asked, and lacks nothing that is required; a key of an issue that fails is still one of
    the set, but matches nothing.

    `at`: its keys are in the set since it first reached that point, and it is not judged before.
    Alone, that is its whole past, told every time. With `passing` or `required`, of which only now
    is known, the verdict holds from `now` on and says when the keys came into the set.
    """

    key: KeyField
    passing: str | None = None
    required: Sequence[Requirement] = ()
    at: Point | None = None
    titles: bool = False

    @property
    def definition(self) -> Json:
        """JSON that identifies the judgement."""
        return identity(
            self.titles,
            jira="keys",
            key=self.key.definition,
            passing=self.passing,
            required=[requirement.definition for requirement in self.required],
            at=None if self.at is None else self.at.definition,
        )

    @property
    def needs(self) -> Needs:
        """What the point needs."""
        return NOTHING if self.at is None else self.at.needs

    @property
    def valued(self) -> frozenset[str]:
        """The fields of the keys and of what is required."""
        return self.key.fields | Complete(self.required).fields

    @property
    def fields(self) -> frozenset[str]:
        """The fields of the keys, of what is required, of the point, and the title where kept."""
        return looked_at(self.valued | self.needs.fields, self.titles)

    def judge(self, row: Row, now: datetime) -> Timeline:
        """The keys since the point, or from `now` on; what is missing, in the author's words."""
        keys = self.key.of(row)
        if self.at is not None and self.passing is None and not self.required:
            return self._since_the_point(row, self.at, keys)
        missing = dict.fromkeys(() if keys else (self.key.field,))
        missing |= dict.fromkeys(Complete(self.required).missing(row))
        found = self.passing is None or row["passing"][self.passing]
        outcome = Outcome.PASS if found and not missing else Outcome.FAIL
        said = from_now(row, now, outcome, titles=self.titles, missing=tuple(missing), keys=keys)
        return said if self.at is None else _come_at(said, self.at.first(row), now)

    def _since_the_point(self, row: Row, at: Point, keys: tuple[str, ...]) -> Timeline:
        reached = at.first(row)
        if reached is None:
            return about(row, (), since=None, titles=self.titles)
        if keys:
            verdict = Verdict(reached.at, None, Outcome.PASS, keys=keys)
        else:
            verdict = Verdict(reached.at, None, Outcome.FAIL, missing=(self.key.field,))
        return about(row, (verdict,), since=None, titles=self.titles)


def _come_at(said: Timeline, reached: Occurrence | None, now: datetime) -> Timeline:
    """What is said of an issue, from the point on; nothing while that was not reached."""
    if reached is None:
        return replace(said, since=None, verdicts=())
    (verdict,) = said.verdicts
    if reached.at >= now:
        return replace(said, verdicts=(replace(verdict, valid_from=reached.at),))
    return replace(said, verdicts=(replace(verdict, began=reached.at),))
