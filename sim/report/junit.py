"""Objectives as JUnit XML, which CI systems show: a test suite a scenario, a test case a strategy and objective.

A missed objective is a failure. One that more replications would decide is skipped: no CI system takes a skipped case
for a passed one, nor for a broken one, and all show its message. One that has no value at all is an error: the run
could not be judged. The exit status of the command says the same. Without times, so that the same seed gives the same
bytes.
"""

from collections.abc import Sequence

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from sim.experiment import Comparison, Judged
from sim.experiment.objectives import FAIL, INCONCLUSIVE, UNKNOWN

_ELEMENTS = {FAIL: Failure, INCONCLUSIVE: Skipped, UNKNOWN: Error}


def junit(comparisons: Sequence[Comparison]) -> bytes:
    """The XML of all of them, UTF-8."""
    xml = JUnitXml("bindsim")
    for comparison in comparisons:
        xml.add_testsuite(_suite(comparison))
    xml.update_statistics()  # type: ignore[no-untyped-call]
    _without_times(xml)
    text: bytes = xml.tostring()  # type: ignore[no-untyped-call]
    return text


def _suite(comparison: Comparison) -> TestSuite:
    suite = TestSuite(comparison.scenario.name)
    suite.add_property("seed", str(comparison.seed))
    suite.add_property("replications", str(comparison.replications))
    for judged in comparison.judged:
        suite.add_testcase(_case(judged, comparison.scenario.name))
    return suite


def _case(judged: Judged, scenario: str) -> TestCase:
    case = TestCase(judged.objective.text, classname=f"{scenario}.{judged.strategy}")
    element = _ELEMENTS.get(judged.word)
    if element is not None:
        case.result = [element(judged.sentence, judged.word)]
    else:
        case.system_out = judged.sentence
    return case


def _without_times(xml: JUnitXml) -> None:
    for suite in xml:
        suite._elem.attrib.pop("time", None)
    xml._elem.attrib.pop("time", None)
