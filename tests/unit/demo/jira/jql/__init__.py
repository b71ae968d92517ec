"""JQL of the sandbox Jira."""
