"""The terminal shows failures first, in 80 columns, with commands that can be pasted."""

import dataclasses
import shlex
import subprocess
from pathlib import Path

import pytest

from conformance.reporting import terminal
from conformance.reporting.text import wrap, wrap_command
from conformance.selftest.reporting.runs_made_up import CURL, EXAMPLE, RULES, SUMMARY, VERDICTS
from conformance.transport.untrusted import escape, visible

STATUS_02 = VERDICTS[2]
REPORT = Path("reports/index.html")
COMMAND = (".venv/bin/tox", "run", "-e", "conformance", "--")
PAIR = "--enrollment 0c02bb08-7d83-4f64-8a6b-bb4ee3cd0aae:5f0c954e-3a7b-4d5c-9e0f-6b1d2c3a4e5f"


def shown(*, verbose: bool = False) -> str:
    """All that the run prints."""
    return "\n".join(line for line, _ in terminal.lines(SUMMARY, REPORT, verbose=verbose))


def test_run_is_printed_with_its_failures_first() -> None:
    """A failure comes first, then the warning, the areas with their passes, the causes and the verdict."""
    text = shown()
    assert text.startswith("STATUS-02  A well-formed request with a non-terminal status MUST be rejected.\n")
    assert [line for line in text.splitlines() if line[10:14] in {"0 of", "1 of"}] == [
        "AUTH      1 of 2",
        "BODY      0 of 1   BODY-01 warning",
        "STATUS    0 of 1   STATUS-02 fail",
        "STATE     0 of 2",
        "ID        0 of 2",
    ]
    assert "2 rules not applicable: give --enrollment\n" in text
    assert "AUTH-10 untested: it takes 14 days\n" in text
    assert (
        text.index("STATUS-02  ")
        < text.index("BODY-01  ")
        < text.index("AUTH      ")
        < text.index("report: reports/index.html")
        < text.index("DOES NOT")
    )
    closing = text.partition("DOES NOT")[2].replace("\n ", "")
    assert closing == (
        " CONFORM: 2 not applicable, 1 pass, 1 warning, 1 fail, 1 untested, 1 inconclusive, "
        "1 error of 8 rules; 42 requests in 1.2 s to http://127.0.0.1:40123; seed 7"
    )


@pytest.mark.parametrize("width", range(1, 90))
@pytest.mark.parametrize("filling", ["x", "x ", ", ", "x/", ":"])
def test_no_line_begins_with_a_command(filling: str, width: int) -> None:
    """Wherever a text is broken, no line is a command of a CI system."""
    text = f"{filling * width}::error::pwned {filling * width} ::error::pwned"
    for line in wrap(escape(text), first="  received  ", rest=" " * 12):
        assert not line.lstrip().startswith("::")
    assert not any(line.lstrip().startswith("::") for line in wrap(text, rest="  "))


@pytest.mark.parametrize("verbose", [False, True])
def test_run_fits_80_columns(*, verbose: bool) -> None:
    """No line is longer than 80 columns, and no word is broken."""
    text = shown(verbose=verbose)
    assert [] == [line for line in text.splitlines() if len(line) > 80]
    for rule in (RULES["STATUS-02"], RULES["BODY-01"]):
        assert rule.text in " ".join(text.split())


def test_verbose_run_has_every_rule() -> None:
    """With -v each verdict is a line with a mark, id, result, number of responses and text."""
    text = shown(verbose=True)
    assert "✓ AUTH-01      pass              12  A request without a key in the header" in text
    assert "⚠ BODY-01      warning            2  A body" in text
    assert "✗ STATUS-02    fail               3  A well-formed request" in text
    assert "- STATE-01     not applicable" in text
    assert "? ID-01        inconclusive" in text
    assert "! ID-02        error" in text


def test_lines_are_coloured_by_result() -> None:
    """What passes is green, what fails red, what warns or is open yellow, and the rest plain."""
    colours = {line.split()[1]: "".join(markup) for line, markup in terminal.table(SUMMARY) if line[0] != " "}
    assert colours == {
        "AUTH-01": "green",
        "BODY-01": "yellow",
        "STATUS-02": "red",
        "AUTH-10": "",
        "STATE-01": "",
        "STATE-02": "",
        "ID-01": "yellow",
        "ID-02": "red",
    }


@pytest.mark.parametrize("enrollments", [0, 1, 2, 5])
@pytest.mark.parametrize("received", ["200 {}", "200 " + '{"a": "b"}, ' * 60, "200 " + "x" * 900], ids=len)
@pytest.mark.parametrize("before", [0, 1])
def test_failure_takes_at_most_12_lines(enrollments: int, received: str, before: int) -> None:
    """A failure has 12 lines at most, whatever the response, and always the command that repeats it."""
    options = [*SUMMARY.options, *PAIR.split() * enrollments]
    replay = shlex.join([*COMMAND, *options, "--rule", "STATUS-02"])
    example = dataclasses.replace(EXAMPLE, received=received, replay=replay, before=(CURL,) * before)
    summary = dataclasses.replace(SUMMARY, options=options)
    lines = terminal.failure(summary, dataclasses.replace(STATUS_02, counterexample=example), REPORT)
    assert len(lines) <= 12
    assert [] == [line for line in lines if len(line) > 80]
    start = next(index for index, line in enumerate(lines) if line.startswith("  replay"))
    words = shlex.split("\n".join(lines[start:]).replace("\\\n", ""))[1:]
    of_file = {"@reports/options.txt": options}
    assert [part for word in words for part in of_file.get(word, [word])] == shlex.split(replay)
    assert any(line.startswith("  request   curl ") for line in lines)
    assert any(line.startswith("  before ") for line in lines) is bool(before)
    assert enrollments or before or words == shlex.split(replay)


@pytest.mark.parametrize(
    "command",
    [
        CURL,
        EXAMPLE.replay,
        CURL.replace("expired", "'\"$CARECYCLE_API_KEY\"'"),
        r"printf -- '\377 a\134' | curl --data-binary @- 'http://h/?a b'",
    ],
)
def test_command_in_lines_is_the_same_command(command: str) -> None:
    """A shell reads the same words from the lines of a command as from the command."""
    lines = wrap_command(command, first="", rest="    ", width=60)
    assert len(lines) > 1 or len(command) < 60
    words = [
        subprocess.run(
            ["bash", "-c", f'curl() {{ printf \'%s\\0\' "$@"; }}; tox() {{ curl "$@"; }}; {text}'],
            capture_output=True,
            check=True,
        ).stdout
        for text in (
            command.replace(".venv/bin/tox", "tox"),
            "\n".join(lines).replace(".venv/bin/tox", "tox"),
        )
    ]
    assert words[0]
    assert words[0] == words[1]


def test_long_words_break_after_a_comma_or_a_slash() -> None:
    """A word that is longer than a line is broken where a reader expects it, if there is such a place."""
    assert ["a/bb/", "  cc/d"] == wrap("a/bb/cc/d", rest="  ", width=7)
    assert ["~ test_", "  ab[cd-", "  ef]"] == wrap("test_ab[cd-ef]", first="~ ", rest="  ", width=8)
    assert ["xxxxxxx", "  xxx"] == wrap("xxxxxxxxxx", rest="  ", width=7)


def test_unseen_characters_are_made_visible() -> None:
    """Control and format characters, surrogates and line separators are escaped, and letters are kept."""
    assert "\\x1b[31m\\u202e\\ud800\\n\\u2028é漢\\xa0\\U000e0001" == visible(
        "\x1b[31m\u202e\ud800\n\u2028é漢\u00a0\U000e0001"
    )
