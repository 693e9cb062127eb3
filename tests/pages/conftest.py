"""A workspace with people who may look at it, for tests of pages. Models are imported late: Django is set up first."""

from typing import Any

import pytest

PASSWORD = "a long enough password"


@pytest.fixture
def workspace(db: None) -> Any:
    """An empty workspace."""
    from kernel.models import Workspace

    return Workspace.objects.get_or_create(slug="main", defaults={"name": "Hemu Home"})[0]


@pytest.fixture
def shop(workspace: Any) -> Any:
    """The workspace's first channel, with its connector and key."""
    from channels import setup

    return setup.add_channel(workspace, "Web shop", "web")


@pytest.fixture
def signed_in(workspace: Any) -> Any:
    """`signed_in("analyst")`: a browser of somebody with that role."""
    from django.contrib.auth.models import User
    from django.test import Client

    from kernel.models import Member

    def make(role: str = "admin") -> Client:
        user = User.objects.create_user(role, password=PASSWORD)
        Member.objects.create(workspace=workspace, user=user, role=role)
        client = Client()
        client.force_login(user)
        return client

    return make
