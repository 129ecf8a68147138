"""Workflows of other systems, in and out. One room for each language."""
