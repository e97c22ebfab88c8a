"""One example of each message and payload, made by hand, with every optional part somewhere."""

from typing import Any

from oran.e2 import e2ap, kpm, rc, spc
from oran.e2.common.cell import GlobalEnbId, GlobalGnbId, GlobalNgEnbId, NrCgi
from oran.e2.common.function import EventTriggerStyle, RanFunctionName
from oran.e2.common.ueid import (
    EnbUeId,
    EnGnbUeId,
    GnbCuUpUeId,
    GnbDuUeId,
    GnbUeId,
    Guami,
    Gummei,
    NgEnbDuUeId,
    NgEnbUeId,
    UeId,
)
from oran.e2.per.string import Bits
from oran.e2.rc import report
from oran.e2.rc.function import (
    Breakpoint,
    CallProcess,
    EventTriggers,
    InsertIndication,
    InsertStyle,
    ListDefinition,
    PolicyAction,
    PolicyStyle,
    StructureDefinition,
)
from oran.e2.rc.function import ReportStyle as RcReportStyle
from oran.snssai import Snssai

PLMN = b"\x00\xf1\x10"
REQUEST = e2ap.RicRequestId(1021, 7)
CAUSE = e2ap.CauseRicRequest.CONTROL_MESSAGE_INVALID
DIAGNOSTICS = e2ap.CriticalityDiagnostics(
    4,
    e2ap.TriggeringMessage.INITIATING,
    e2ap.Criticality.REJECT,
    REQUEST,
    (e2ap.IeDiagnostics(e2ap.Criticality.IGNORE, 23, e2ap.TypeOfError.MISSING),),
)
GNB = e2ap.GnbNode(
    e2ap.GlobalGnbId(PLMN, Bits(0x1234, 28)), e2ap.GlobalEnGnbId(PLMN, Bits(5, 22)), 1, 1 << 35
)
ADDRESS = e2ap.TnlInformation(Bits(0x7F000001, 32), Bits(36421, 16))
TNL = e2ap.TnlAssociation(ADDRESS, e2ap.TnlUsage.BOTH)
COMPONENT = e2ap.Component(
    e2ap.InterfaceType.NG, e2ap.NgComponent("amf"), e2ap.ComponentConfiguration(b"\1", b"\2")
)
ENB = e2ap.GlobalEnbId(PLMN, Bits(1, 18))
X2 = e2ap.X2Component(ENB, e2ap.GlobalEnGnbId(PLMN, Bits(5, 32)))
ANSWERS = (
    e2ap.ComponentAnswer(
        e2ap.InterfaceType.X2, X2, e2ap.ComponentAck(e2ap.UpdateOutcome.FAILURE, CAUSE)
    ),
    e2ap.ComponentAnswer(
        e2ap.InterfaceType.F1, e2ap.F1Component(9), e2ap.ComponentAck(e2ap.UpdateOutcome.SUCCESS)
    ),
)
FUNCTION = e2ap.RanFunction(2, b"\0\1", 1, kpm.OID_V3)
ACTION = e2ap.Action(
    1,
    e2ap.ActionType.INSERT,
    b"\3",
    e2ap.SubsequentAction(e2ap.SubsequentActionType.WAIT, e2ap.ActionTimeToWait.W60S),
    255,
)
WAIT = e2ap.TimeToWait.V60S

