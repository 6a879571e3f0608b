"""Send each essential case to two targets, and say where their responses differ: `--against URL`.

The suite runs twice with the same seed, so both targets get the same requests with the same new ids, each
with a key and a budget of its own. A difference need not break a rule. Each run judges the rules as always.
"""

import contextlib
import io
import json
import os
import secrets
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from ..compare import ReportUnreadableError, compare, read
from ..reporting.command_line import CommandLine, UsageError
from ..reporting.exit_status import ExitStatus
from ..reporting.files import ReportError, write
from ..reporting.output import say
from ..reporting.text import wrap
from ..requests.request import NO_JSON, read_json
from ..transport.target import KEY_VARIABLE, RESTRICTED_KEY_VARIABLE
from ..transport.untrusted import Secrets, escape, visible

AGAINST: Final = {
    KEY_VARIABLE: "CARECYCLE_AGAINST_API_KEY",
    RESTRICTED_KEY_VARIABLE: "CARECYCLE_AGAINST_RESTRICTED_API_KEY",
}
"""The environment variables of the second target's keys, by those of the first."""
DIFFERENT = ExitStatus.INCONCLUSIVE
"""The exit status if no rule was violated and the targets differ: they were not shown to be alike."""
ORDER = (
    ExitStatus.INTERRUPTED,
    ExitStatus.USAGE_ERROR,
    ExitStatus.ERROR_IN_THE_SUITE,
    ExitStatus.DOES_NOT_CONFORM,
    ExitStatus.INCONCLUSIVE,
    ExitStatus.CONFORMS,
)
"""The exit statuses of a run, the one first that counts more."""
FEW = 20
"""How many differences the terminal shows; the file has all."""
CUT = 100
"""How many characters of the path and of the body of a request are shown."""
CUT_RESPONSE = 200
"""How many characters of the description of a response are shown."""

Run = Callable[[list[str]], int]
Key = tuple[str, str, str, int]
"""Method, path with query, body, and how often the same was sent before."""


@dataclass(frozen=True)
class Difference:
    """A request to which two targets responded differently."""

    request: Key
    responses: tuple[str, str]

    def line(self, secrets: Secrets) -> str:
        """The difference in a line that is safe to show."""
        method, path, body = (secrets.show(text, CUT) for text in self.request[:3])
        one, other = (secrets.show(text, CUT_RESPONSE) for text in self.responses)
        return f"{method} {path} {body}: {one} | {other}"


def is_wanted(arguments: Sequence[str]) -> bool:
    """Whether the command line has `--against`."""
    return any(word.partition("=")[0] == "--against" for word in arguments)


def main(arguments: Sequence[str], run: Run) -> int:
    """Run the suite against both targets, and print where they differ; the exit status."""
    parser = CommandLine(add_help=False, allow_abbrev=False)
    for name in ("--against", "--target", "--seed", "--profile"):
        parser.add_argument(name)
    parser.add_argument("--report-dir", default="conformance-report")
    for name in ("--fault", "--variant"):
        parser.add_argument(name, action="append", default=[])
    try:
        known, rest = parser.parse_known_args(list(arguments))
    except UsageError as error:
        print(f"error: {error}", file=sys.stderr)
        return ExitStatus.USAGE_ERROR
    common = [
        *rest,
        f"--seed={known.seed or secrets.randbelow(2**32)}",
        f"--profile={known.profile or 'quick'}",
        # The comparison reads the traffic. If reports are named, only those are written.
        *(["--report=har"] if any(word.partition("=")[0] == "--report" for word in rest) else []),
    ]
    of_mock = [f"--{name}={value}" for name in ("fault", "variant") for value in getattr(known, name)]
    first = [*common, *of_mock, *([f"--target={known.target}"] if known.target else [])]
    second = [*common, f"--target={known.against}"]
    if not os.environ.get(AGAINST[KEY_VARIABLE]):
        print(f"error: no API key: set {AGAINST[KEY_VARIABLE]}, the key of --against", file=sys.stderr)
        return ExitStatus.USAGE_ERROR
    # Both targets are checked before the first request.
    for options in (first, second):
        with contextlib.redirect_stdout(io.StringIO()):
            status = run([*options, "--dry-run"])
        if status != ExitStatus.CONFORMS:
            return status
    directories = [Path(known.report_dir) / name for name in ("target", "against")]
    statuses = [run([*first, f"--report-dir={directories[0]}"])]
    with _second_keys():
        statuses.append(run([*second, f"--report-dir={directories[1]}"]))
    status = min(map(ExitStatus, statuses), key=ORDER.index)
    try:
        return report(directories, Path(known.report_dir), status)
    except (ReportUnreadableError, ReportError, OSError, ValueError) as error:
        print(visible(f"error: the reports cannot be compared: {error}"), file=sys.stderr)
        return status or ExitStatus.ERROR_IN_THE_SUITE


