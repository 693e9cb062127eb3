"""Who does not compare customers pays nothing for it: neither web nor worker imports what only the comparing needs."""

import subprocess
import sys

LOADED = """
import django, sys
django.setup()
import cdp.pipeline.tasks, cdp.urls
print(sorted({"splink", "pypinyin", "pyarrow", "sqlglot"} & set(sys.modules)))
"""


def test_web_and_worker_import_nothing_that_only_comparing_needs(servers) -> None:
    said = subprocess.run(
        [sys.executable, "-c", LOADED], env=servers.environment(), capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == "[]"
