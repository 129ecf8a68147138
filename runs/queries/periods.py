"""How far back a page looks, cut into slices that begin on the viewer's clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from django.utils import timezone

from .measures import Slice


@dataclass(frozen=True, slots=True)
class Period:
    key: str
    length: timedelta
    slice: timedelta
    before: str  # what the time before it is called

    @property
    def title(self) -> str:
        return f"{self.key[:-1]} {self.key[-1]}"


PERIODS: Mapping[str, Period] = {
    period.key: period
    for period in (
        Period("1h", timedelta(hours=1), timedelta(minutes=5), "the hour before"),
        Period("24h", timedelta(days=1), timedelta(hours=1), "the day before"),
        Period("7d", timedelta(days=7), timedelta(hours=6), "the week before"),
        Period("30d", timedelta(days=30), timedelta(days=1), "the 30 days before"),
    )
}
USUAL = PERIODS["24h"]


@dataclass(frozen=True)
class Window:
    """A period that ends now. Its first and last slice are cut short by its ends."""

    period: Period
    until: datetime

    @cached_property
    def since(self) -> datetime:
        return self.until - self.period.length

    @property
    def slice_seconds(self) -> int:
        return int(self.period.slice.total_seconds())

    @cached_property
    def ahead(self) -> int:
        """Seconds that the viewer's clock is ahead of UTC at its end: so a day begins at midnight, but beyond the
        last change of the clocks an hour beside it."""
        offset = timezone.localtime(self.until).utcoffset()
        return int(offset.total_seconds()) if offset else 0

    @cached_property
    def first(self) -> int:
        """The number of the first slice, counted as the database counts them: from the epoch."""
        return self._slice_of(self.since)

    @cached_property
    def slices(self) -> int:
        return self._slice_of(self.until) - self.first + 1

    def start_of(self, index: int) -> datetime:
        return datetime.fromtimestamp((self.first + index) * self.slice_seconds - self.ahead, UTC)

    def slice(self) -> Slice:
        """As the database counts them."""
        return Slice("created_at", seconds=self.slice_seconds, ahead=self.ahead)

    def _slice_of(self, moment: datetime) -> int:
        return (int(moment.timestamp()) + self.ahead) // self.slice_seconds

    @cached_property
    def before(self) -> "Window":
        """The same stretch of time, just before."""
        return Window(self.period, self.since)
