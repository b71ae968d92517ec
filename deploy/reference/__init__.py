"""The pages of docs/reference that are made of what they tell: `python -m deploy.generate` writes
them anew, and a test holds them to it.
"""
