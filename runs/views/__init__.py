"""Pages about runs. Each view loads with permission, reads a form, does one action, renders."""
