import json
import math
import re

import numpy as np
import pytest
from matplotlib.figure import Figure

from deploy.dashboards.document import documents
from deploy.dashboards.live import Curve, Prometheus
from deploy.dashboards.picture import picture
from deploy.dashboards.unit import written


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.00045, "s", "450 µs"),
        (0.0, "s", "0 s"),
        (1.5, "s", "1.5 s"),
        (2.5e7, "bps", "25 Mb/s"),
        (3 * 2**20, "bytes", "3 MiB"),
        (0.987, "percentunit", "98.7 %"),
        (18.91, "suffix:/s", "18.9/s"),
        (2.0, "none", "2"),
        (math.nan, "s", "no data"),
    ],
)
def test_values_are_written_with_their_units(value: float, unit: str, text: str) -> None:
    assert written(value, unit) == text


def test_an_unknown_unit_is_refused() -> None:
    with pytest.raises(ValueError, match="furlong: none of none, percentunit"):
        written(1.0, "furlong")


class Recorded(Prometheus):
    """Answers every query with the labels it sums by, and values from 0 to 1."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def between(self, expr: str, start: float, end: float, step: float) -> list[Curve]:
        self.asked.append(expr)
        times = tuple(np.arange(start, end, step).tolist())
        values = tuple(np.linspace(0.0, 1.0, len(times)).round().tolist())
        names = (
            "node", "cell", "snssai", "rung", "reason", "slo", "instance", "bundle", "graph",
            "outcome", "model", "verdict", "event", "kind", "site", "checked",
        )  # fmt: skip
        return [
            Curve({**dict.fromkeys(names, f"x{i}"), "le": le, "generation": "0"}, times, values)
            for i, le in enumerate(("0.001", "0.01", "+Inf"))
        ]


def _texts(figure: Figure) -> list[str]:
    found = [text.get_text() for text in figure.texts]
    for axes in figure.axes:
        found += [axes.get_title(loc="left"), *(text.get_text() for text in axes.texts)]
        if (legend := axes.get_legend()) is not None:
            found += [text.get_text() for text in legend.get_texts()]
    return found


@pytest.mark.parametrize("name", sorted(documents()))
def test_a_picture_has_every_panel_with_its_legend(name: str) -> None:
    document, source = json.loads(documents()[name]), Recorded()
    figure = picture(document, source, 1_767_225_600.0, 3.0)
    figure.canvas.draw()
    texts = _texts(figure)
    assert document["title"] in texts
    for panel in document["panels"]:
        assert panel["title"] in texts
        if panel["type"] == "timeseries":
            target = panel["targets"][0]["legendFormat"]
            label = re.sub(r"{{generation}}", "0", re.sub(r"{{(?!generation)\w+}}", "x0", target))
            value = written(1.0, panel["fieldConfig"]["defaults"]["unit"])
            assert f"{label}  {value}" in texts, panel["title"]
    assert len(source.asked) == sum(len(panel["targets"]) for panel in document["panels"])
