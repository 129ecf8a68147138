"""What people are called on the pages."""

from typing import Any


def full_name(person: Any) -> str:
    """The user name of whoever has not said any other."""
    return str(person.get_full_name() or person.get_username())


def first_name(person: Any) -> str:
    """As colleagues call each other."""
    return str(person.first_name or person.get_username())


def initials_of(person: Any) -> str:
    """MO for Maya Okafor, AD for admin, nothing for nobody."""
    if person is None or not person.is_authenticated:
        return ""
    words = person.get_full_name().split()
    letters = words[0][0] + words[-1][0] if len(words) > 1 else (words or [person.get_username()])[0][:2]
    return str(letters.upper())
