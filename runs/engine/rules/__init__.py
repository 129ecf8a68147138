"""The rules: what follows from each event. One file per construct; `decide` holds the tables."""
