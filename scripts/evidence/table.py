"""The file of a measurement: a table that is written row by row, by one call or by several together."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

_ROW = re.compile(r"\| (?P<name>[^|]+) \|.*\|")


class Table:
    """A Markdown file with one table, whose first column names the row.

    If it goes on, it keeps the rows that the file has from earlier calls.
    """

    def __init__(
        self, path: Path, title: str, command: str, columns: Sequence[str], *, goes_on: bool = False
    ) -> None:
        self._path = path
        self._title = title
        self._command = command
        self._columns = columns
        self._header = f"| {' | '.join(columns)} |"
        self.rows = self._read() if goes_on else {}
        """The rows of the table, by their names."""

    def _read(self) -> dict[str, str]:
        lines = self._path.read_text("utf-8").splitlines() if self._path.exists() else []
        if self._header not in lines:
            return {}
        rows = map(_ROW.fullmatch, lines[lines.index(self._header) + 2 :])
        return {row["name"]: row[0] for row in rows if row}

    def add(self, cells: Sequence[object], summary: str) -> None:
        """Add a row, or write it anew, and write the file with a sentence that sums it up."""
        texts = [str(cell).replace("|", "/").replace("\n", " ") for cell in cells]
        self.rows[texts[0]] = f"| {' | '.join(texts)} |"
        print(self.rows[texts[0]], flush=True)
        lines = [
            f"# {self._title}",
            "",
            f"{datetime.now(UTC).date()}, `python -m {self._command}`:",
            summary,
            "",
            self._header,
            "|" + "---|" * len(self._columns),
            *self.rows.values(),
        ]
        self._path.write_text("\n".join(lines) + "\n", encoding="utf-8")
