"""Runs whose results a file keeps, so that an evidence script that was stopped goes on where it was."""

import json
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


def run_rest(
    tasks: Sequence[Task],
    run: Callable[[Task], Result],
    *,
    jobs: int,
    path: Path | None,
    read: Callable[[dict[str, object]], tuple[Task, Result]],
) -> Iterator[Result]:
    """The result of each task: from the lines of a file, or from a run in a fork, which adds a line.

    Args:
        tasks: what to run.
        run: runs one of them.
        jobs: how many at a time.
        path: the file, or None to keep nothing.
        read: the task and the result of a line.

    """
    lines = path.read_text(encoding="utf-8").splitlines() if path is not None and path.exists() else []
    kept = dict(read(json.loads(line)) for line in lines)
    yield from (kept[task] for task in tasks if task in kept)
    rest = [task for task in tasks if task not in kept]
    with get_context("fork").Pool(jobs, maxtasksperchild=1) as pool:
        for result in pool.imap_unordered(run, rest):
            if path is not None:
                with path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(vars(result)) + "\n")
            yield result