MESSAGES: tuple[e2ap.Message, ...] = (
    e2ap.E2SetupRequest(1, GNB, (FUNCTION,), (COMPONENT,)),
    e2ap.E2SetupRequest(
        1, e2ap.NgEnbNode(e2ap.GlobalNgEnbId(PLMN, Bits(1, 21)), ENB, 3), (FUNCTION,), (COMPONENT,)
    ),
    e2ap.E2SetupResponse(
        1,
        e2ap.GlobalRicId(PLMN, Bits(0xABCDE, 20)),
        ANSWERS,
        (e2ap.RanFunctionRevision(2, 1),),
        (e2ap.RanFunctionRejected(3, e2ap.CauseRicService.EXCESSIVE_FUNCTIONS),),
    ),
    e2ap.E2SetupFailure(300, CAUSE, WAIT, DIAGNOSTICS, ADDRESS),
    e2ap.ErrorIndication(1, REQUEST, 2, e2ap.CauseProtocol.SEMANTIC_ERROR, DIAGNOSTICS),
    e2ap.ErrorIndication(),
    e2ap.ResetRequest(1, e2ap.CauseMisc.OM_INTERVENTION),
    e2ap.ResetResponse(1, DIAGNOSTICS),
    e2ap.RicControlRequest(REQUEST, 3, b"\1", b"\2", b"\3", e2ap.ControlAckRequest.ACK),
    e2ap.RicControlAcknowledge(REQUEST, 3, b"\1", b"\0\0"),
    e2ap.RicControlFailure(REQUEST, 3, CAUSE, b"\1", b"\0\0", DIAGNOSTICS),
    e2ap.RicIndication(REQUEST, 2, 1, e2ap.IndicationType.INSERT, b"\1", b"\2", 65535, b"\3"),
    e2ap.RicServiceUpdate(1, (FUNCTION,), (FUNCTION,), (e2ap.RanFunctionRevision(2, 1),)),
    e2ap.RicServiceUpdateAcknowledge(
        1, (e2ap.RanFunctionRevision(2, 1),), (e2ap.RanFunctionRejected(3, CAUSE),)
    ),
    e2ap.RicServiceUpdateFailure(1, e2ap.CauseE2Node.COMPONENT_UNKNOWN, WAIT, DIAGNOSTICS),
    e2ap.RicServiceQuery(1, (e2ap.RanFunctionRevision(2, 1),)),
    e2ap.RicSubscriptionRequest(
        REQUEST, 2, e2ap.SubscriptionDetails(b"\x08\x03\xe7", (ACTION,)), bytes(8), bytes(8)
    ),
    e2ap.RicSubscriptionResponse(
        REQUEST, 2, (e2ap.ActionAdmitted(1),), (e2ap.ActionNotAdmitted(2, CAUSE),)
    ),
    e2ap.RicSubscriptionFailure(REQUEST, 2, CAUSE, DIAGNOSTICS),
    e2ap.RicSubscriptionDeleteRequest(REQUEST, 2),
    e2ap.RicSubscriptionDeleteResponse(REQUEST, 2),
    e2ap.RicSubscriptionDeleteFailure(REQUEST, 2, CAUSE, DIAGNOSTICS),
    e2ap.RicSubscriptionDeleteRequired((e2ap.SubscriptionToDelete(REQUEST, 2, CAUSE),)),
    e2ap.E2NodeConfigurationUpdate(
        1,
        e2ap.EnbNode(e2ap.GlobalEnbId(PLMN, Bits(1, 28))),
        (COMPONENT,),
        (COMPONENT,),
        (e2ap.ComponentRemoval(e2ap.InterfaceType.E1, e2ap.E1Component(5)),),
        (e2ap.TnlRemoval(ADDRESS, ADDRESS),),
    ),
    e2ap.E2NodeConfigurationUpdateAcknowledge(1, ANSWERS, ANSWERS, ANSWERS),
    e2ap.E2NodeConfigurationUpdateFailure(1, CAUSE, WAIT, DIAGNOSTICS),
    e2ap.E2ConnectionUpdate(1, (TNL,), (e2ap.TnlEnd(ADDRESS),), (TNL,)),
    e2ap.E2ConnectionUpdateAcknowledge(1, (TNL,), (e2ap.TnlFailure(ADDRESS, CAUSE),)),
    e2ap.E2ConnectionUpdateFailure(1, e2ap.CauseTransport.RESOURCE_UNAVAILABLE, WAIT, DIAGNOSTICS),
    e2ap.E2RemovalRequest(1, unknown_ies=(e2ap.RawIe(700, e2ap.Criticality.IGNORE, b"\1\2"),)),
    e2ap.E2RemovalResponse(1, DIAGNOSTICS),
    e2ap.E2RemovalFailure(1, CAUSE, DIAGNOSTICS),
)

