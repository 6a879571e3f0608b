"""`junit.xml`: a test case for each rule, for what reads such files."""

from pathlib import Path
from xml.etree import ElementTree as ET

from .files import write
from .ledger import Result, Verdict
from .report import Summary, explain, source


def write_junit(summary: Summary, directory: Path) -> None:
    """Write `junit.xml` into a directory.

    Raises:
        ReportError: it cannot be written.

    """
    write(directory / "junit.xml", as_junit(summary))


def as_junit(summary: Summary) -> str:
    """The run as JUnit XML. A broken SHOULD is a failure only in a strict run."""
    failures, errors = len(summary.failed), summary.counts["error"] + len(summary.problems)
    passed = summary.counts["pass"] + len(summary.warned)
    suite = ET.Element(
        "testsuite",
        name=f"conformance of {summary.target}",
        tests=str(len(summary.verdicts)),
        failures=str(failures),
        errors=str(errors),
        skipped=str(len(summary.verdicts) - failures - summary.counts["error"] - passed),
        time=f"{summary.seconds:.3f}",
        timestamp=summary.started.strftime("%Y-%m-%dT%H:%M:%S"),
    )
    _properties(
        suite,
        target=summary.target,
        contract=summary.contract.version,
        result=summary.meaning.lower(),
        seed=summary.seed,
        requests=str(summary.requests),
    )
    for verdict in summary.verdicts:
        suite.append(_case(summary, verdict))
    if summary.problems:
        ET.SubElement(suite, "system-err").text = "\n".join(summary.problems)
    suites = ET.Element("testsuites", name="conformance")
    suites.append(suite)
    ET.indent(suites)
    return ET.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _case(summary: Summary, verdict: Verdict) -> ET.Element:
    rule = verdict.rule
    case = ET.Element("testcase", classname=rule.area, name=f"{rule.id} {rule.text}", time="0")
    _properties(
        case,
        id=rule.id,
        level=rule.level,
        known=rule.known,
        pointer=rule.pointer,
        source=source(summary.contract, rule),
    )
    example = verdict.counterexample
    explained = "" if example is None else explain(summary.contract, rule, example, verdict.accepted)
    if summary.is_warning(verdict):
        ET.SubElement(case, "system-out").text = f"warning\n{explained}"
    elif verdict.result is Result.FAIL:
        message = "" if example is None else f"expected {example.expected}; received {example.received}"
        ET.SubElement(case, "failure", type=rule.level, message=message).text = explained
    elif verdict.result is Result.ERROR:
        ET.SubElement(case, "error", type="error", message=verdict.reason)
    elif verdict.result is not Result.PASS:
        ET.SubElement(
            case, "skipped", type=verdict.result.value, message=f"{verdict.result.value}: {verdict.reason}"
        )
    return case


def _properties(element: ET.Element, **values: str) -> None:
    properties = ET.SubElement(element, "properties")
    for name, value in values.items():
        ET.SubElement(properties, "property", name=name, value=value)
