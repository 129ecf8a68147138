"""A draft to work on, and people to work on it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AbstractUser
from django.test import Client

from designer.actions import import_document
from designer.models import Draft
from tests.designer.drafts import SMALL
from tests.people import person, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def dora(db: None) -> AbstractUser:
    """A designer."""
    return person("designer")


@pytest.fixture
def designer(dora: AbstractUser) -> Client:
    return signed_in(dora)


@pytest.fixture
def draft(dora: AbstractUser) -> Draft:
    """The small workflow, as a draft without problems."""
    return import_document(document=SMALL, by=dora)


@pytest.fixture
def made(dora: AbstractUser) -> Callable[..., Draft]:
    """A draft of the small workflow with other steps, or with more of them."""

    def make(**steps: Any) -> Draft:
        return import_document(document={**SMALL, "steps": {**SMALL["steps"], **steps}}, by=dora)

    return make
