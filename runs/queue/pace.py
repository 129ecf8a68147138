"""How many steps a worker takes at once: many of those it knows to be short, one of those it does not know."""

SHORT = 0.02  # seconds
MOST = 50
WEIGHT = 0.3  # of the newest measurement
FORGETS = 0.9  # how much of the longest time is left with each later one


class Pace:
    """Learns what steps take in this process."""

    def __init__(self) -> None:
        self.means: dict[str, float] = {}
        self.longest: dict[str, float] = {}
        self.limit = 1

    def learn(self, does: str, seconds: float) -> None:
        mean = self.means.get(does)
        self.means[does] = seconds if mean is None else mean + WEIGHT * (seconds - mean)
        self.longest[does] = max(seconds, FORGETS * self.longest.get(does, 0.0))
        if seconds <= SHORT:
            self.quicken()
        else:
            # One long step says that long ones are about, and nobody shall wait behind them.
            self.limit = 1

    def quicken(self) -> None:
        """What was taken did not keep the worker."""
        self.limit = min(self.limit * 2, MOST)

    def is_short(self, does: str) -> bool | None:
        """Not where it was long lately: others would wait behind it. None: it is not known."""
        return self.longest[does] <= SHORT if does in self.longest else None

    def expected(self, does: str) -> float:
        """For sorting: what is not known may be long."""
        return self.means.get(does, float("inf"))
