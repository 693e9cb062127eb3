"""The one place where a rule asks for consent: by a view that says the latest word of each purpose and channel.

The view is `profiles_consented (workspace_id, profile_id, purpose, channel, given)`, channel '' for one that was given
without a channel. Where there is none, nobody's consent is known, and a rule that asks for it is refused.
Not here: how consent is kept.
"""

from django.utils.translation import gettext as _

from kernel.db import Connection, rows
from kernel.errors import BadRequest
from metrics.segments.rule import Consent
from profiles.queries import choosing

VIEW = "profiles_consented"


def condition(db: Connection, asked: Consent, place: str) -> choosing.Part:
    """As a condition on `s`. Without a channel: of any. Withheld is what was never given, or taken back."""
    if not rows(db, "select to_regclass(%(view)s::text) is not null", view=VIEW)[0][0]:
        raise BadRequest(
            _("Consent is not kept here yet: a rule cannot ask for it. Take the condition out of the rule."),
            "no_consents",
        )
    values = {f"{place}_purpose": asked.purpose}
    channel = ""
    if asked.channel:
        channel = f" and c.channel = %({place}_channel)s::text"
        values[f"{place}_channel"] = asked.channel
    text = (
        f"s.profile_id in (select c.profile_id from {VIEW} c where c.workspace_id = %(workspace)s::int"
        f" and c.purpose = %({place}_purpose)s::text{channel} and c.given)"
    )
    return choosing.Part(text if asked.given else f"not {text}", values)
