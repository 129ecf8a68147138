"""What is promised of every run that is stored, and whether it is so.

Rows alone are read, and what they must say is worked out again: no rule of the engine's is used, only the fold of the
journal and the graph. Tests ask after every scenario; `manage.py choreo_verify` asks a database that is in use.
"""

from .looking import Report, verify
from .promise import Broken, BrokenPromises
from .promises import PROMISES
from .reading import check_run, find_broken
from .whole import WHOLE, find_broken_in_whole

__all__ = [
    "PROMISES",
    "WHOLE",
    "Broken",
    "BrokenPromises",
    "Report",
    "check_run",
    "find_broken",
    "find_broken_in_whole",
    "verify",
]
