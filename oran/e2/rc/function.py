"""What a node lets itself be told, as its RAN function definition says (O-RAN E2SM-RC 9.2.2).

`oran.e2.rc.definition` has the encoding. Numbers of styles and formats are without bounds, numbers
of everything else start at 1; names have 1..150 characters; lists have one item or more.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

from oran.e2.common.function import EventTriggerStyle, RanFunctionName
from oran.e2.per.choice import UnknownAlternative

SHORT_NAME: Final = "ORAN-E2SM-RC"
"""Peers match on it exactly."""

OID: Final = "1.3.6.1.4.1.53148.1.1.2.3"


@dataclass(frozen=True, slots=True)
class ListDefinition:
    """A parameter is a list of structures of these parameters, one or more."""

    items: "tuple[OfferedParameter, ...]"


@dataclass(frozen=True, slots=True)
class StructureDefinition:
    """A parameter is a structure of these parameters, one or more."""

    items: "tuple[OfferedParameter, ...]"


Definition: TypeAlias = ListDefinition | StructureDefinition | UnknownAlternative


@dataclass(frozen=True, slots=True)
class OfferedParameter:
    """A RAN parameter: its id, from 1 on, its name, and its parts where they are told."""

    id: int
    name: str
    definition: Definition | None = None


@dataclass(frozen=True, slots=True)
class Breakpoint:
    """A breakpoint of a call process, from 1 on, and its parameters."""

    id: int
    name: str
    parameters: tuple[OfferedParameter, ...] | None = None


@dataclass(frozen=True, slots=True)
class CallProcess:
    """A type of call process, from 1 on, and its breakpoints, one or more."""

    id: int
    name: str
    breakpoints: tuple[Breakpoint, ...]


@dataclass(frozen=True, slots=True)
class EventTriggers:
    """What can trigger: styles, 1..63, and the parameters that conditions may use."""

    styles: tuple[EventTriggerStyle, ...]
    l2_parameters: tuple[OfferedParameter, ...] | None = None
    call_processes: tuple[CallProcess, ...] | None = None
    ue_parameters: tuple[OfferedParameter, ...] | None = None
    cell_parameters: tuple[OfferedParameter, ...] | None = None


@dataclass(frozen=True, slots=True)
class ReportStyle:
    """A style of reports: its formats, and the parameters it can report."""

    type: int
    name: str
    event_trigger_style: int
    action_format: int
    header_format: int
    message_format: int
    parameters: tuple[OfferedParameter, ...] | None = None


@dataclass(frozen=True, slots=True)
class InsertIndication:
    """What a node can ask, from 1 on, and the parameters it gives."""

    id: int
    name: str
    parameters: tuple[OfferedParameter, ...] | None = None


@dataclass(frozen=True, slots=True)
class InsertStyle:
    """A style of inserts: its formats, and what it can ask."""

    type: int
    name: str
    event_trigger_style: int
    action_format: int
    header_format: int
    message_format: int
    call_process_format: int
    indications: tuple[InsertIndication, ...] | None = None


@dataclass(frozen=True, slots=True)
class ControlAction:
    """What can be controlled, from 1 on, and its parameters."""

    id: int
    name: str
    parameters: tuple[OfferedParameter, ...] | None = None


@dataclass(frozen=True, slots=True)
class ControlStyle:
    """A style of controls: its formats, and what it can control."""

    type: int
    name: str
    header_format: int
    message_format: int
    outcome_format: int
    actions: tuple[ControlAction, ...] | None = None
    call_process_format: int | None = None
    outcomes: tuple[OfferedParameter, ...] | None = None


@dataclass(frozen=True, slots=True)
class PolicyAction:
    """What a policy can do, from 1 on, its parameters, and those of its conditions."""

    id: int
    name: str
    action_format: int
    parameters: tuple[OfferedParameter, ...] | None = None
    conditions: tuple[OfferedParameter, ...] | None = None


@dataclass(frozen=True, slots=True)
class PolicyStyle:
    """A style of policies, and what they can do."""

    type: int
    name: str
    event_trigger_style: int
    actions: tuple[PolicyAction, ...] | None = None


@dataclass(frozen=True, slots=True)
class FunctionDefinition:
    """What the RAN function offers; 1..63 styles of each service."""

    name: RanFunctionName
    event_triggers: EventTriggers | None = None
    reports: tuple[ReportStyle, ...] | None = None
    inserts: tuple[InsertStyle, ...] | None = None
    controls: tuple[ControlStyle, ...] | None = None
    policies: tuple[PolicyStyle, ...] | None = None
