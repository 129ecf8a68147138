#!/usr/bin/env python3
"""Choreo's commands. `make run` prepares the environment and starts everything."""

import os
import sys


def main() -> None:
    if sys.version_info < (3, 12):
        found = ".".join(map(str, sys.version_info[:3]))
        sys.exit(
            "Choreo needs Python 3.12 or newer; this is %s. Run `make run`, which looks for one." % found
        )
    if sys.argv[1:3] == ["up", "--keep"]:
        # What `up` turns into. It has nothing to do with Django.
        from choreo_site.keeping import keep

        return keep(int(sys.argv[3]))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "choreo_site.settings")
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit("Django is not installed for this Python. Run `make run`, which sets everything up.")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as refusal:
        sys.exit(str(refusal))


if __name__ == "__main__":
    main()
