"""Compare the client with the stock output of its generator: `python -m scripts.evidence.compare_stock`.

Every cell of the table is the outcome of a probe that runs in a process with only one of the two clients. The
exit status is 1 if our client fails a probe. `compare_stock.md` has the last table, which each run writes.
"""

import json
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from conformance.contract.document import REPOSITORY, load
from scripts.evidence.production_probes import PRODUCTION
from scripts.evidence.stock_probes import BASIC
from scripts.evidence.stock_subject import Failed, Subject

PROBES = (*BASIC, *PRODUCTION)
PAGE = Path(__file__).with_suffix(".md")


def main() -> int:
    """Probe both clients, and both generators, and print the table."""
    from scripts.evidence.growth_probes import GROWTH, Ours, Stock  # noqa: PLC0415 - the probes run where there is no generator

    with tempfile.TemporaryDirectory() as directory:
        Stock().generate(dict(load().raw), Path(directory) / "carecycle_client")
        stock = _probed(Path(directory), "stock")
    ours = _probed(REPOSITORY / "generated_client", "ours")
    lines = ["| | stock | ours |", "|---|---|---|"]
    for probe in PROBES:
        name = f"{probe.__name__.replace('_', ' ')}: {(probe.__doc__ or '').removesuffix('.')}"
        lines.append(f"| {name} | {stock[probe.__name__]} | {ours[probe.__name__]} |")
    wrong = any(outcome != "passes" for outcome in ours.values())
    for growth in GROWTH:
        found = [growth.outcome(generator) for generator in (Stock(), Ours())]
        lines.append(f"| a contract that grows, {growth.name} | {' | '.join(found)} |")
        wrong = wrong or found[1].startswith("fails")
    table = "\n".join(lines)
    print(table)
    PAGE.write_text(f"{head()}\n{table}\n", encoding="utf-8", newline="\n")
    return int(wrong)


def head() -> str:
    """What stands above the table: the versions and the day."""
    generator = f"openapi-python-client {version('openapi-python-client')}"
    python = f"Python {sys.version_info.major}.{sys.version_info.minor}"
    day = f"{datetime.now(UTC):%d %B %Y}".removeprefix("0")
    words = f"`tox run -e compare-stock`, {generator}, {python}, {day}. A cell is the outcome of a probe:"
    return f"# The client beside the stock output of the same generator\n\n{words}\n"


def _probed(path: Path, which: str) -> dict[str, str]:
    """The outcome of each probe, in a process that can import only one of the clients."""
    environment = {**os.environ, "PYTHONPATH": f"{path}{os.pathsep}{REPOSITORY}", "MYPYPATH": str(path)}
    command = [sys.executable, "-m", "scripts.evidence.compare_stock", which]
    done = subprocess.run(command, cwd=path, env=environment, capture_output=True, text=True, check=True)  # noqa: S603 - this module
    return dict(json.loads(done.stdout))


def probe_all(which: str) -> dict[str, str]:
    """Run the probes on the client that this process can import."""
    outcomes = {}
    for probe in PROBES:
        try:
            probe(Subject(stock=which == "stock"))
        except Failed as failure:
            outcomes[probe.__name__] = f"fails: {failure}"
        except Exception as error:  # noqa: BLE001 - any error is a failure of the probe
            outcomes[probe.__name__] = f"fails: {type(error).__name__}"
        else:
            outcomes[probe.__name__] = "passes"
    return outcomes


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(probe_all(sys.argv[1])))
        sys.exit(0)
    sys.exit(main())
