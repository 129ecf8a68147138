"""What a step with a flow does, in a few words: where its data comes from is said by its fields."""

from designer.graph import Action, AnyStep, Fail, Map, SetVariables, Wait
from designer.interop.asl import resource_name


def said_of_flow(step: AnyStep) -> str:
    """Empty where the step says it all itself."""
    if step.flow is None:
        return ""
    fields = step.flow.fields
    match step:
        case Action(does="", resource=resource) if resource:
            return resource_name(resource).removeprefix("aws-sdk:")
        case SetVariables():
            return (
                f"sets {', '.join(_names(fields.get('Assign')))}"
                if fields.get("Assign")
                else "passes values on"
            )
        case Map():
            return f"{_first(fields, 'Items', 'ItemsPath') or 'each of its input'}, {step.max_concurrency} at once"
        case Wait(duration="", until="", signal=None, first=()):
            if seconds := _first(fields, "Seconds", "SecondsPath"):
                return f"for {seconds} seconds"
            return f"until {_first(fields, 'Timestamp', 'TimestampPath') or 'nothing yet'}"
        case Fail(error=""):
            return f"ends with {_first(fields, 'Error', 'ErrorPath') or 'an error'}"
    return ""


def _names(assigned: object) -> list[str]:
    return [name.removesuffix(".$") for name in assigned] if isinstance(assigned, dict) else []


def _first(fields: object, *names: str) -> str:
    """The first of these that is written, without the brackets of an expression."""
    written = next((fields[name] for name in names if name in fields), "") if isinstance(fields, dict) else ""
    return str(written).removeprefix("{%").removesuffix("%}").strip()
