"""Live pages. The bell is no letter: whoever hears it reads the database."""
