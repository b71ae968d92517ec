"""The tables, all in one place because they refer to each other. Alembic migrations create them;
tests hold the two together.
"""

from __future__ import annotations

import sqlalchemy as sa

from syncd.store.columns import Id, Moment

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _key(of: str, to: str) -> sa.ForeignKey:
    """A reference that is named by both sides, as later migrations named them."""
    return sa.ForeignKey(to, name=f"fk_{of}_{to.partition('.')[0]}")


scopes = sa.Table(
    "scopes",
    metadata,
    # What is read from upstream: a scan's scope, or one number. The unit of claiming.
    sa.Column("id", Id, primary_key=True),
    sa.Column("fingerprint", sa.Text, nullable=False, unique=True),
    sa.Column("kind", sa.Text, nullable=False),  # scan | number
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("definition", sa.JSON, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("interval_seconds", sa.Float, nullable=False),
    sa.Column("next_due_at", Moment, nullable=False),
    # Made due while a run was under way: it runs once more when that one has ended.
    sa.Column("again", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("next_transition_at", Moment),
    sa.Column("lease_token", sa.Text),
    sa.Column("lease_until", Moment),
    sa.Column("cursor", sa.JSON(none_as_null=True)),
    # The staged run: which token began it, whether it reads everything, where it goes on.
    sa.Column("staged_full", sa.Boolean),
    sa.Column("staged_resume", sa.JSON(none_as_null=True)),
    sa.Column("last_attempt_at", Moment),
    sa.Column("last_success_at", Moment),
    sa.Column("last_full_at", Moment),
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
    sa.Column("error_type", sa.Text),
    sa.Column("error_message", sa.Text),
    sa.Column("failing_since", Moment),
    # What the last published run cost.
    sa.Column("last_seconds", sa.Float),
    sa.Column("last_requests", sa.Integer),
    sa.Column("last_bytes", sa.BigInteger),
    # The row of `quarantines` that holds back what was read of it; null: nothing does.
    sa.Column("quarantine", Id),
    sa.Index("ix_scopes_due", "active", "next_due_at"),
    sa.Index("ix_scopes_lease_until", "lease_until"),
    sa.Index("ix_scopes_transition", "active", "next_transition_at"),
)

verdict_sets = sa.Table(
    "verdict_sets",
    metadata,
    # The verdicts of one judge over one scope.
    sa.Column("id", Id, primary_key=True),
    sa.Column("scope_id", sa.ForeignKey("scopes.id"), nullable=False),
    sa.Column("judge", sa.Text, nullable=False),
    sa.Column("definition", sa.JSON, nullable=False),
    sa.Column("filled", sa.Boolean, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    # Its judge tells an object's whole past by itself, every time.
    sa.Column("retrospective", sa.Boolean, nullable=False, server_default=sa.false()),
    # Before this moment a filled set says nothing; null: it can tell of any moment.
    sa.Column("known_since", Moment),
    # What is wrong with this judge alone, while the others of its scope are read without it.
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
    sa.Column("error_type", sa.Text),
    sa.Column("error_message", sa.Text),
    sa.Column("failing_since", Moment),
    sa.Column("next_try_at", Moment),
    sa.UniqueConstraint("scope_id", "judge"),
)

verdicts = sa.Table(
    "verdicts",
    metadata,
    sa.Column("set_id", sa.ForeignKey("verdict_sets.id"), primary_key=True),
    sa.Column("object_id", sa.Text, primary_key=True),
    sa.Column("valid_from", Moment, primary_key=True),
    sa.Column("valid_to", Moment),
    # Since when it has been so, where that is before `valid_from`.
    sa.Column("began", Moment),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("number", sa.Float),
    sa.Column("missing", sa.JSON(none_as_null=True)),
    sa.Column("keys", sa.JSON(none_as_null=True)),
    sa.Index("ix_verdicts_set_from", "set_id", "valid_from"),
    # Most verdicts have no end, and are not in it.
    sa.Index(
        "ix_verdicts_set_to",
        "set_id",
        "valid_to",
        sqlite_where=sa.text("valid_to IS NOT NULL"),
        postgresql_where=sa.text("valid_to IS NOT NULL"),
    ),
    sqlite_with_rowid=False,
)

tallies = sa.Table(
    "tallies",
    metadata,
    # How many objects of a set passed, failed and waited at a moment, by the verdicts that are
    # written now (`syncd.store.tallies`). It can always be counted anew.
    sa.Column("set_id", _key("tallies_set_id", "verdict_sets.id"), primary_key=True),
    sa.Column("at", Moment, nullable=False),
    # Under which `last_success_at` of the scope; another one: somebody wrote verdicts since who
    # did not count.
    sa.Column("under", Moment, nullable=False),
    sa.Column("passed", sa.BigInteger, nullable=False),
    sa.Column("failed", sa.BigInteger, nullable=False),
    sa.Column("pending", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

objects = sa.Table(
    "objects",
    metadata,
    # The objects of a scope: whether they are in it now, how people know them, where they are.
    sa.Column("scope_id", sa.ForeignKey("scopes.id"), primary_key=True),
    sa.Column("object_id", sa.Text, primary_key=True),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("url", sa.Text),
    sa.Column("present", sa.Boolean, nullable=False),
    sqlite_with_rowid=False,
)

staged_timelines = sa.Table(
    "staged_timelines",
    metadata,
    # What a run under way has judged; nobody reads it before it is published whole.
    sa.Column("scope_id", sa.ForeignKey("scopes.id"), primary_key=True),
    sa.Column("set_id", sa.ForeignKey("verdict_sets.id"), primary_key=True),
    sa.Column("object_id", sa.Text, primary_key=True),
    sa.Column("since", Moment),
    sa.Column("verdicts", sa.JSON, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("url", sa.Text),
    sqlite_with_rowid=False,
)

indicators = sa.Table(
    "indicators",
    metadata,
    sa.Column("fingerprint", sa.Text, primary_key=True),
    sa.Column("name", sa.Text),
    sa.Column("measure", sa.Text, nullable=False),
    sa.Column("source", sa.Text),  # null: composed of others
    sa.Column("unit", sa.Text),
    sa.Column("dimension", sa.Text, nullable=False),
    sa.Column("definition", sa.JSON, nullable=False),
    sa.Column("aggregate", sa.JSON(none_as_null=True)),
    sa.Column("scope_id", sa.ForeignKey("scopes.id")),  # null: composed of others
    sa.Column("set_id", sa.ForeignKey("verdict_sets.id")),
    sa.Column("link", sa.Text),
    # Read as of this past moment; null: as of now.
    sa.Column("fixed_at", Moment),
    # Of what is composed: how, whether a part has a new reading, when time alone moves it.
    sa.Column("composition", sa.JSON(none_as_null=True)),
    sa.Column("dirty", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("next_transition_at", Moment),
    sa.Column("stale_after_seconds", sa.Float),
    # What composing remembers from one time to the next (a side that shrank, since when).
    sa.Column("memory", sa.JSON(none_as_null=True)),
    sa.Column("active", sa.Boolean, nullable=False),
    # When the newest complete reading was last confirmed by the upstream.
    sa.Column("observed_at", Moment),
    sa.Column("first_reading_id", Id),
    sa.Column("reading_id", Id),
    sa.Column("partial_reading_id", Id),
    # How often readings of earlier moments than the newest were written down.
    sa.Column("rewritten", sa.Integer, nullable=False, server_default="0"),
    # What its numbers are held to, whether the newest reading is believed outside of that, and the
    # row of `quarantines` that holds back a newer one.
    sa.Column("plausible", sa.JSON(none_as_null=True)),
    sa.Column("outside", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("quarantine", Id),
    sa.Index("ix_indicators_scope", "scope_id"),
)

quarantines = sa.Table(
    "quarantines",
    metadata,
    # What was not believed: a number of an indicator, or that a scope has so few objects. A row is
    # brought up to date by each run until it has ended, and stays.
    sa.Column("id", Id, primary_key=True),
    sa.Column("indicator", _key("quarantines_indicator", "indicators.fingerprint")),
    sa.Column("scope_id", _key("quarantines_scope_id", "scopes.id")),
    sa.Column("kind", sa.Text, nullable=False),
    # Null: no finite number.
    sa.Column("value", sa.Float),
    sa.Column("good", sa.Float),
    sa.Column("beyond", sa.Float),
    sa.Column("relative", sa.Boolean, nullable=False),
    # All that the reading would say, for when a person accepts it.
    sa.Column("content", sa.JSON(none_as_null=True)),
    sa.Column("since", Moment, nullable=False),
    sa.Column("alike_since", Moment, nullable=False),
    sa.Column("observed_at", Moment, nullable=False),
    sa.Column("agreed", sa.Integer, nullable=False),
    sa.Column("needed", sa.Integer),
    sa.Column("earliest", Moment),
    sa.Column("accepted_at", Moment),
    sa.Column("accepted_by", sa.Text),
    sa.Column("accepted_reason", sa.Text),
    sa.Column("ended_at", Moment),
    # confirmed | accepted | in_bounds | unmeasured
    sa.Column("ended_how", sa.Text),
    sa.Index("ix_quarantines_ended_at", "ended_at"),
)

composition_parts = sa.Table(
    "composition_parts",
    metadata,
    # Which indicators a composed one is made of.
    sa.Column(
        "indicator", _key("composition_parts_indicator", "indicators.fingerprint"), primary_key=True
    ),
    sa.Column("part", _key("composition_parts_part", "indicators.fingerprint"), primary_key=True),
    sa.Index("ix_composition_parts_part", "part"),
    sqlite_with_rowid=False,
)

backfills = sa.Table(
    "backfills",
    metadata,
    # How far the history of an indicator has been rebuilt: readings from `since`, every
    # `step_seconds`, are written up to `position`.
    sa.Column("indicator", _key("backfills_indicator", "indicators.fingerprint"), primary_key=True),
    sa.Column("since", Moment, nullable=False),
    sa.Column("until", Moment, nullable=False),
    sa.Column("step_seconds", sa.Float, nullable=False),
    sa.Column("position", Moment),
    sa.Column("untold", sa.JSON, nullable=False),
    sa.Column("began_at", Moment, nullable=False),
    sa.Column("finished_at", Moment),
)

readings = sa.Table(
    "readings",
    metadata,
    # Only ever added to. A row is written when something differs, and at least once an hour.
    sa.Column("id", Id, primary_key=True),
    sa.Column("indicator", sa.ForeignKey("indicators.fingerprint"), nullable=False),
    sa.Column("value", sa.Float),
    sa.Column("numerator", sa.Float),
    sa.Column("denominator", sa.Float),
    sa.Column("pending", sa.Integer),
    sa.Column("objects", sa.Integer),
    sa.Column("complete", sa.Boolean, nullable=False),
    sa.Column("approximate", sa.Boolean, nullable=False),
    sa.Column("lower_bound", sa.Boolean, nullable=False),
    sa.Column("observed_at", Moment, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("recorded_at", Moment, nullable=False),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("details", sa.JSON(none_as_null=True)),
    sa.Index("ix_readings_indicator_at", "indicator", "at"),
)

key_results = sa.Table(
    "key_results",
    metadata,
    # The period and the id as its author wrote it, which another period may use again.
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("period", _key("key_results_period", "periods.id"), nullable=False),
    sa.Column("rank", sa.Integer, nullable=False),
    # Measured and judged.
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("definition", sa.JSON, nullable=False),
    # The keys of what it needs, and the names of what is outside (``external:NAME``).
    sa.Column("needs", sa.JSON, nullable=False),
    # Its earlier definitions, as far as they bend its expected line.
    sa.Column("former", sa.JSON, nullable=False),
    sa.Column("target_fingerprint", sa.Text, nullable=False),
    sa.Column("indicator", sa.ForeignKey("indicators.fingerprint"), nullable=False),
    # The indicator whose readings are told: the older definition until the new one has some.
    sa.Column("serving", sa.ForeignKey("indicators.fingerprint"), nullable=False),
    # The indicator that its target starts from.
    sa.Column("baseline", _key("key_results_baseline", "indicators.fingerprint")),
    sa.Column("dirty", sa.Boolean, nullable=False),
    sa.Column("next_transition_at", Moment),
    sa.Column("memory", sa.JSON, nullable=False),
    sa.Column("current", sa.JSON(none_as_null=True)),
    sa.Column("told", sa.Text),
    # Rises whenever readers may find something else here than before.
    sa.Column("revision", sa.BigInteger, nullable=False, server_default="0"),
    # What was told of it beside its status.
    sa.Column("telling", sa.JSON(none_as_null=True)),
    # The sentence that was written down last as having been told, and when.
    sa.Column("worded", sa.Text),
    sa.Column("worded_at", Moment),
    sa.Index("ix_key_results_due", "active", "dirty", "next_transition_at"),
    sa.Index("ix_key_results_id", "id"),
    sa.Index("ix_key_results_indicator", "indicator"),
    sa.Index("ix_key_results_serving", "serving"),
    sa.Index("ix_key_results_baseline", "baseline"),
)

IS_ACTIVE: sa.ColumnElement[bool] = sa.func.coalesce(key_results.c.active, sa.false())
"""That a key result is active, as a condition that no index is chosen by: without statistics SQLite
would look through all that are active, by `ix_key_results_due`, for the one that reads an
indicator.
"""

key_result_versions = sa.Table(
    "key_result_versions",
    metadata,
    # Only ever added to: a row whenever a definition differs from the one before; not active: it
    # was taken out of the mapping files then.
    sa.Column("id", Id, primary_key=True),
    sa.Column(
        "key_result", _key("key_result_versions_key_result", "key_results.key"), nullable=False
    ),
    sa.Column("recorded_at", Moment, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("definition", sa.JSON, nullable=False),
    sa.Column("line_fingerprint", sa.Text, nullable=False),
    sa.Index("ix_key_result_versions_key_result", "key_result", "id"),
)

periods = sa.Table(
    "periods",
    metadata,
    # The periods that mapping files were ever for, with their teams and objectives.
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("starts", Moment),
    sa.Column("definition", sa.JSON, nullable=False),
    # The fingerprints of what is measured for it.
    sa.Column("indicators", sa.JSON, nullable=False),
)

closings = sa.Table(
    "closings",
    metadata,
    # Only ever added to: who closed a period, and what its key results came to.
    sa.Column("period", _key("closings_period", "periods.id"), primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("note", sa.Text),
    sa.Column("rollups", sa.JSON, nullable=False),
)

final_scores = sa.Table(
    "final_scores",
    metadata,
    # Only ever added to: what is told for good of the key results of a closed period, and what they
    # were judged by.
    sa.Column("key_result", _key("final_scores_key_result", "key_results.key"), primary_key=True),
    sa.Column("period", _key("final_scores_period", "closings.period"), nullable=False),
    sa.Column("definition", sa.JSON, nullable=False),
    sa.Column("former", sa.JSON, nullable=False),
    sa.Column(
        "indicator", _key("final_scores_indicator", "indicators.fingerprint"), nullable=False
    ),
    sa.Column("assessment", sa.JSON, nullable=False),
)

period_versions = sa.Table(
    "period_versions",
    metadata,
    # Only ever added to, as the versions of key results are.
    sa.Column("id", Id, primary_key=True),
    sa.Column("period", _key("period_versions_period", "periods.id"), nullable=False),
    sa.Column("recorded_at", Moment, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("definition", sa.JSON, nullable=False),
    sa.Index("ix_period_versions_period", "period", "id"),
)

assessments = sa.Table(
    "assessments",
    metadata,
    # Only ever added to: one row whenever status, value or progress differ from the row before; and
    # a row that only repeats them (`repeated`) where the sentence differs, at most once an hour.
    sa.Column("id", Id, primary_key=True),
    sa.Column("key_result", _key("assessments_key_result", "key_results.key"), nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("value", sa.Float),
    sa.Column("progress", sa.Float),
    sa.Column("expected", sa.Float),
    sa.Column("reading_id", Id),
    sa.Column("indicator", sa.Text, nullable=False),
    sa.Column("assessment", sa.JSON, nullable=False),
    sa.Column("repeated", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index("ix_assessments_key_result_at", "key_result", "at"),
    sa.Index("ix_assessments_reading", "reading_id"),
)

externals = sa.Table(
    "externals",
    metadata,
    # Dependencies outside the key results, as the mapping files declare them.
    sa.Column("period", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("owner", sa.Text),
    sa.Column("due", Moment),
    sa.Column("plan", sa.Text),
    sqlite_with_rowid=False,
)

external_states = sa.Table(
    "external_states",
    metadata,
    # Only ever added to: what people say of them, as of `at`. The newest moment holds.
    sa.Column("id", Id, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("recorded_at", Moment, nullable=False),
    sa.Index("ix_external_states_name_at", "name", "at"),
)

adjustments = sa.Table(
    "adjustments",
    metadata,
    # Only ever added to: notes, pauses and overrides of key results. The columns of the
    # withdrawal, and when the end was told, are set once.
    sa.Column("id", Id, primary_key=True),
    sa.Column("key_result", _key("adjustments_key_result", "key_results.key"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("status", sa.Text),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("since", Moment, nullable=False),
    sa.Column("until", Moment),
    sa.Column("recorded_at", Moment, nullable=False),
    sa.Column("withdrawn_at", Moment),
    sa.Column("withdrawn_by", sa.Text),
    sa.Column("withdrawn_reason", sa.Text),
    sa.Column("end_told_at", Moment),
    sa.Index("ix_adjustments_key_result", "key_result", "id"),
)

circuits = sa.Table(
    "circuits",
    metadata,
    # A row for each source that has ever failed as a whole.
    sa.Column("source", sa.Text, primary_key=True),
    # In a row, whatever was asked.
    sa.Column("failures", sa.Integer, nullable=False),
    # How often in a row it was left alone, or tried again in vain.
    sa.Column("trips", sa.Integer, nullable=False),
    sa.Column("error_type", sa.Text),
    sa.Column("error_message", sa.Text),
    # Null while it is asked as usual.
    sa.Column("opened_at", Moment),
    sa.Column("retry_at", Moment),
    # The lease of the only claim that may ask it meanwhile.
    sa.Column("probe", sa.Text),
)

source_turns = sa.Table(
    "source_turns",
    metadata,
    # A row for each source that several processes ask: who claims of it locks it.
    sa.Column("source", sa.Text, primary_key=True),
    # The first moment of those that its rate allows which is nobody's.
    sa.Column("free_from", Moment, nullable=False),
)

counters = sa.Table(
    "counters",
    metadata,
    # One row a counter, locked by who writes: numbers become visible in their order.
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)

events = sa.Table(
    "events",
    metadata,
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    # What it is about, for who asks for only a part: null, where it is about none.
    sa.Column("key_result", sa.Text),
    sa.Column("team", sa.Text),
    sa.Column("status", sa.Text),
    sa.Column("before", sa.JSON(none_as_null=True)),
    sa.Column("after", sa.JSON(none_as_null=True)),
    sa.Column("data", sa.JSON, nullable=False),
    sa.Index("ix_events_subject", "subject", "position"),
    sa.Index("ix_events_team", "team", "position"),
    sa.Index("ix_events_kind", "kind", "position"),
    sa.Index("ix_events_at", "at"),
)

mapping_loads = sa.Table(
    "mapping_loads",
    metadata,
    # Each attempt to load the mapping files; the newest accepted one is in force.
    sa.Column("id", Id, primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("accepted", sa.Boolean, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("faults", sa.JSON, nullable=False),
    sa.Column("summary", sa.JSON, nullable=False),
    # Of the newest accepted one the files' texts, by folder and name: who starts while the files
    # are bad goes on measuring by these.
    sa.Column("files", sa.JSON(none_as_null=True)),
    # What hygiene found in them; apart, for every page asks for the rest. None: an older version
    # has it in the summary, or the files were refused.
    sa.Column("findings", sa.JSON(none_as_null=True)),
)

outbox_targets = sa.Table(
    "outbox_targets",
    metadata,
    # Whom events are sent to, by the names of the settings; each active one gets letters.
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("active", sa.Boolean, nullable=False),
    # It does not answer: nothing is sent to it before.
    sa.Column("paused_until", Moment),
)

outbox = sa.Table(
    "outbox",
    metadata,
    # One row for each event and target until it is delivered; with `dead_at`: given up.
    sa.Column("target", _key("outbox_target", "outbox_targets.name"), primary_key=True),
    sa.Column("position", _key("outbox_position", "events.position"), primary_key=True),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("next_attempt_at", Moment, nullable=False),
    sa.Column("lease_token", sa.Text),
    sa.Column("lease_until", Moment),
    sa.Column("dead_at", Moment),
    sa.Column("error", sa.Text),
    sa.Index("ix_outbox_due", "target", "dead_at", "next_attempt_at"),
)

access_tokens = sa.Table(
    "access_tokens",
    metadata,
    # Who may come in over HTTP. Of a token only its SHA-256 is kept; a name is never used twice,
    # so that a log line about it means one token for good.
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("digest", sa.Text, nullable=False, unique=True),
    sa.Column("scope", sa.Text, nullable=False),  # read | write | admin
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("expires_at", Moment),
    sa.Column("revoked_at", Moment),
    sa.Column("revoked_by", sa.Text),
)

compactions = sa.Table(
    "compactions",
    metadata,
    # One row for each kind of thing of which the past is not kept whole: who removes it now, and
    # what was removed.
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("next_due_at", Moment, nullable=False),
    sa.Column("lease_token", sa.Text),
    sa.Column("lease_until", Moment),
    # Of what is earlier not all is kept.
    sa.Column("before", Moment),
    # Of events: the first that is kept, but for the very first.
    sa.Column("position", sa.BigInteger),
    # Rows: ever removed, and there when it was done last.
    sa.Column("removed", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("kept", sa.BigInteger),
    sa.Column("finished_at", Moment),
    sa.Column("seconds", sa.Float),
)
