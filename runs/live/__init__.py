"""Live pages. The channel layer is a doorbell, not a letter: whoever hears it reads the database."""
