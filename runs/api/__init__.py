"""The REST interface to runs, and to what waits for a person."""
