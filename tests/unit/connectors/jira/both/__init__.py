"""What holds of a scan on either kind of Jira."""
