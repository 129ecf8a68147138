"""What the designer refuses to do. The message is the sentence that people see."""


class Refused(Exception):
    """A request that cannot be met now, and why."""


class KeyRefused(Refused):
    """A key that no new workflow can have."""


class DraftMoved(Refused):
    """An edit of something that has changed since the editor saw it."""


class NotPublishable(Refused):
    """A draft that cannot become a version."""
