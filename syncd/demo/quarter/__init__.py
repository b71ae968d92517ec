"""What happened in the invented organisation in the first quarter of 2026: the facts that its
Jira, NetBox and Prometheus each tell a part of, and what its key results must make of them.
"""
