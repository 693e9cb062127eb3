"""Where a person's values can lie: every table in which a text can stand, every file, and how each is dealt with.

A test names the table that this list forgot. A new table: its line here, and what goes in its part's `erase.py`.
"""

from typing import Final

MADE_ANEW: Final = "made anew"  # what is counted stays, values go
TOKENS: Final = "tokens"  # a value's place is taken by a token, everywhere in it
GOES: Final = "goes"  # the whole row, or all rows: they are made again when they are asked for
NOBODY: Final = (
    "nobody"  # holds what people of the company set, or numbers and names of things: no customer's values
)

TABLES: Final[dict[str, str]] = {
    # channels: what came
    "channels_inbox": MADE_ANEW,
    "channels_reject": GOES,
    "channels_repair": GOES,
    "channels_violation": GOES,
    "channels_import": GOES,
    "channels_import_chunk": GOES,
    "channels_import_part": GOES,
    "channels_delivery": GOES,  # to whom; that something was sent stays
    "channels_lookup": TOKENS,
    "channels_watched": TOKENS,
    "channels_pull": TOKENS,
    "channels_asked": NOBODY,
    "channels_channel": NOBODY,
    "channels_cleaned": NOBODY,
    "channels_connector": NOBODY,
    "channels_destination": NOBODY,
    "channels_mapping": NOBODY,
    "channels_pace": NOBODY,
    "channels_plan": NOBODY,
    "channels_planned": NOBODY,
    "channels_token": NOBODY,
    "channels_unsigned": NOBODY,
    "channels_watch": NOBODY,
    "channels_writekey": NOBODY,
    # profiles: who it was
    "profiles_event": MADE_ANEW,
    "profiles_surrounding": GOES,
    "profiles_identifier": TOKENS,
    "profiles_trait": GOES,
    "profiles_number": TOKENS,
    "profiles_consent": MADE_ANEW,  # that it was given or taken back; no proof
    "profiles_consent_signal": GOES,
    "profiles_suggestion": GOES,
    "profiles_summary": GOES,
    "profiles_gram": GOES,
    "profiles_edit": TOKENS,
    "profiles_manual": TOKENS,
    "profiles_later": NOBODY,
    "profiles_blocked": NOBODY,
    "profiles_kind": NOBODY,
    "profiles_erasure": NOBODY,
    # metrics: what it adds up to
    "metrics_order_message": MADE_ANEW,
    "metrics_fact_message": MADE_ANEW,
    "metrics_answer": MADE_ANEW,
    **dict.fromkeys(("metrics_order", "metrics_order_ref", "metrics_order_line", "metrics_refund"), TOKENS),
    **dict.fromkeys(("metrics_return", "metrics_return_line", "metrics_payment", "metrics_shipment"), TOKENS),
    **dict.fromkeys(("metrics_settlement", "metrics_waiting", "metrics_payout", "metrics_fact_ref"), TOKENS),
    **dict.fromkeys(
        ("metrics_ticket", "metrics_membership", "metrics_member_account", "metrics_spend"), TOKENS
    ),
    **dict.fromkeys(("metrics_product", "metrics_analysis", "metrics_board"), TOKENS),
    **dict.fromkeys(("metrics_segment", "metrics_segment_member", "metrics_segment_change"), TOKENS),
    "metrics_attribution": GOES,
    "metrics_mirror_change": GOES,
    **dict.fromkeys(
        ("metrics_cost", "metrics_price", "metrics_rate", "metrics_stock", "metrics_target"), NOBODY
    ),
    **dict.fromkeys(("metrics_kept_target", "metrics_owed", "metrics_rollup", "metrics_span"), NOBODY),
    # What channels agreed about money is closed for good: numbers of orders, no word of a customer's.
    **dict.fromkeys(("metrics_allocation_rules", "metrics_statement", "metrics_statement_order"), NOBODY),
    **dict.fromkeys(("metrics_statement_note", "metrics_statement_share"), NOBODY),
    # kernel and Django
    "kernel_filepart": GOES,
    "kernel_savedview": GOES,
    "kernel_job": TOKENS,
    "kernel_audit": TOKENS,
    **dict.fromkeys(("kernel_apitoken", "kernel_heartbeat", "kernel_member", "kernel_retention"), NOBODY),
    "kernel_workspace": NOBODY,
    **dict.fromkeys(("auth_group", "auth_permission", "auth_user", "django_session"), NOBODY),
    **dict.fromkeys(("axes_accessattempt", "axes_accessfailurelog", "axes_accesslog"), NOBODY),
    **dict.fromkeys(("django_content_type", "django_migrations"), NOBODY),
}
# Beside the database. The mirror's change files are made out of `metrics_mirror_change`.
FILES: Final[dict[str, str]] = {
    "mirror": MADE_ANEW,  # the workspace's Parquet files, in the folder and in the bucket: all others are removed
    "erasures": NOBODY,  # the journal: keyed hashes alone
    "backups": "erased again after they are restored: manage.py erase --again",
}
