"""`python -m tests.sdk.old_client ADDRESS KEY`: analytics-python says everything. A process of its own, as it
wants other versions of what it stands on than the clients of today (conftest.py installs it beside).
"""

import sys

from analytics.client import Client

from tests.sdk.calls import say_everything

if __name__ == "__main__":
    address, key = sys.argv[1:]
    say_everything(Client(key, host=address, sync_mode=False))
