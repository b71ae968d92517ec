"""What syncd remembers: SQLAlchemy Core tables, on SQLite or PostgreSQL, behind small verbs.

Two transactions carry everything: `publish` makes a run's verdicts and readings visible,
`assessing` makes what they mean visible. Nobody ever reads half of either.
"""
