"""Which sections a step of each kind has, and which one is about a problem."""

from collections.abc import Mapping

from designer.graph import AnyStep, Problem, Retry

from .calls import InputSection, UndoSection
from .flowing import FlowSection
from .general import ErrorSection, GeneralSection
from .header import FieldsSection, SchemaSection, SettingsSection
from .openers import BranchesSection, ItemsSection, RoundsSection
from .retrying import AgainSection, RetrySection
from .routes import ChoicesSection, LinksSection, OutcomesSection, RulesSection
from .section import Section
from .starting import StartSection
from .values import EndSection, EvidenceSection, PromiseSection, ReviewSection, VariablesSection
from .waits import EmitSection, WaitSection

type Sections = tuple[type[Section], ...]
WORKFLOW: Sections = (SettingsSection, FieldsSection, SchemaSection)
KINDS: Mapping[str, Sections] = {
    "action": (GeneralSection, InputSection, PromiseSection, RetrySection, UndoSection, LinksSection),
    "choice": (GeneralSection, ChoicesSection, VariablesSection, LinksSection),
    "parallel": (GeneralSection, BranchesSection, PromiseSection, AgainSection, LinksSection),
    "map": (GeneralSection, ItemsSection, PromiseSection, AgainSection, LinksSection),
    "loop": (GeneralSection, RoundsSection, PromiseSection, AgainSection, LinksSection),
    "review": (
        GeneralSection,
        ReviewSection,
        EvidenceSection,
        OutcomesSection,
        PromiseSection,
        LinksSection,
    ),
    "wait": (GeneralSection, WaitSection, VariablesSection, LinksSection),
    "set": (GeneralSection, VariablesSection, LinksSection),
    "emit": (GeneralSection, EmitSection, VariablesSection, LinksSection),
    "workflow": (GeneralSection, StartSection, VariablesSection, PromiseSection, AgainSection, LinksSection),
    "succeed": (GeneralSection, EndSection),
    "fail": (GeneralSection, ErrorSection),
}


# What a step whose data goes ASL's way does not have, since its flow says it; and what takes the place of another.
SAID_BY_THE_FLOW = (VariablesSection, PromiseSection, EndSection)
INSTEAD: Mapping[type[Section], type[Section]] = {ChoicesSection: RulesSection}


def sections_of(step: AnyStep | None) -> Sections:
    """The sections of a step; of the workflow itself where there is none."""
    if step is None:
        return WORKFLOW
    sections = KINDS[step.kind]
    if step.retry != Retry() and "retry" not in [one.key for one in sections]:
        sections = (*sections[:-1], AgainSection, sections[-1])
    if step.flow is None:
        return sections
    first, *others = [INSTEAD.get(one, one) for one in sections if one not in SAID_BY_THE_FLOW]
    about = others[:1] if others and others[0] is not LinksSection else []
    return (first, *about, FlowSection, *others[len(about) :])


def find_section(step: AnyStep | None, key: str) -> type[Section] | None:
    """The section that a page asks for; where it asks for none, the one that its kind is about."""
    sections = sections_of(step)
    return (
        next((section for section in sections if section.key == key), None)
        if key
        else sections[step is not None]
    )


def section_about(step: AnyStep | None, problem: Problem) -> type[Section]:
    """Where a problem is put right."""
    part = problem.field.partition(".")[0]
    sections = sections_of(step)
    for section in sections:
        if part in (*section.base_fields, *section.lists, *section.about):
            return section
    return sections[0]
