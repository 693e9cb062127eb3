"""Segment's clients, RudderStack's, the pixel, our own records: everything that has a write key. Its doors are the
front door's (channels/receive.py, protocol.py), so here is only what an admin reads.
"""

from django.utils.translation import gettext_lazy as _

from channels.connectors.base import API, ConnectorKind, Guide

SEGMENT = ConnectorKind(
    name="http",
    label=_("Tracking API"),
    category="api",
    direction=API,
    about=_("Events, orders and records from a site, an app or a server, with Segment's clients or by HTTP."),
    guide=Guide(
        steps=(
            _("Copy the write key of the connector."),
            _("Give it to the client with this server's address, or send it with each request."),
            _("Send one event: it shows on the connector's page within a second."),
        ),
    ),
)
