"""The documents of the API, typed: what it answers with, and what it takes."""
