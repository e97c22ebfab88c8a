"""RAN function definition: the encoding (O-RAN E2SM-RC 9.2.2, 9.3)."""

from typing import Final

from oran.e2.common.function import (
    EVENT_TRIGGER_STYLE,
    FORMAT,
    MAX_PARAMETERS,
    MAX_STYLES,
    NAME,
    RAN_FUNCTION_NAME,
)
from oran.e2.per.choice import Alternative, Choice, Recursive
from oran.e2.per.field import Field, optional, required
from oran.e2.per.list import SequenceOf
from oran.e2.per.scalar import Bounded
from oran.e2.per.sequence import Sequence, Single
from oran.e2.per.type import Payload, Type
from oran.e2.rc.function import (
    Breakpoint,
    CallProcess,
    ControlAction,
    ControlStyle,
    Definition,
    EventTriggers,
    FunctionDefinition,
    InsertIndication,
    InsertStyle,
    ListDefinition,
    OfferedParameter,
    PolicyAction,
    PolicyStyle,
    ReportStyle,
    StructureDefinition,
)
from oran.e2.rc.parameter import PARAMETER_ID

MAX_OUTCOMES: Final = 255
"""maxnoofRANOutcomeParameters."""

_NUMBER: Final = Bounded(1, 65535, extensible=True)


def _definition() -> Type[Definition]:
    return _DEFINITION


_ID: Final = required("ranParameter-ID", "id", PARAMETER_ID)
_NAME: Final = required("ranParameter-name", "name", NAME)
_PARTS: Final = optional(
    "ranParameter-Definition",
    "definition",
    Single("ranParameter-Definition-Choice", Recursive(_definition)),
)
_OFFERED: Final = Sequence(OfferedParameter, _ID, _NAME, additions=(_PARTS,))
_PART: Final = SequenceOf(Sequence(OfferedParameter, _ID, _NAME, _PARTS), 1, MAX_PARAMETERS)
_DEFINITION: Final[Choice[Definition]] = Choice(
    Alternative(
        "choiceLIST",
        ListDefinition,
        Sequence(ListDefinition, required("ranParameter-List", "items", _PART)),
    ),
    Alternative(
        "choiceSTRUCTURE",
        StructureDefinition,
        Sequence(StructureDefinition, required("ranParameter-STRUCTURE", "items", _PART)),
    ),
)


def _parameters(name: str, attribute: str = "parameters", most: int = MAX_PARAMETERS) -> Field:
    return optional(name, attribute, SequenceOf(_OFFERED, 1, most))


def _number(name: str, attribute: str) -> Field:
    return required(name, attribute, FORMAT)