NAME = RanFunctionName(kpm.SHORT_NAME, kpm.OID_V3, "KPM Monitor", 1)
GUAMI = Guami(PLMN, Bits(1, 8), Bits(2, 10), Bits(3, 6))
GNB_UE = GnbUeId(100, GUAMI, ran_ueid=bytes(8))
NODE = GlobalGnbId(PLMN, Bits(1, 32))
ENB_UE = GlobalEnbId(PLMN, Bits(1, 21))
UES: tuple[UeId, ...] = (
    GNB_UE,
    GnbUeId(1, GUAMI, (1, 2), (3,), bytes(8), 4, NODE, GlobalNgEnbId(PLMN, Bits(1, 18))),
    GnbDuUeId(1, bytes(8)),
    GnbCuUpUeId(1, bytes(8)),
    NgEnbUeId(1, GUAMI, 2, 3, GlobalNgEnbId(PLMN, Bits(1, 20)), NODE),
    NgEnbDuUeId(1),
    EnGnbUeId(1, ENB_UE, 5000, 2, (3,), bytes(8)),
    EnbUeId(1, Gummei(PLMN, 2, 3), 4, 5, ENB_UE),
)
LABEL = kpm.MeasurementLabel(
    plmn=PLMN, slice=Snssai(1, 2), five_qi=9, qfi=63, qci=1, qci_max=2, qci_min=300, arp_max=1,
    arp_min=15, bitrate_range=1, mu_mimo_layer=2, sum=True, bin_x=1, bin_y=2, bin_z=3,
    pre_label_override=True, start_end=kpm.StartEnd.END, min=True, max=True, avg=True, ssb_index=1,
    non_gob_beam=2, mimo_mode=2,
)  # fmt: skip
BINS = kpm.BinRanges((kpm.Bin(1, 0, 2.5),), (kpm.Bin(1, -5, 5),), (kpm.Bin(2, 0.5, 1.0),))
MEASUREMENTS = (
    kpm.Measurement("DRB.UEThpDl", (kpm.NO_LABEL,)),
    kpm.Measurement(7, (LABEL, kpm.NO_LABEL)),
)
TESTS = (
    kpm.TestCondition(kpm.TestType.S_NSSAI, kpm.TestExpression.EQUAL, 1),
    kpm.TestCondition(kpm.TestType.RSRP, kpm.TestExpression.LESS_THAN, -100.5),
    kpm.TestCondition(kpm.TestType.GBR, None, kpm.EnumerationValue(3)),
)
CONDITIONS = (kpm.MatchingCondition(LABEL, True), kpm.MatchingCondition(TESTS[0]))
FORMAT1 = kpm.ActionFormat1(
    MEASUREMENTS, 10, NrCgi(PLMN, Bits(1, 36)), (kpm.Distribution("CARR.WBCQIDist", BINS),)
)
RECORDS = (kpm.Record((1, 2.5, None)), kpm.Record((None,), True))
ELEMENT = rc.OfferedParameter(3, "e")
OFFERED = (
    rc.OfferedParameter(
        1,
        "list",
        ListDefinition(
            (rc.OfferedParameter(2, "s", StructureDefinition((rc.OfferedParameter(3, "e"),))),)
        ),
    ),
    rc.OfferedParameter(4, "element"),
)
PARAMETERS = (
    rc.Parameter(1, rc.KeyElement(True)),
    rc.Parameter(1 << 33, rc.Element(1.5)),
    rc.Parameter(3, rc.Structure((rc.Parameter(4, rc.Element()), rc.Parameter(5, rc.Structure())))),
    rc.Parameter(6, rc.ParameterList((rc.Structure((rc.Parameter(7, rc.Element("text")),)),))),
)
QUOTA = rc.quota_message(
    (
        rc.SliceQuota(
            (rc.SliceMember(PLMN, Snssai(1, 2)), rc.SliceMember(PLMN, Snssai(2))), 5, 50, 0
        ),
    )
)

