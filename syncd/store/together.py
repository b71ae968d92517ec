"""Taking what is due together with all that follows from it, while others do the same.

What follows from something must be made after it and in the same transaction, else a worker that
made it meanwhile from what was before would be the last to have made it. So whoever takes one thing
must have all that follows from it as well; what somebody else has is left alone for now, and nobody
waits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping


def closure(due: Collection[str], followers: Mapping[str, Collection[str]]) -> set[str]:
    """What is due and all that follows from it.

    >>> sorted(closure({"a"}, {"a": {"b"}, "b": {"c"}, "x": {"y"}}))
    ['a', 'b', 'c']
    """
    found = set(due)
    frontier = list(due)
    while frontier:
        for follower in followers.get(frontier.pop(), ()):
            if follower not in found:
                found.add(follower)
                frontier.append(follower)
    return found


def followers_of(made_of: Mapping[str, Iterable[str]]) -> dict[str, set[str]]:
    """What follows from each thing, where `made_of` says what each is made of.

    >>> followers_of({"whole": ["part"]})
    {'part': {'whole'}}
    """
    found: dict[str, set[str]] = defaultdict(set)
    for whole, parts in made_of.items():
        for part in parts:
            found[part].add(whole)
    return dict(found)


def taken_together(
    due: Collection[str],
    followers: Mapping[str, Collection[str]],
    take: Callable[[Collection[str]], Collection[str]],
) -> set[str]:
    """What of this may be made now: that of the due ones whose followers are all had, and these.
    `due` is had already; `take` has as many of the others as nobody else has, and returns them.
    """
    wanted = closure(due, followers)
    had = set(due) | set(take(wanted - set(due)) if wanted != set(due) else ())
    whole = {one for one in due if closure({one}, followers) <= had}
    return closure(whole, followers)
