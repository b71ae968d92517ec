"""JQL that cannot be read or names what is not there: refused in Jira's words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.jira.jql_tree import JqlError
from tests.unit.demo.jira.jql.world import ALL, ASKING, SEARCH, found


def refused(jql: str) -> list[str]:
    with pytest.raises(JqlError) as caught:
        SEARCH.run(jql, ASKING)
    return list(caught.value.messages)


@pytest.mark.parametrize(
    ("jql", "message"),
    [
        ("foo = 1", "Field 'foo' does not exist or you do not have permission to view it."),
        (
            "customfield_10010 is EMPTY",
            "Field 'customfield_10010' does not exist or you do not have permission to view it.",
        ),
        (
            "cf[99999] = 1",
            "Field 'cf[99999]' does not exist or you do not have permission to view it.",
        ),
        (
            "project = CE ORDER BY foo",
            "Field 'foo' does not exist or you do not have permission to view it.",
        ),
        ("project = XX", "The value 'XX' does not exist for the field 'project'."),
        ("status = Nope", "The value 'Nope' does not exist for the field 'status'."),
        ("assignee = nobody", "The value 'nobody' does not exist for the field 'assignee'."),
        ("component = x", "The value 'x' does not exist for the field 'component'."),
        ("Region = Mars", "The option 'Mars' for field 'Region' does not exist."),
        ("Racks = many", "Value 'many' is not a valid number for the field 'Racks'."),
        ("summary = x", "The operator '=' is not supported by the 'summary' field."),
        ("project ~ CE", "The operator '~' is not supported by the 'project' field."),
        ("status > Done", "The operator '>' is not supported by the 'status' field."),
        ("labels was x", "History searches do not support the 'labels' field."),
        (
            "project in CE",
            "Operator 'in' does not support the non-list value 'CE' for field 'project'.",
        ),
        ("project = (CE)", "Operator '=' does not support the list value for field 'project'."),
        ("priority is P0", "The operator 'is' only supports EMPTY for the field 'priority'."),
        ("created > nope()", "Unable to find JQL function 'nope()'."),
        (
            "created > currentUser()",
            "A value provided by the function 'currentUser' is invalid for the field 'created'.",
        ),
        (
            "created > startOfDay(soon)",
            (
                "Duration for function 'startOfDay' should have the format (+/-)n(yMwdhm), e.g -1M "
                "for 1 month earlier."
            ),
        ),
        (
            "created > soon",
            (
                "Date value 'soon' for field 'created' is invalid. Valid formats include: "
                "'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period "
                "format e.g. '-5d', '4w 2d'."
            ),
        ),
        ("key = CE-99", "An issue with key 'CE-99' does not exist for field 'key'."),
        ("key = OPS-3", "An issue with key 'OPS-3' does not exist for field 'key'."),
        ("id = 10007", "A value with ID '10007' does not exist for the field 'id'."),
        ("project = CE ORDER BY comment", "Not able to sort using field 'comment'."),
    ],
)
def test_a_query_that_names_what_is_not_there_is_refused_in_jiras_words(
    jql: str, message: str
) -> None:
    assert refused(jql) == [message]


@pytest.mark.parametrize(
    ("jql", "message"),
    [
        (
            "project",
            (
                "Error in the JQL Query: Expecting operator before the end of the query. The valid "
                "operators are '=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', 'NOT IN', 'IS' "
                "and 'IS NOT'."
            ),
        ),
        (
            "PO number = 1",
            (
                "Error in the JQL Query: Expecting operator but got 'number'. The valid "
                "operators are '=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', 'NOT IN', 'IS' "
                "and 'IS NOT'. "
                "(line 1, character 4)"
            ),
        ),
        (
            "project =",
            (
                "Error in the JQL Query: Expecting either a value, list or function before the end "
                "of the query."
            ),
        ),
        (
            "project = and",
            (
                "Error in the JQL Query: Expecting either a value, list or function but got 'and'. "
                "You must surround 'and' in quotation marks to use it as a value. (line 1, "
                "character 11)"
            ),
        ),
        (
            "status = In Review",
            (
                "Error in the JQL Query: Expecting either a value, list or function but got 'In'. "
                "You must surround 'In' in quotation marks to use it as a value. (line 1, "
                "character 10)"
            ),
        ),
        (
            "project = CE\nlabels = x",
            (
                "Error in the JQL Query: Expecting either 'OR' or 'AND' but got 'labels'. (line 2, "
                "character 1)"
            ),
        ),
        (
            "project = CE AND",
            "Error in the JQL Query: Expecting a field name at the end of the query.",
        ),
        ("(project = CE", "Error in the JQL Query: Expecting ')' before the end of the query."),
        (
            'project = "CE',
            (
                "Error in the JQL Query: The quoted string 'CE' has not been completed. (line 1, "
                "character 11)"
            ),
        ),
        (
            "created > 2026/01/01",
            (
                "Error in the JQL Query: The character '/' is a reserved JQL character. You must "
                "enclose it in a string or use the escape '\\u002f' to use this as a value. "
                "(line 1, character 15)"
            ),
        ),
        (
            "labels = group",
            (
                "Error in the JQL Query: 'group' is a reserved JQL word. You must surround it in "
                "quotation marks to use it in a query. (line 1, character 10)"
            ),
        ),
        (
            "project = CE ORDER created",
            "Error in the JQL Query: Expecting 'BY' but got 'created'. (line 1, character 20)",
        ),
    ],
)
def test_a_query_that_cannot_be_read_is_refused_in_jiras_words(jql: str, message: str) -> None:
    assert refused(jql) == [message]


_PIECES = st.sampled_from(
    """project status statusCategory priority labels created updated due key id assignee summary
    text comment resolution Racks Region "PO number" cf[10012] Twin Rank component foo = != ~ !~
    < <= > >= in IN not NOT is was changed and AND or OR ( ) , EMPTY null CE
    OPS-1 10001 P0 Done cka 4
    "2026-01-05" -7d 99999999999w 9999999999999999999
    now() startOfDay(-1d) endOfMonth(99999999y)
    currentUser() startOfDay(x) (CE,OPS) (1,EMPTY) after before during by from to ORDER BY order by
    ASC desc " ' \\ / ! & | [ ] {""".split()  # noqa: SIM905 - read as prose
)


@given(st.lists(_PIECES, max_size=12).map(" ".join) | st.text(max_size=30))
def test_any_text_is_either_answered_or_refused_in_words(jql: str) -> None:
    try:
        keys = set(found(jql).split())
    except JqlError as refusal:
        keys, told = set(), refusal.messages
    else:
        told = ("answered",)
    assert keys <= set(ALL.split())
    assert told
    assert all(told)


def test_every_fault_of_a_query_is_told_at_once() -> None:
    assert refused("foo = 1 AND project = XX AND status > Done") == [
        "Field 'foo' does not exist or you do not have permission to view it.",
        "The value 'XX' does not exist for the field 'project'.",
        "The operator '>' is not supported by the 'status' field.",
    ]