VALUES: tuple[tuple[str, Any], ...] = (
    ("E2SM-KPM-EventTriggerDefinition", kpm.EventTrigger(10)),
    ("E2SM-KPM-ActionDefinition", kpm.ActionDefinition(1, FORMAT1)),
    ("E2SM-KPM-ActionDefinition", kpm.ActionDefinition(2, kpm.ActionFormat2(UES[1], FORMAT1))),
    (
        "E2SM-KPM-ActionDefinition",
        kpm.ActionDefinition(
            3,
            kpm.ActionFormat3((kpm.ConditionalMeasurement("DRB.UEThpDl", CONDITIONS, BINS),), 10),
        ),
    ),
    (
        "E2SM-KPM-ActionDefinition",
        kpm.ActionDefinition(
            4,
            kpm.ActionFormat4(
                (kpm.UeCondition(TESTS[1], True), kpm.UeCondition(TESTS[2])),
                kpm.ActionFormat1(MEASUREMENTS, 10),
            ),
        ),
    ),
    ("E2SM-KPM-ActionDefinition", kpm.ActionDefinition(5, kpm.ActionFormat5(UES, FORMAT1))),
    ("E2SM-KPM-IndicationHeader", kpm.IndicationHeader(bytes(8), "1", "gnb", "gNB", "us")),
    ("E2SM-KPM-IndicationHeader", kpm.IndicationHeader(bytes(4))),
    ("E2SM-KPM-IndicationMessage", kpm.IndicationFormat1(RECORDS, MEASUREMENTS, 10)),
    (
        "E2SM-KPM-IndicationMessage",
        kpm.IndicationFormat2(
            RECORDS,
            (kpm.ConditionalResult("DRB.UEThpDl", CONDITIONS, UES, ((), UES)),),
            10,
        ),
    ),
    (
        "E2SM-KPM-IndicationMessage",
        kpm.IndicationFormat3(
            tuple(
                kpm.UeReport(ue, kpm.IndicationFormat1((kpm.Record((1, 2.5)),), MEASUREMENTS[:1]))
                for ue in UES
            )
        ),
    ),
    (
        "E2SM-KPM-RANfunction-Description",
        kpm.FunctionDescription(
            NAME,
            (EventTriggerStyle(1, "periodic", 1),),
            (
                kpm.ReportStyle(
                    4,
                    "UEs",
                    4,
                    (kpm.OfferedMeasurement("a"), kpm.OfferedMeasurement("b", 1, BINS)),
                    1,
                    3,
                ),
            ),
        ),
    ),
    ("E2SM-RC-ControlHeader", rc.ControlHeader(UES[2], 2, 6, rc.Decision.REJECT)),
    ("E2SM-RC-ControlMessage", rc.ControlMessage(PARAMETERS)),
    ("E2SM-RC-ControlMessage", QUOTA),
    ("E2SM-RC-ControlOutcome", rc.ControlOutcome((rc.OutcomeParameter(1, b"\1"),))),
    (
        "E2SM-RC-RANFunctionDefinition",
        rc.FunctionDefinition(
            NAME,
            EventTriggers(
                (EventTriggerStyle(1, "s", 1),),
                OFFERED,
                (CallProcess(1, "c", (Breakpoint(1, "b", OFFERED),)),),
                OFFERED,
                OFFERED,
            ),
            (RcReportStyle(1, "r", 1, 1, 1, 1, OFFERED),),
            (InsertStyle(1, "i", 1, 1, 1, 1, 1, (InsertIndication(1, "i", OFFERED),)),),
            (rc.ControlStyle(2, "c", 1, 1, 1, (rc.ControlAction(6, "q", OFFERED),), 1, OFFERED),),
            (PolicyStyle(1, "p", 1, (PolicyAction(1, "p", 1, OFFERED, OFFERED),)),),
        ),
    ),
    ("E2SM-RC-EventTrigger", report.CallProcessTrigger(3, 1)),
    ("E2SM-RC-ActionDefinition", report.ReportAction(1, (1, 6, 21528))),
    ("E2SM-RC-IndicationHeader", report.ReportHeader(10031)),
    ("E2SM-RC-IndicationMessage", report.ParameterReport(PARAMETERS)),
    (
        "E2SM-RC-IndicationMessage",
        report.UeParameterReport((report.UeParameters(GNB_UE, PARAMETERS),)),
    ),
    (
        "E2SM-SPC-FunctionDefinition",
        spc.FunctionDefinition(
            RanFunctionName(spc.SHORT_NAME, spc.OID, "cell control"),
            -9,
            6,
            tuple(spc.SleepState),
            (
                spc.ServedCell(NrCgi(PLMN, Bits(1, 36)), (Snssai(1, 1), Snssai(2))),
                spc.ServedCell(NrCgi(PLMN, Bits(2, 36)), (Snssai(1, 1),)),
            ),
        ),
    ),
    ("E2SM-SPC-ControlHeader", spc.ControlHeader(NrCgi(PLMN, Bits(1, 36)))),
    (
        "E2SM-SPC-ControlMessage",
        spc.ControlMessage(-9, spc.SleepState.MICRO, (spc.SliceControl(Snssai(1, 2), 6, 100),)),
    ),
)  # fmt: skip
