"""A stranger's plug-in app, with steps that behave and steps that do not."""
