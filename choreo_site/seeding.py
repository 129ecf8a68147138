"""What a new installation begins with."""

from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import Group, User

from designer.actions import import_document, publish
from designer.graph import Review, decode, read_document
from designer.models import Workflow

EXAMPLES = Path(__file__).parent / "demo" / "definitions"


def seed_examples(*, by: User) -> list[str]:
    """Publish the example workflows when there is no workflow yet; returns their titles."""
    if not settings.CHOREO_DEMO or Workflow.objects.exists():
        return []
    return [
        _publish_example(path.read_text(encoding="utf-8"), by) for path in sorted(EXAMPLES.glob("*.yaml"))
    ]


def _publish_example(text: str, by: User) -> str:
    document = read_document(text)
    draft = import_document(document=document, by=by)
    version = publish(draft=draft, note="The example as it ships.", revision=draft.revision, by=by)
    reviews = [step for step in decode(document).steps.values() if isinstance(step, Review)]
    for name in sorted({name for review in reviews for name in review.reviewers.groups}):
        Group.objects.get_or_create(name=name)[0].user_set.add(by)
    return version.workflow.title
