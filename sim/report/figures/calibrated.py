"""Quantile plots of a calibration: what was measured against what the scenario's distribution says, one panel a call.

A distribution that fits lies on the diagonal. The command line writes them beside the YAML.
"""

from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.axes import Axes

from sim.calibration.chosen import FEW, MANY, chosen
from sim.calibration.stopwatch import BEGIN, CLOSE
from sim.report.figures.style import BLUE, MUTED, as_svg, drawn_on, plain_number
from sim.scenario import Dist

if TYPE_CHECKING:
    from sim.calibration import Calibration
    from sim.fitting import DurationFit

_SHARES: Final = np.concatenate([np.linspace(0.01, 0.99, 99), [0.995]])  # beyond it single values decide
_COLUMNS: Final = 5
_PANEL_PX: Final = 176
_US: Final = 1e6  # microseconds in a second


def quantile_plot(fit: "DurationFit", ax: Axes | None = None, *, quantiles: int = FEW) -> Axes:
    """Measured quantiles (across) against those of the scenario's distribution (up), both in microseconds."""
    drawn = Dist.model_validate(chosen(fit, quantiles).spec).build()
    measured = _US * np.quantile(fit.column.values, _SHARES)
    modelled = _US * np.array([drawn.quantile(float(share)) for share in _SHARES])
    with drawn_on(ax) as axes:
        ends = [min(measured[0], modelled[0]), max(measured[-1], modelled[-1])]
        axes.plot(ends, ends, color=MUTED.light, linewidth=1)
        axes.plot(measured, modelled, color=BLUE.light, linestyle="none", marker="o", markersize=2.5)
        axes.set_title(fit.column.name)
        axes.xaxis.set_major_formatter(plain_number)
        axes.yaxis.set_major_formatter(plain_number)
        axes.locator_params(nbins=4)
    return axes


def quantile_plots_svg(found: "Calibration") -> str:
    """All calls and the flush of the log on one picture."""
    fits = [call.server for call in found.calls if call.name not in (BEGIN, CLOSE)]
    rows = -(-(len(fits) + 1) // _COLUMNS)
    with drawn_on(None) as whole:
        figure = whole.get_figure(root=True)
        assert figure is not None
        whole.remove()
        figure.set_size_inches(_COLUMNS * _PANEL_PX / figure.dpi, rows * _PANEL_PX / figure.dpi)
        panels = np.atleast_1d(figure.subplots(rows, _COLUMNS)).ravel()
        for panel, fit in zip(panels, fits, strict=False):
            quantile_plot(fit, panel)
        quantile_plot(found.costs.flush, panels[len(fits)], quantiles=MANY)
        for panel in panels[len(fits) + 1 :]:
            panel.remove()
        figure.supxlabel("measured, us")
        figure.supylabel("the scenario's distribution, us")
    return as_svg(
        figure, name="calibration", title="Quantile plots",
        description="The server's computing for each call: quantiles of the measurement and of the distribution.",
    )  # fmt: skip
