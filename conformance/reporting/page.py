"""`index.html`: a run for a browser, in one file that asks for nothing else."""

import functools
import math
import os
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from ..contract.document import Contract, Rule
from ..requests import statuses as documented
from ..requests.request_class import ID_FIELDS
from .exit_status import ExitStatus
from .files import write
from .observed import KINDS, OTHER_STATUS, UNDECIDED, Observed
from .report import Summary, place

HERE = Path(__file__).parent
KNOWN = {
    "documented": "documented by the vendor",
    "read": "read off a documented name or sentence",
    "inferred": "inferred, not documented",
}
TONES = {
    ExitStatus.CONFORMS: "pass",
    ExitStatus.DOES_NOT_CONFORM: "fail",
    ExitStatus.ERROR_IN_THE_SUITE: "error",
}
OUTCOMES = ("updated", "not found", "rejected")
LEFT, RIGHT, TOP, BOTTOM = 48, 628, 16, 216
"""The area of the curve, in the units of its picture."""

Picture = Mapping[str, Any]


def write_page(summary: Summary, directory: Path) -> None:
    """Write `index.html` into a directory.

    Raises:
        ReportError: it cannot be written.

    """
    write(directory / "index.html", as_page(summary, directory))


def as_page(summary: Summary, directory: Path) -> str:
    """The run as a page, whose links to the contract begin in a directory."""
    observed, contract = summary.observed, summary.contract
    pictures: Picture = {"ids": [], "statuses": [], "operations": [], "curve": None, "latency": None}
    if observed is not None:
        pictures = {
            "ids": ids(observed),
            "statuses": statuses(observed, contract),
            "operations": responses(observed, contract),
            "curve": curve(summary),
            "latency": latency(observed),
        }
    return render(
        "page.html.jinja",
        run=summary,
        facts=_facts(summary),
        tone=TONES.get(summary.exit_status, "inconclusive"),
        known=KNOWN,
        where=lambda rule: place(contract, rule),
        link=lambda rule: _link(contract, rule, directory),
        id_fields=ID_FIELDS,
        outcomes=OUTCOMES,
        **pictures,
    )


def render(name: str, **values: object) -> str:
    """A page of a template, with the style that all pages have."""
    style = (HERE / "page.css").read_text(encoding="utf-8")
    return template(name).render(style=style, nonce=secrets.token_urlsafe(12), **values)


@functools.cache
def template(name: str) -> Template:
    """A template by the name of its file. Each is compiled once."""
    return _environment().get_template(name)


def ids(observed: Observed) -> list[Picture]:
    """For each kind of id and each field: what became of the ids, and whether that is wrong."""
    return [
        {
            "kind": kind,
            "valid": valid,
            "cells": [
                _cell(
                    {outcome: observed.ids[field, kind, outcome] for outcome in ("accepted", "rejected")},
                    wrong=("rejected",) if valid else ("accepted",),
                    undecided=observed.ids[field, kind, UNDECIDED],
                )
                for field in ID_FIELDS
            ],
        }
        for kind, valid in KINDS.items()
    ]


def statuses(observed: Observed, contract: Contract) -> list[Picture]:
    """For each status: how often it updated, was not found or was rejected, and what of it is wrong."""
    terminal = documented.terminal_statuses(contract)
    rows: list[Picture] = []
    for status in (*documented.statuses(contract), OTHER_STATUS):
        wrong = ("rejected",) if status in terminal else ("updated", "not found")
        cells = [_cell({outcome: observed.statuses[status, outcome]}, wrong=wrong) for outcome in OUTCOMES]
        rows.append({"kind": status, "valid": status in terminal, "cells": cells})
    return rows


def responses(observed: Observed, contract: Contract) -> list[Picture]:
    """For each operation: its documented responses with how many were seen, then undocumented ones."""
    found: list[Picture] = []
    for operation in contract.operations.values():
        seen = {status: n for (id_, status), n in sorted(observed.responses.items()) if id_ == operation.id}
        rows = [
            {
                "status": status,
                "description": response.description,
                "text": _times(seen[status]) if seen.get(status) else "not seen",
                "tone": "pass" if seen.get(status) else "none",
            }
            for status, response in operation.responses.items()
        ]
        rows += [
            {"status": status, "description": "not documented", "text": _times(count), "tone": "warning"}
            for status, count in seen.items()
            if status not in operation.responses
        ]
        found.append({"id": operation.id, "rows": rows})
    return found


