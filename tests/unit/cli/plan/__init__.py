"""`syncd plan` before it is applied, and `syncd once` after: on a sandbox Jira and a real store."""
