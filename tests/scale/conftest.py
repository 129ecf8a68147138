"""Several hosts need PostgreSQL."""

from tests.settings import CHOSEN

collect_ignore = [] if CHOSEN == "postgres" else ["test_cut_off.py"]
