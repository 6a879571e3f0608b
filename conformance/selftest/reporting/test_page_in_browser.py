"""`index.html` in a real browser: it shows the numbers of `report.json`, filters, and loads nothing else."""

from collections import Counter
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from conformance.selftest.browsers import Visit, launch, visit
from conformance.selftest.runs import Outcome, run

FAULTS = (
    "--fault",
    "accepts_pending",
    "--fault",
    "calls_a_422_invalid",
    "--fault",
    "applies_what_it_refuses_as_no_json",
)
RUNS = {
    "failing": ("--profile", "quick", "--seed", "7", *FAULTS),
    "inconclusive": ("--max-requests", "5", "--seed", "7"),
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for all tests of this module."""
    with launch() as found:
        yield found


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, Outcome]]:
    """The address of the page and the outcome of each run."""
    found = {}
    for name, options in RUNS.items():
        directory = tmp_path_factory.mktemp(name)
        outcome = run(directory, *options)
        found[name] = ((directory / "report" / "index.html").as_uri(), outcome)
    return found


@pytest.fixture(scope="module")
def failing(browser: Browser, outcomes: dict[str, tuple[str, Outcome]]) -> Iterator[tuple[Visit, Outcome]]:
    """The page of a run with failures, and its outcome."""
    url, outcome = outcomes["failing"]
    with visit(browser, url) as found:
        yield found, outcome


@pytest.mark.parametrize("width", [400, 1400])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", RUNS)
def test_page_is_sound(
    browser: Browser, outcomes: dict[str, tuple[str, Outcome]], name: str, width: int, *, dark: bool
) -> None:
    """No complaint in the console, no request, nothing cut or tiny, and no serious fault that axe finds."""
    url, _ = outcomes[name]
    with visit(browser, url, width=width, dark=dark) as found:
        assert [url] == found.requests
        assert not found.is_too_wide
        assert [] == found.cut_tables
        assert found.smallest_label >= 11
        assert [] == found.faults_of_access()
        assert [] == found.complaints


def test_filters_choose_rules(failing: tuple[Visit, Outcome]) -> None:
    """Each filter leaves the rules that it says, alone and with others."""
    found, outcome = failing
    rules = outcome.report["rules"]
    shown = ".rules li:not([hidden]) strong"
    form = found.page.locator("form.filters")
    form.locator("[name=verdict]").select_option("fail")
    assert {rule["id"] for rule in rules if rule["result"] == "fail"} == set(found.texts(shown))
    form.locator("[name=verdict]").select_option("")
    form.locator("[name=level]").select_option("SHOULD")
    form.locator("[name=area]").select_option("BODY")
    expected = {rule["id"] for rule in rules if rule["level"] == "SHOULD" and rule["id"].startswith("BODY")}
    assert expected == set(found.texts(shown))
    assert [f"{len(expected)} of {len(rules)} rules"] == found.texts("form.filters output")
    form.locator("[name=level]").select_option("")
    form.locator("[name=area]").select_option("")
    form.locator("[name=words]").fill("nil max")
    assert ["ID-02"] == found.texts(shown)
    form.locator("[name=words]").fill("")
    assert len(rules) == len(found.texts(shown))


def test_pictures_show_the_numbers_of_the_report(failing: tuple[Visit, Outcome]) -> None:
    """Ids, statuses, responses, operations, the curve and the times are those of `report.json`."""
    found, outcome = failing
    report = outcome.report
    observed = report["observed"]
    ids: Counter[tuple[str, int]] = Counter()
    undecided: Counter[tuple[str, int]] = Counter()
    for each in observed["ids"]:
        cells_of = undecided if each["outcome"] == "undecided" else ids
        cells_of[each["kind"], ("customerId", "campaignId").index(each["field"])] += each["count"]
    for kind, _, *cells in found.rows("ids"):
        assert [ids[kind, at] or undecided[kind, at] for at in (0, 1)] == [
            sum(map(int, filter(str.isdecimal, cell.replace(":", " ").replace(",", " ").split())))
            for cell in cells
        ]
    statuses = {(each["status"], each["outcome"]): each["count"] for each in observed["statuses"]}
    rows = found.rows("statuses")
    assert len(rows) == 10
    for status, _, *cells in rows:
        numbers = [int(cell.strip("✗ ").partition(":")[0]) for cell in cells]
        assert [statuses.get((status, fate), 0) for fate in ("updated", "not found", "rejected")] == numbers
    (operation,) = (each for each in observed["operations"] if each["responses"] and each["id"][0] != "(")
    seen = {status: text for status, _, text in found.rows("responses-1")}
    assert {"200", "400", "401", "403", "404", "422", "429", "500"} <= seen.keys()
    for status, text in seen.items():
        count = operation["responses"].get(status)
        assert ("once" if count == 1 else f"{count} times" if count else "not seen") == text
    counts = {name: int(count) for name, count, *_ in found.rows("operations")}
    assert {each["id"]: each["requests"] for each in observed["operations"]} == counts
    decided = [rule["decided_at"] for rule in report["rules"] if rule["decided_at"] is not None]
    curve, latency = found.texts("figure .soft-text")
    assert curve.startswith(f"{len(decided)} of {len(report['rules'])} rules were decided")
    assert f"of {report['requests']} requests, the last after {max(decided)}." in curve
    assert len([rule for rule in report["rules"] if rule["found_at"]]) == found.page.locator(".spot").count()
    assert f"the longest {observed['latency_ms']['max']:g} ms" in latency
    bars = found.page.locator("rect.bar title").all_text_contents()
    assert sum(count for _, count in observed["latency_ms"]["histogram"]) == sum(
        int(bar.rpartition(": ")[2].split()[0]) for bar in bars
    )


def test_failures_can_be_copied(failing: tuple[Visit, Outcome]) -> None:
    """Each failure has its request, its replay line and its response, and a button selects or copies one."""
    found, outcome = failing
    for rule in (rule for rule in outcome.report["rules"] if rule["result"] == "fail"):
        article = found.page.locator(f"article#{rule['id']}")
        assert [rule["counterexample"]["request"]] == article.locator(
            f"#curl-{rule['id']}"
        ).all_text_contents()
        assert [rule["counterexample"]["replay"]] == article.locator(
            f"#replay-{rule['id']}"
        ).all_text_contents()
        article.locator(f"button[data-copy='replay-{rule['id']}']").click()
        button = article.locator(f"button[data-copy='replay-{rule['id']}']")
        button.get_by_text("Copied").or_(button.get_by_text("Selected")).wait_for()


def test_commands_keep_their_words(browser: Browser, outcomes: dict[str, tuple[str, Outcome]]) -> None:
    """A word of a command that fits into a line is in one line, and the text to copy is the command."""
    url, outcome = outcomes["failing"]
    with visit(browser, url, width=400) as found:
        words = found.page.locator("pre span:not(.diff)")
        broken = words.evaluate_all(
            "all => all.filter(each => each.textContent.length < 30 && each.getClientRects().length > 1)"
        )
        assert [] == broken
        assert words.count() > 20
        (replay,) = (
            rule["counterexample"]["replay"] for rule in outcome.report["rules"] if rule["id"] == "STATUS-02"
        )
        assert replay == found.page.locator("#replay-STATUS-02").text_content()