@contextlib.contextmanager
def _second_keys() -> Iterator[None]:
    """Have the environment give the keys of the second target."""
    before = {name: os.environ.get(name) for name in AGAINST}
    try:
        for name, second in AGAINST.items():
            _set(name, os.environ.get(second))
        yield
    finally:
        for name, value in before.items():
            _set(name, value)


def _set(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


def report(directories: Sequence[Path], directory: Path, status: int) -> int:
    """Print where the runs in two directories differ, and write it to a file; the exit status."""
    reports = [read(each / "report.json") for each in directories]
    responses = [
        read_responses(each / "traffic.har", run["target"])
        for each, run in zip(directories, reports, strict=True)
    ]
    found = find_differences(*responses)
    alone = sum(len(one.keys() - other.keys()) for one, other in (responses, responses[::-1]))
    both = len(responses[0].keys() & responses[1].keys())
    rules = [(each.name, each.before, each.after) for each in compare(*reports).rules]
    # The reports have no keys. What is decoded from their JSON is new text.
    keys = Secrets(os.environ.get(name) for pair in AGAINST.items() for name in pair)
    lines = [f"  {each.line(keys)}" for each in found[:FEW]]
    lines += [f"  and {len(found) - FEW} more in differences.json"] if len(found) > FEW else []
    lines += [f"  {rule}: {old} | {new}" for rule, old, new in rules]
    targets = " | ".join(run["target"] for run in reports)
    lines.append(
        f"{len(found)} of {both} requests got different responses, {len(rules)} verdicts differ: {targets}"
    )
    lines += [f"{alone} requests were sent to one target only"] if alone else []
    # Each line is escaped, because any word can come to its beginning.
    say("\n".join(escape(text) for line in lines for text in wrap(visible(line), rest="      ")))
    content = {
        "schema_version": "1.0",
        "targets": [run["target"] for run in reports],
        "compared": both,
        "differences": [
            {
                "method": each.request[0],
                "path": each.request[1],
                "body": each.request[2],
                "responses": each.responses,
            }
            for each in found
        ],
        "verdicts": [{"rule": rule, "verdicts": verdict} for rule, *verdict in rules],
    }
    write(directory / "differences.json", json.dumps(content, indent=1))
    return DIFFERENT if status == ExitStatus.CONFORMS and found else status


def find_differences(one: Mapping[Key, str], other: Mapping[Key, str]) -> list[Difference]:
    """The requests that both targets got, and to which they responded differently."""
    return [Difference(key, (one[key], other[key])) for key in one if key in other and one[key] != other[key]]


def read_responses(path: Path, target: str) -> dict[Key, str]:
    """What each request of an archive got, in words that two targets can share."""
    base = urlsplit(target).path.rstrip("/")
    seen: Counter[tuple[str, str, str]] = Counter()
    responses = {}
    for entry in json.loads(path.read_text(encoding="utf-8"))["log"]["entries"]:
        url = urlsplit(entry["request"]["url"])
        place = url.path.removeprefix(base) + (f"?{url.query}" if url.query else "")
        request = (entry["request"]["method"], place, entry["request"].get("postData", {}).get("text", ""))
        responses[*request, seen[request]] = describe(entry["response"])
        seen[request] += 1
    return responses


def describe(response: Mapping[str, Any]) -> str:
    """A response without what differs between equal targets: ids, messages and the status before.

    The body can be any: one that Python cannot read as JSON, or write again, is none.
    """
    if not response["status"]:
        return "no response"
    content = response["content"]
    try:
        body = read_json(content.get("text", "").encode("utf-8", "surrogatepass"))
        words = [] if body is NO_JSON else _describe_body(body)
    except (ValueError, RecursionError):
        words = []
    return " ".join([str(response["status"]), *(words or [content.get("mimeType", ""), "no JSON"])])


def _describe_body(body: object) -> list[str]:
    words = []
    if isinstance(body, dict):
        words += [str(body[name]) for name in ("code", "newStatus") if name in body]
        words.append("{" + ", ".join(sorted(body)) + "}")
        errors = body.get("errors")
        paths = (
            [each.get("path") for each in errors if isinstance(each, dict)]
            if isinstance(errors, list)
            else []
        )
        words += ["at " + ", ".join(sorted(map(json.dumps, paths)))] if paths else []
    else:
        words.append(type(body).__name__)
    return words
