"""Whether what a Jira says is believed: that there is nothing, and that issues are gone."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable

from connectors.base import BadAnswer, Batch, NotFound, QueryRefused
from connectors.jira.client import IDS_A_FETCH, JiraClient
from connectors.jira.walking import Page

_FEW = 10
"""Of so few issues it matters to nobody whether they can still be read."""


def vouched(client: JiraClient, gone: Collection[str], deadline: float) -> bool:
    """Whether issues that went can still be read, most of them: then they only left the scope.

    One that was deleted cannot, nor one that the account may no longer see, and Jira does not say
    which: of many at once, a lost permission is likelier. Whoever takes them in decides.
    """
    if len(gone) <= _FEW:
        return False
    sample = sorted(gone, key=int, reverse=True)[:IDS_A_FETCH]
    pages: Iterable[Page] = client.issues(sample, ("id",), deadline)
    readable = sum(len(page.issues) for page in pages)
    return 2 * readable >= len(sample)


def of_a_living_token(
    client: JiraClient, batches: Iterable[Batch], deadline: float
) -> Generator[Batch, None, None]:
    """The batches, the last one only where nothing that was not found may be a dead token's fault.
    Raises Unauthorised where a refusal is: to a dead token much is not there, and words mean
    nothing.
    """
    try:
        for batch in batches:
            if batch.cursor is not None:
                client.prove(deadline)
            yield batch
    except (BadAnswer, NotFound, QueryRefused):
        client.prove(deadline, refused=True)
        raise