_BREAKPOINT: Final = Sequence(
    Breakpoint,
    required("callProcessBreakpoint-ID", "id", _NUMBER),
    required("callProcessBreakpoint-Name", "name", NAME),
    _parameters("ran-CallProcessBreakpointParameters-List"),
)
_CALL_PROCESS: Final = Sequence(
    CallProcess,
    required("callProcessType-ID", "id", _NUMBER),
    required("callProcessType-Name", "name", NAME),
    required(
        "callProcessBreakpoints-List", "breakpoints", SequenceOf(_BREAKPOINT, 1, MAX_PARAMETERS)
    ),
)
_EVENT_TRIGGERS: Final = Sequence(
    EventTriggers,
    required(
        "ric-EventTriggerStyle-List", "styles", SequenceOf(EVENT_TRIGGER_STYLE, 1, MAX_STYLES)
    ),
    _parameters("ran-L2Parameters-List", "l2_parameters"),
    optional(
        "ran-CallProcessTypes-List", "call_processes", SequenceOf(_CALL_PROCESS, 1, MAX_PARAMETERS)
    ),
    _parameters("ran-UEIdentificationParameters-List", "ue_parameters"),
    _parameters("ran-CellIdentificationParameters-List", "cell_parameters"),
)
_REPORT: Final = Sequence(
    ReportStyle,
    _number("ric-ReportStyle-Type", "type"),
    required("ric-ReportStyle-Name", "name", NAME),
    _number("ric-SupportedEventTriggerStyle-Type", "event_trigger_style"),
    _number("ric-ReportActionFormat-Type", "action_format"),
    _number("ric-IndicationHeaderFormat-Type", "header_format"),
    _number("ric-IndicationMessageFormat-Type", "message_format"),
    _parameters("ran-ReportParameters-List"),
)
_INSERT_INDICATION: Final = Sequence(
    InsertIndication,
    required("ric-InsertIndication-ID", "id", _NUMBER),
    required("ric-InsertIndication-Name", "name", NAME),
    _parameters("ran-InsertIndicationParameters-List"),
)
_INSERT: Final = Sequence(
    InsertStyle,
    _number("ric-InsertStyle-Type", "type"),
    required("ric-InsertStyle-Name", "name", NAME),
    _number("ric-SupportedEventTriggerStyle-Type", "event_trigger_style"),
    _number("ric-ActionDefinitionFormat-Type", "action_format"),
    optional(
        "ric-InsertIndication-List",
        "indications",
        SequenceOf(_INSERT_INDICATION, 1, MAX_PARAMETERS),
    ),
    _number("ric-IndicationHeaderFormat-Type", "header_format"),
    _number("ric-IndicationMessageFormat-Type", "message_format"),
    _number("ric-CallProcessIDFormat-Type", "call_process_format"),
)
_CONTROL_ACTION: Final = Sequence(
    ControlAction,
    required("ric-ControlAction-ID", "id", _NUMBER),
    required("ric-ControlAction-Name", "name", NAME),
    _parameters("ran-ControlActionParameters-List"),
)
_CONTROL: Final = Sequence(
    ControlStyle,
    _number("ric-ControlStyle-Type", "type"),
    required("ric-ControlStyle-Name", "name", NAME),
    optional("ric-ControlAction-List", "actions", SequenceOf(_CONTROL_ACTION, 1, MAX_PARAMETERS)),
    _number("ric-ControlHeaderFormat-Type", "header_format"),
    _number("ric-ControlMessageFormat-Type", "message_format"),
    optional("ric-CallProcessIDFormat-Type", "call_process_format", FORMAT),
    _number("ric-ControlOutcomeFormat-Type", "outcome_format"),
    _parameters("ran-ControlOutcomeParameters-List", "outcomes", MAX_OUTCOMES),
)
_POLICY_ACTION: Final = Sequence(
    PolicyAction,
    required("ric-PolicyAction-ID", "id", _NUMBER),
    required("ric-PolicyAction-Name", "name", NAME),
    _number("ric-ActionDefinitionFormat-Type", "action_format"),
    _parameters("ran-PolicyActionParameters-List"),
    _parameters("ran-PolicyConditionParameters-List", "conditions"),
)
_POLICY: Final = Sequence(
    PolicyStyle,
    _number("ric-PolicyStyle-Type", "type"),
    required("ric-PolicyStyle-Name", "name", NAME),
    _number("ric-SupportedEventTriggerStyle-Type", "event_trigger_style"),
    optional("ric-PolicyAction-List", "actions", SequenceOf(_POLICY_ACTION, 1, MAX_PARAMETERS)),
)

FUNCTION_DEFINITION: Final = Payload(
    "E2SM-RC-RANFunctionDefinition",
    Sequence(
        FunctionDefinition,
        required("ranFunction-Name", "name", RAN_FUNCTION_NAME),
        optional("ranFunctionDefinition-EventTrigger", "event_triggers", _EVENT_TRIGGERS),
        optional(
            "ranFunctionDefinition-Report",
            "reports",
            Single("ric-ReportStyle-List", SequenceOf(_REPORT, 1, MAX_STYLES)),
        ),
        optional(
            "ranFunctionDefinition-Insert",
            "inserts",
            Single("ric-InsertStyle-List", SequenceOf(_INSERT, 1, MAX_STYLES)),
        ),
        optional(
            "ranFunctionDefinition-Control",
            "controls",
            Single("ric-ControlStyle-List", SequenceOf(_CONTROL, 1, MAX_STYLES)),
        ),
        optional(
            "ranFunctionDefinition-Policy",
            "policies",
            Single("ric-PolicyStyle-List", SequenceOf(_POLICY, 1, MAX_STYLES)),
        ),
    ),
)
