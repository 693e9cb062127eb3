"""How files are read: selects of DuckDB, as text.

Nothing of DuckDB is loaded with it: a web process asks, and reads nothing.
"""

from collections.abc import Iterable
from pathlib import Path

from metrics.mirror.files import File
from metrics.mirror.tables import Column, Table


def select_of(table: Table, folder: Path, files: Iterable[File]) -> str:
    """A select of the rows of files, with the table's columns whatever there are."""
    paths = [f"'{quoted(folder / file.name)}'" for file in files]
    columns = ", ".join(table.names)
    if not paths:
        return nothing(table.columns)
    return f"select {columns} from read_parquet([{', '.join(paths)}])"


def nothing(columns: Iterable[Column]) -> str:
    """A select of no rows of these columns."""
    return f"select {', '.join(f'null::{column.type} as {column.name}' for column in columns)} where false"


def quoted(path: Path) -> str:
    """A path as it stands in a statement between quotes."""
    return str(path).replace("'", "''")
