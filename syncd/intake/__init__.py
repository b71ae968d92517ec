"""What comes in from people and upstreams: numbers that people give, notices of changes.

Nothing here knows HTTP; the surfaces and the command line bring what was sent.
"""
