"""The figures of every trajectory that a study asks for, period by period, with the benchmarks of what is ranked."""

from dataclasses import replace

from ranktrust.assemble.benchmarks import with_benchmark
from ranktrust.assemble.build import assemble
from ranktrust.errors import DataError, Fault
from ranktrust.panel import Panel, SpanPanels, followed, span_panels, spans_of
from ranktrust.study import Study


def assemble_trajectories(study: Study) -> dict[str, SpanPanels]:
    """The panels of each [[trajectory]] of the study, in its order; nothing is read where it asks for none.

    Raises DataError with every fault of every trajectory: overlapping periods, a window or a change longer than they.
    """
    if not study.trajectory:
        return {}
    panels, found = assemble(study, summed=False), {}
    faults: list[Fault] = []
    for asked in study.trajectory:
        try:
            panel = followed(panels[asked.name], asked.months)
            spans = spans_of(panel, window=asked.window, change=asked.change)
            found[asked.name] = _with_benchmarks(span_panels(panel, spans), study)
        except DataError as error:
            faults.extend(error.faults)
    if faults:
        raise DataError(faults)
    return found


def _with_benchmarks(panels: SpanPanels, study: Study) -> SpanPanels:
    return replace(panels, latest=_benchmarked(panels.latest, study), window=_benchmarked(panels.window, study))


def _benchmarked(panel: Panel, study: Study) -> Panel:
    return panel.derive(indicators={panel.only.name: with_benchmark(panel, study)})
