"""Python reads this first in a process whose path begins here: its clock is off by CLOCK_OFF seconds.

Every look of ours at the wall clock is one of these two; the steady clock stays as it is.
"""

import os
import time
from datetime import timedelta

from django.utils import timezone

off = float(os.environ["CLOCK_OFF"])
right_time, right_now = time.time, timezone.now

time.time = lambda: right_time() + off
timezone.now = lambda: right_now() + timedelta(seconds=off)
