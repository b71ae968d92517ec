"""What was known at a moment of the past is what was told at that moment, whatever came later."""
