"""Orders of the opening are made from some faults, and told how many of the others they find."""

from pathlib import Path

import pytest

from conformance.suite.opening import Move
from scripts import leave_out, run_faults
from scripts.leave_out import make_order

SEEN = {
    "in a word": frozenset({"ids"}),
    "in both": frozenset({"ids", "later"}),
    "of a status": frozenset({"status", "later"}),
}
RULES = {"in a word": "ID-06", "in both": "ID-06", "of a status": "STATUS-02"}


def test_order_begins_with_what_finds_most() -> None:
    """Each next move is the one that finds most of the faults that were found least; else the first one."""
    moves = ["status", "later", "ids"]
    assert make_order(SEEN, moves, 9) == ["later", "ids", "status"]
    assert make_order(SEEN, moves, 1) == ["later"]
    assert make_order({}, moves, 2) == ["status", "later"]


@pytest.mark.parametrize(
    ("length", "found"),
    [
        (1, ["0 of 2: 0%", "0 of 1: 0%", "0 of 3: 0%", "2 of 3: 67%"]),
        (3, ["2 of 2: 100%", "1 of 1: 100%", "3 of 3: 100%", "3 of 3: 100%"]),
    ],
)
def test_faults_left_out_are_found_by_moves_that_the_others_need(
    monkeypatch: pytest.MonkeyPatch, length: int, found: list[str]
) -> None:
    """A move that only the faults of one rule call for is in no order that is made without them."""
    monkeypatch.setattr(leave_out, "MOVES", length)
    moves = [
        Move(name, [rule]) for name, rule in (("ids", "ID-06"), ("status", "STATUS-02"), ("later", "HTTP-03"))
    ]
    rows = leave_out.leave_out(SEEN, RULES, moves)
    left_out = ["each rule of ID in turn", "each rule of STATUS in turn", "each rule in turn", "no rule"]
    assert rows == [f"| {name} | {count} |" for name, count in zip(left_out, found, strict=True)]


def test_table_is_made_of_what_the_runner_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The moves that saw a fault are in the findings, so the table takes no further request."""
    path = tmp_path / "findings.json"
    run_faults.main(["accepts_expired", "leaves_out_success", "--max-requests=20", f"--findings={path}"])
    found = run_faults.load(path)["accepts_expired"]
    assert leave_out.seen_by_moves({"it": found}) == {"it": {"expired"}}
    capsys.readouterr()
    assert leave_out.main([f"--findings={path}", "--jobs=2"]) == 0
    assert "| no rule | 2 of 2: 100% |" in capsys.readouterr().out


def test_nothing_is_told_of_faults_that_the_opening_does_not_see(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No order can be made from them, and the table has no row."""
    path = tmp_path / "findings.json"
    run_faults.save([], path)
    assert leave_out.main([f"--findings={path}"]) == 0
    assert "sees none" in capsys.readouterr().out
