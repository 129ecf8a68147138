"""The REST interface to workflows and step types, and what both apps build their part of it from."""
