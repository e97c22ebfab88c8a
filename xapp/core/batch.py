"""A report as the batch of one cell that decisions are made on."""

import numpy as np

from oran.core.batch import CoreReportBatch
from oran.core.report import STATES, CoreReport
from oran.core.topology import Topology


def batch_of(report: CoreReport, topology: Topology) -> CoreReportBatch:
    """The inverse of `CoreReportBatch.one`; the report names what the topology has."""
    return CoreReportBatch(
        report.period_ms,
        np.array([[s.values for s in report.sites]], np.float64),
        np.array([[s.values for s in report.links]], np.float64),
        np.array([[s.values for s in report.slices]], np.float64),
        np.array([[STATES.index(s.health) for s in report.sites]], np.int64),
        np.array([[STATES.index(s.health) for s in report.links]], np.int64),
        np.array([[topology.sites.index(s.site) for s in report.slices]], np.int64),
        np.array([[s.migrating for s in report.slices]], np.bool_),
    )
