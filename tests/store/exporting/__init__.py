"""A closed period as a file: what is in it, and that another store tells the same of it."""
