"""`index.html` shows the numbers of the run, and nothing that a target sent is taken for markup."""

import dataclasses
import re
from pathlib import Path

import pytest

from conformance.reporting import page
from conformance.reporting.observed import OTHER_STATUS, Observed
from conformance.requests.statuses import statuses as documented_statuses
from conformance.selftest.reporting.runs_made_up import CONTRACT, SUMMARY, observed


def test_page_is_one_file(tmp_path: Path) -> None:
    """The page names no other file to load, and forbids the browser to load any."""
    page.write_page(SUMMARY, tmp_path)
    text = (tmp_path / "index.html").read_text("utf-8")
    assert "default-src &#39;none&#39;" in text or "default-src 'none'" in text
    assert [] == re.findall(r"<(?:link|img|iframe|object|embed|base)\b|\bsrc=|@import|url\(", text)


def test_page_shows_text_of_a_target_as_text(tmp_path: Path) -> None:
    """What a target sent is escaped."""
    text = page.as_page(SUMMARY, tmp_path)
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_ids_that_are_treated_wrongly_are_marked() -> None:
    """A cell says accepted, rejected or not sent, and marks what the contract does not allow."""
    rows = {row["kind"]: [cell["text"] for cell in row["cells"]] for row in page.ids(observed())}
    assert rows["version 4"] == ["accepted 30", "not sent"]
    assert rows["nil"] == ["not sent", "✗ rejected 2: wrong"]
    assert rows["missing"] == ["not sent", "not sent"]


def test_statuses_that_are_treated_wrongly_are_marked() -> None:
    """Each documented status has a row, and an accepted one that is not terminal is marked."""
    rows = {
        row["kind"]: [cell["text"] for cell in row["cells"]] for row in page.statuses(observed(), CONTRACT)
    }
    assert {*documented_statuses(CONTRACT), OTHER_STATUS} == rows.keys()
    assert rows["completed"] == ["3", "0", "0"]
    assert rows["expired"] == ["✗ 1: wrong", "0", "0"]
    assert rows["pending"] == ["0", "0", "2"]


def test_documented_responses_are_seen_or_not() -> None:
    """Each documented response has a row, and an undocumented one that was seen has one too."""
    found = observed()
    found.responses[next(iter(CONTRACT.operations)), 418] += 1
    (operation,) = page.responses(found, CONTRACT)
    rows = {row["status"]: row["text"] for row in operation["rows"]}
    assert list(rows) == [200, 400, 401, 403, 404, 422, 429, 500, 418]
    assert (rows[200], rows[400], rows[418]) == ("3 times", "not seen", "once")


def test_curve_ends_with_the_decided_rules() -> None:
    """The curve climbs by one for each decided rule, and a dot marks where one was first broken."""
    curve = page.curve(SUMMARY)
    assert curve is not None
    assert curve["path"].count("V") == 3
    assert [label for _, _, label in curve["spots"]] == [
        "BODY-01 broken by request 5",
        "STATUS-02 broken by request 9",
    ]
    assert curve["text"].startswith(
        "3 of 8 rules were decided, half after 3 of 42 requests, the last after 4."
    )
    assert page.curve(dataclasses.replace(SUMMARY, verdicts=[])) is None


def test_latency_has_every_response() -> None:
    """The bars hold all responses."""
    latency = page.latency(observed())
    assert latency is not None
    assert 39 == sum(int(re.findall(r": (\d+) responses", bar["label"])[0]) for bar in latency["bars"])
    assert latency["text"] == "Half took at most 0.45 ms, 95 of 100 at most 0.9 ms, the longest 41 ms."
    assert page.latency(Observed(CONTRACT)) is None


@pytest.mark.parametrize("github", [False, True])
def test_rules_link_to_their_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, github: bool) -> None:
    """A rule links to its line in the contract, on GitHub where GitHub runs the suite."""
    for name, value in (
        ("GITHUB_REPOSITORY", "owner/name"),
        ("GITHUB_SHA", "abc"),
        ("GITHUB_SERVER_URL", "https://g"),
    ):
        monkeypatch.setenv(name, value) if github else monkeypatch.delenv(name, raising=False)
    text = page.as_page(SUMMARY, tmp_path)
    (link,) = set(
        re.findall(r'href="([^"]+#L\d+)">', text[text.index('id="STATUS-02"') :].partition("</small>")[0])
    )
    assert link.startswith("https://g/owner/name/blob/abc/openapi/carecycle.yaml#L" if github else "../")
    if not github:
        assert (tmp_path / link.partition("#")[0]).resolve() == CONTRACT.path.resolve()


@pytest.mark.parametrize(
    "changes", [{"observed": None}, {"verdicts": [], "requests": 0}, {"problems": ("full",)}]
)
def test_page_of_a_run_that_saw_little(tmp_path: Path, changes: dict[str, object]) -> None:
    """A run without counts, without verdicts or with an error of the suite has a page too."""
    assert "</html>" in page.as_page(dataclasses.replace(SUMMARY, **changes), tmp_path)  # type: ignore[arg-type]  # changes are fields
