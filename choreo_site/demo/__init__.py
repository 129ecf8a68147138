"""The demo: a plug-in app as a stranger would write one, and the small shop it talks to."""
