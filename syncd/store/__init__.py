"""What syncd remembers: SQLAlchemy Core tables, on SQLite or PostgreSQL, behind small verbs.

Three transactions carry everything: `publish` makes a run's verdicts and readings visible,
`composing` what is made of them, `assessing` what they mean. Nobody ever reads half of any.
"""
