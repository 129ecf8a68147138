"""The symbol of a step: what its step type asks for, else that of its kind."""

from designer import catalog
from designer.graph import Action, AnyStep


def icon_of(step: AnyStep) -> str:
    step_type = catalog.find(step.does) if isinstance(step, Action) else None
    return f"type-{step_type.icon}" if step_type and step_type.icon else f"kind-{step.kind}"
