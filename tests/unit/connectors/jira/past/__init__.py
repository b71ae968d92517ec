"""The past of issues that are judged as they are."""
