"""The designer: what should happen."""
