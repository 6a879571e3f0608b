"""Say what the order of the opening promises of faults that it was not measured by.

`python -m scripts.leave_out --findings FILE`, with what `scripts.run_faults` wrote there. The faults of each
rule are left out in turn: an order is made by greedy set cover, from what the moves ask about and from all
other faults, and then sent those that were left out.
"""

import argparse
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from conformance.suite.opening import FIRST, THEN, Move
from scripts.run_faults import Finding, load

MOVES = 57
"""How long an order is: 60 requests, less the three that ask about the rate limit."""
AGAIN = 1 / 2
"""What it is worth to find a fault once more, as a part of what it was worth the time before."""
_OPENING = re.compile(r"::test_opening\w*\[(.*)\]$")
Seen = Mapping[str, frozenset[str]]
"""By the name of a fault, or by a rule, the moves that see it, or ask about it."""


def seen_by_moves(findings: Mapping[str, Finding]) -> dict[str, frozenset[str]]:
    """The moves of the opening that see each fault, of the faults that any of them sees."""
    moves = {
        name: frozenset(match[1] for test in finding.seen_by if (match := _OPENING.search(test)))
        for name, finding in findings.items()
    }
    return {name: seen for name, seen in moves.items() if seen}


def make_order(seen: Seen, moves: Sequence[str], length: int) -> list[str]:
    """An order of so many moves: next comes what finds most of the faults that were found least so far."""
    finds: dict[str, list[str]] = defaultdict(list)
    for fault, names in seen.items():
        for name in names:
            finds[name].append(fault)
    found: Counter[str] = Counter()
    order: list[str] = []
    while len(order) < min(length, len(moves)):
        left = [move for move in moves if move not in order]
        order.append(max(left, key=lambda move: sum(AGAIN ** found[fault] for fault in finds[move])))
        found.update(finds[order[-1]])
    return order


def count_found(seen: Seen, order: Collection[str]) -> int:
    """How many of the faults an order finds."""
    return sum(1 for by in seen.values() if not by.isdisjoint(order))


def leave_out(seen: Seen, rules: Mapping[str, str], moves: Sequence[Move]) -> list[str]:
    """The rows of the table: by the area of a rule, what orders find that were made without its faults.

    Args:
        seen: the moves that see each fault.
        rules: the rule that each fault breaks.
        moves: what orders are made of.

    """
    names = [move.name for move in moves]
    asked = {rule: frozenset(move.name for move in moves if rule in move.rules) for rule in rules.values()}
    found: Counter[str] = Counter()
    for rule in sorted(asked):
        others = {fault: by for fault, by in seen.items() if rules[fault] != rule}
        left_out = {fault: by for fault, by in seen.items() if rules[fault] == rule}
        found[rule.partition("-")[0]] += count_found(left_out, make_order({**others, **asked}, names, MOVES))
    sizes = Counter(rules[fault].partition("-")[0] for fault in seen)
    rows = [(f"each rule of {area} in turn", found[area], size) for area, size in sorted(sizes.items())]
    rows.append(("each rule in turn", found.total(), len(seen)))
    rows.append(("no rule", count_found(seen, make_order({**seen, **asked}, names, MOVES)), len(seen)))
    return [f"| {name} | {count} of {size}: {count / size:.0%} |" for name, count, size in rows]


def main(arguments: Sequence[str]) -> int:
    """Print the table; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m scripts.leave_out", description=__doc__)
    parser.add_argument("--findings", type=Path, metavar="FILE", required=True, help="what run_faults wrote")
    known, _ = parser.parse_known_args(arguments)  # the env hands the options of the others on
    findings = load(known.findings)
    seen = seen_by_moves(findings)
    if not seen:
        print("the opening sees none of these faults, so no order can be made from them")
        return 0
    rules = {name: findings[name].fault.breaks for name in seen}
    print(f"| faults left out, of those that the opening sees | found by {MOVES} moves |\n|---|---|")
    print("\n".join(leave_out(seen, rules, [*FIRST, *THEN])))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
