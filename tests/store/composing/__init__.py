"""Between publishing and assessing: what is made of other indicators."""
