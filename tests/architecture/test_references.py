"""What a docstring, a comment or a document names is there: files by their path, or by their name beside the reader."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WHOLE = re.compile(r"(?<![\w/.<>{}*-])((?:[\w.-]+/)+[\w-]+\.(?:py|sql|md|html|js|css|toml|yml))\b(?::(\w+))?")
BARE = re.compile(r"(?<![\w/.<>{}*\"'-])([a-z_]+\.(?:py|sql))\b(?::(\w+))?")
# Documents that are not in the repository.
ELSEWHERE = re.compile(r"\bcontracts \d|\bprotocol\.md|\bidentity\.md \d|\breliability\.md \d|`event_list`")
READ = {".py", ".sql", ".md"}
FREE = ("CHANGELOG.md", "benchmarks/results/")  # what was true when it was written


def files() -> list[Path]:
    """All that git knows, or will."""
    asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    said = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [Path(line) for line in said.splitlines() if (ROOT / line).is_file()]


FILES = files()
KNOWN = {str(file) for file in FILES}
NAMES = {file.name for file in FILES}
TEXTS = [file for file in FILES if file.suffix in READ and not str(file).startswith(FREE)]


def prose(file: Path) -> str:
    """What is written for readers: of a program its docstrings and comments."""
    text = (ROOT / file).read_text(encoding="utf-8")
    if file.suffix == ".md":
        return text
    if file.suffix == ".sql":
        return "\n".join(re.findall(r"--.*", text))
    return "\n".join(re.findall(r'"""[\s\S]*?"""|#.*', text))


def missing(file: Path, text: str) -> list[str]:
    """The references of a text that lead nowhere."""
    found = [match[0] for match in ELSEWHERE.finditer(text)]
    for path, name in WHOLE.findall(text):
        places = {path, str(file.parent / path), *(str(parent / path) for parent in file.parents)}
        there = sorted(places & KNOWN)
        if not there and not any(known.endswith(f"/{path}") for known in KNOWN):
            found.append(path)
        elif there and name and not re.search(rf"\b{name}\b", (ROOT / there[0]).read_text(encoding="utf-8")):
            found.append(f"{path}:{name}")
    found += [name for name, _ in BARE.findall(text) if name not in NAMES]
    return found


@pytest.mark.parametrize("file", TEXTS, ids=str)
def test_what_is_named_is_there(file: Path) -> None:
    assert missing(file, prose(file)) == [], f"{file} leads somewhere that is gone: mend it."


def test_what_is_gone_is_seen() -> None:
    text = "See cdp/pages/gone.py, docs/gone.md, gone.py and kernel/db.py:no_such_name; contracts 5."
    assert len(missing(Path("kernel/db.py"), text)) == 5
    assert missing(
        Path("kernel/db.py"), "Here: kernel/db.py:Statements, docs/identity.md, errors.py, db.sql"
    ) == ["db.sql"]
