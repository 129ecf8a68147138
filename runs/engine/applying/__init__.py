"""What each event does to the state, by what it is about."""
