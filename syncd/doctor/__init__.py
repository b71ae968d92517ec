"""Whether an installation is fit to run: settings, mapping files, store, sources, targets.

What is found are the connectors' words (`connectors.checkup.Finding`), grouped by what was looked
at. `judging` is pure; the others look, each at one thing. Nothing is written, and no secret told.
"""
