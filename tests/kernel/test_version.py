"""One version, said everywhere."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client

from kernel.models import Member
from kernel.version import version
from tests.shop import Shop


def test_the_newest_version_of_the_changelog_is_ours() -> None:
    said = re.findall(
        r"^## (\d+\.\d+\.\d+) – \d{4}-\d\d-\d\d$", Path("CHANGELOG.md").read_text(), re.MULTILINE
    )
    assert said[0] == version()
    assert said == sorted(said, key=lambda one: tuple(map(int, one.split("."))), reverse=True)


@pytest.mark.parametrize("word", ["--version", "version"])
def test_a_command_says_it(word: str) -> None:
    command = [sys.executable, "manage.py", word]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert said.stdout.strip() == version()


def test_every_page_says_it_in_its_foot(db: None) -> None:
    shop, client = Shop(), Client()
    user = User.objects.create_user("reader")
    Member.objects.create(workspace=shop.workspace, user=user, role="viewer")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert f"Huiliu {version()}" in client.get("/customers/").content.decode()
