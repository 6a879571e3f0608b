"""The page of the comparison with the stock client says what it was made with."""

import re

from scripts.evidence.compare_stock import PAGE, head

VERSIONS = r"`tox run -e compare-stock`, openapi-python-client [\d.]+, Python 3\.\d+, \d+ \w+ \d{4}\. [^\n]+:"
HEAD = rf"# [^\n]+\n\n{VERSIONS}\n"


def test_page_of_the_comparison_has_its_versions_and_day() -> None:
    """The head that a run writes has the form of that of the page, and the page has the table below it."""
    assert re.fullmatch(HEAD, head())
    assert re.match(HEAD + r"\n\| \| stock \| ours \|\n", PAGE.read_text(encoding="utf-8"))