def curve(summary: Summary) -> Picture | None:
    """How many rules were decided after how many requests, as a path; None where none was."""
    decided = sorted(one.decided_at for one in summary.verdicts if one.decided_at is not None)
    if not decided or not summary.requests:
        return None
    most = len(summary.verdicts)

    def x(requests: int) -> float:
        return round(LEFT + (RIGHT - LEFT) * requests / summary.requests, 1)

    def y(rules: int) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * rules / most, 1)

    path = (
        f"M{LEFT} {BOTTOM}"
        + "".join(f"H{x(at)}V{y(number)}" for number, at in enumerate(decided, 1))
        + f"H{RIGHT}"
    )
    spots = [
        (
            x(one.found_at),
            y(sum(at <= one.found_at for at in decided)),
            f"{one.rule.id} broken by request {one.found_at}",
        )
        for one in summary.verdicts
        if one.found_at is not None
    ]
    half = decided[(len(decided) - 1) // 2]
    return {
        "path": path,
        "spots": spots,
        "rows": [(y(number), number) for number in sorted({0, most // 2, most})],
        "columns": [(x(number), number) for number in sorted({0, summary.requests // 2, summary.requests})],
        "text": f"{len(decided)} of {most} rules were decided, half after {half} of {summary.requests} "
        f"requests, the last after {decided[-1]}.",
    }


def latency(observed: Observed) -> Picture | None:
    """How many responses took how long, in bars of equal ratio; None without a response."""
    times = {microseconds: count for microseconds, count in observed.microseconds.items() if count}
    if not times:
        return None
    step, width = math.log10(2) / 2, 0.0
    bins: dict[int, int] = {}
    for microseconds, count in times.items():
        place_ = math.floor(math.log10(max(1, microseconds)) / step)
        bins[place_] = bins.get(place_, 0) + count
    first, last, most = min(bins), max(bins), max(bins.values())
    width = 604 / (last - first + 1)
    bars, columns = [], []
    for number in range(first, last + 1):
        low, x = 10 ** (number * step) / 1000, 24 + (number - first) * width
        height = 176 * bins.get(number, 0) / most
        high = 10 ** ((number + 1) * step) / 1000
        label = f"{low:.3g} to {high:.3g} ms: {bins.get(number, 0)} responses"
        bars.append(
            {"x": round(x + 1, 1), "y": round(196 - height, 1), "width": round(max(1, width - 2), 1)}
            | {"height": round(height, 1), "label": label}
        )
        if (number - first) % max(1, (last - first) // 6) == 0:
            columns.append((round(x + width / 2, 1), f"{(low * high) ** 0.5:.2g}"))
    median, p95, longest = (observed.percentile(share) for share in (0.5, 0.95, 1))
    text = f"Half took at most {median:g} ms, 95 of 100 at most {p95:g} ms, the longest {longest:g} ms."
    return {"bars": bars, "columns": columns, "text": text}


def _cell(counts: Mapping[str, int], *, wrong: Iterable[str], undecided: int | None = None) -> Picture:
    """A cell with its counts. Colour says nothing that the text does not say.

    Args:
        counts: how often there was each outcome.
        wrong: the outcomes that the contract forbids.
        undecided: how often the response did not say, or None for a cell that has a number only.

    """
    seen = {outcome: count for outcome, count in counts.items() if count}
    is_wrong = any(outcome in seen for outcome in wrong)
    if undecided is None:
        text = str(sum(seen.values()))
    else:
        text = ", ".join(f"{outcome} {count}" for outcome, count in seen.items())
        text = text or (f"{UNDECIDED} {undecided}" if undecided else "not sent")
    return {
        "text": f"✗ {text}: wrong" if is_wrong else text,
        "tone": "fail" if is_wrong else "pass" if seen else "none",
    }


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _facts(summary: Summary) -> Sequence[tuple[str, str]]:
    rate = summary.rate
    facts = [
        ("Target", summary.target),
        ("Contract", f"{summary.contract.raw['info']['title']} {summary.contract.version}"),
        ("Started", summary.started.strftime("%Y-%m-%d %H:%M:%S UTC")),
        ("Took", f"{summary.seconds:.1f} s"),
        ("Requests", f"{summary.requests}" + (f" of {summary.max_requests}" if summary.max_requests else "")),
        ("Rules", summary.totals),
        ("Seed", summary.seed),
        ("Profile", summary.profile + (", strict" if summary.strict else "")),
        ("Rate", "no limit" if rate is None else f"{rate.requests} requests in {rate.seconds:g} s"),
    ]
    return [*facts, ("Faults of the mock", ", ".join(summary.faults))] if summary.faults else facts


def _link(contract: Contract, rule: Rule, directory: Path) -> str:
    """Where a browser finds a rule: at GitHub, where GitHub runs the suite, or in the file."""
    shown, _, line = place(contract, rule).rpartition(":")
    anchor = f"#L{line}" if line.isdecimal() else ""
    repository, commit = os.environ.get("GITHUB_REPOSITORY"), os.environ.get("GITHUB_SHA")
    if repository and commit and not Path(shown).is_absolute():
        server = os.environ.get("GITHUB_SERVER_URL", "https://github.com")
        return f"{server}/{repository}/blob/{commit}/{shown}{anchor}"
    try:
        return Path(os.path.relpath(contract.path, directory.resolve())).as_posix() + anchor
    except ValueError:  # on another drive of Windows
        return contract.path.as_uri() + anchor


def _prose(text: str) -> Markup:
    """Text of the contract, with code where it has backticks."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped first


def _options(text: str) -> Markup:
    """Text with its command-line options as code, which no line breaks."""
    return Markup(re.sub(r"(--[a-z][a-z-]+)", r'<code class="whole">\1</code>', str(escape(text))))  # noqa: S704 - escaped first


def _words(command: str) -> Markup:
    """A command, whose words a browser breaks only if they are longer than a line."""
    return Markup(" ").join(Markup("<span>{}</span>").format(word) for word in command.split(" "))


def _breakable(name: str) -> Markup:
    """A name that may go on in the next line after a mark or before a capital letter."""
    return Markup(re.sub(r"(_|(?<=[a-z])(?=[A-Z]))", r"\1<wbr>", str(escape(name))))  # noqa: S704 - escaped first


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters = {"prose": _prose, "options": _options, "words": _words, "breakable": _breakable}
    environment.filters |= filters
    return environment
