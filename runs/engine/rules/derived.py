"""What rules answer with: what follows, in its order."""

from runs.engine import events as e
from runs.engine.commands import Command

Derived = list[e.Event | Command]
NO_STEP = 0  # what a timer of the run itself is about
