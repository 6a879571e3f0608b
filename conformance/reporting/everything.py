"""All reports of a run that are files."""

import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path

from .exit_status import ExitStatus
from .files import ReportError, write
from .github import add_to_step_summary
from .har import write_har
from .json_report import write_json
from .junit import as_junit, write_junit
from .own_failure import describe
from .page import write_page
from .report import OPTIONS_FILE, Summary

Writer = Callable[[Summary, Path], object]
WRITERS: Mapping[str, Writer] = {"html": write_page, "junit": write_junit, "har": write_har}
"""What writes each report into a directory, by the name that `--report` takes."""


def report_to_open(directory: Path, names: Collection[str]) -> Path:
    """The report that a person opens: the page, or `report.json` if the page is not among the names."""
    return directory / ("index.html" if "html" in names else "report.json")


def write_bodies(summary: Summary, directory: Path) -> None:
    """Write the bodies that the curl lines of counter-examples name.

    Raises:
        ReportError: one cannot be written.

    """
    for verdict in summary.verdicts:
        for name, content in verdict.counterexample.files if verdict.counterexample else ():
            write(directory / name, content.encode("latin-1"))


def write_options(summary: Summary, directory: Path) -> None:
    """Write the options of a run that broke a rule, for the replay lines that are short.

    Raises:
        ReportError: they cannot be written.

    """
    if summary.failed or summary.warned:
        write(directory / OPTIONS_FILE, "".join(f"{word}\n" for word in summary.options))


def write_reports(
    summary: Summary, directory: Path, names: Collection[str] = tuple(WRITERS), junit: Path | None = None
) -> Summary:
    """Write the named reports, what GitHub shows, JUnit XML also to another file, and `report.json` last.

    Returns:
        The summary. If a report cannot be written, it says so, and its exit status is `ERROR_IN_THE_SUITE`.

    """
    writers: list[Writer] = [write_bodies, write_options]
    writers += [WRITERS[name] for name in names if name in WRITERS]
    if junit is not None:
        writers.append(lambda summary, _: write(junit, as_junit(summary)))
    writers += [lambda summary, _: add_to_step_summary(summary, os.environ), write_json]
    to_open = WRITERS["html"] if "html" in names else write_json
    for writer in writers:
        try:
            writer(summary, directory)
        except ReportError as error:
            problem = str(error)
        except Exception as error:  # noqa: BLE001 - a bug in one report must not cost the others
            problem = f"a report has a bug: {describe(error)}"
        else:
            continue
        problems = (*summary.problems, problem)
        is_written = summary.is_written and writer is not to_open
        status = ExitStatus.ERROR_IN_THE_SUITE
        summary = replace(summary, exit_status=status, problems=problems, is_written=is_written)
    return summary
