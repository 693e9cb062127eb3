"""What the API answers about members, tokens and the record of what was done: for its description alone."""

from rest_framework import serializers

from kernel.models import Role
from kernel.web.access import SCOPES
from kernel.web.openapi import JsonValue, page_of

STATES = ("active", "invited")


class Member(serializers.Serializer):
    """Who belongs to the workspace."""

    id = serializers.IntegerField()
    email = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.values)
    state = serializers.ChoiceField(choices=STATES, help_text="invited: no password was set yet.")
    last_login = serializers.DateTimeField(allow_null=True)
    last_seen = serializers.DateTimeField(allow_null=True, help_text="On its pages, to the minute.")
    invited_until = serializers.DateTimeField(
        allow_null=True,
        help_text="Until when the newest link to set a password is good; null: there is none.",
    )


class Invited(Member):
    """A new member, or one who gets another password, with the link to hand on."""

    link = serializers.CharField(allow_null=True, help_text="Null: they have a password already.")
    link_until = serializers.DateTimeField(allow_null=True)


class InvitationAsked(serializers.Serializer):
    """Who is invited."""

    email = serializers.EmailField()
    role = serializers.ChoiceField(choices=Role.values)


class RoleAsked(serializers.Serializer):
    """Another role."""

    role = serializers.ChoiceField(choices=Role.values)


class Token(serializers.Serializer):
    """A token that works."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    owner = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.values)
    scope = serializers.ChoiceField(
        choices=SCOPES, allow_blank=True, help_text="`summary`: people's summaries and nothing else."
    )
    prefix = serializers.CharField(help_text="What it begins with.")
    created_at = serializers.DateTimeField()
    used_at = serializers.DateTimeField(allow_null=True, help_text="To the minute.")
    expires_at = serializers.DateTimeField(allow_null=True)


class TokenMade(Token):
    """A new one, shown this once."""

    token = serializers.CharField()


class TokenAsked(serializers.Serializer):
    """What a token is for."""

    name = serializers.CharField(max_length=80)
    role = serializers.ChoiceField(choices=Role.values, required=False, help_text="None: your own.")
    scope = serializers.ChoiceField(choices=SCOPES, required=False, allow_blank=True)
    days = serializers.IntegerField(required=False, help_text="Until it ends; none: it does not.")


class Deed(serializers.Serializer):
    """Something that was done."""

    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    actor = serializers.CharField()
    action = serializers.CharField()
    target = serializers.CharField()
    detail = JsonValue()


MemberPage = page_of("Member", Member(many=True))
TokenPage = page_of("Token", Token(many=True))
AuditPage = page_of("Deed", Deed(many=True))
