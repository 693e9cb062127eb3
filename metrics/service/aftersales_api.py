"""After-sales over HTTP: returns, tickets, the rows behind them, one order whole. Not here: how they are counted."""

from typing import Any

from django.db import connection
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.web.api import ApiView, limit, paged, parameters
from metrics import api, query
from metrics.journeys import asking
from metrics.service import answers, listing, return_rows, returns, story, ticket_rows, tickets
from metrics.service.asking import NULL, cell, costs
from metrics.service.listing import Slice

BOUGHT = asking.text_of("bought", "slug of the channel of the order; default any")


class Returns(ApiView):
    """Bought in one channel, returned in another."""

    @extend_schema(parameters=api.PERIOD, responses=answers.ReturnsAnswer)
    def get(self, request: Request) -> Response:
        """A cell for each pair of channels; returns by their receipt, money by the refund's own day.

        The sums of the cells are the catalogue's returns and refunds.
        """
        given = parameters(request, ("from", "to"))
        with asking.opened(self.access.workspace, given) as asked:
            return Response(returns.returns(connection, asked).json())


class ReturnRows(ApiView):
    """The rows behind a cell."""

    shows_contacts = True

    @extend_schema(
        parameters=[
            *api.PERIOD,
            asking.text_of("rows", "returns (default): received in the period; refunds: paid back in it"),
            BOUGHT,
            asking.text_of(
                "returned", f"slug of the channel where goods came back, {NULL} for none; default any"
            ),
            *api.PAGING,
        ],
        responses=answers.ServiceReturnPage,
    )
    def get(self, request: Request) -> Response:
        """A cursor page, newest first."""
        given = parameters(request, ("from", "to", "rows", "bought", "returned"))
        what = asking.one_of("rows", given.get("rows", return_rows.WHAT[0]), return_rows.WHAT)
        with asking.opened(self.access.workspace, given) as asked:
            which = cell(asked.settings.channels, given, "bought", "returned")
            wanted = Slice(given.get("cursor"), limit(request), self.access.masked)
            found = listing.page(connection, asked, return_rows.LISTS[what], wanted, **which)
        answer = paged(request, found)
        answer.data["rows"] = what
        return answer


class Tickets(ApiView):
    """Bought in one channel, served in another."""

    @extend_schema(
        parameters=[
            *api.PERIOD,
            asking.text_of("cost", "CHANNEL:AMOUNT, may repeat: what a ticket costs there; never guessed"),
        ],
        responses=answers.TicketsAnswer,
    )
    def get(self, request: Request) -> Response:
        """A cell for each pair of channels, and the sums of each that serves."""
        given = parameters(request, ("from", "to"), ["cost"])
        with asking.opened(self.access.workspace, given) as asked:
            each = costs(asked.settings.channels, given.get("cost", ()))
            return Response(tickets.tickets(asked, each).json())


class TicketRows(ApiView):
    """The tickets behind a cell."""

    shows_contacts = True

    @extend_schema(
        parameters=[
            *api.PERIOD,
            asking.text_of("which", f"{', '.join(ticket_rows.WHICH)}; default opened: all"),
            asking.text_of("bought", f"slug of the channel of the order, {NULL} for no order; default any"),
            asking.text_of("served", "slug of the channel that serves; default any"),
            *api.PAGING,
        ],
        responses=answers.ServiceTicketPage,
    )
    def get(self, request: Request) -> Response:
        """A cursor page, newest first."""
        given = parameters(request, ("from", "to", "which", "bought", "served"))
        which = asking.one_of("which", given.get("which", "opened"), ticket_rows.WHICH)
        with asking.opened(self.access.workspace, given) as asked:
            of_cell = cell(asked.settings.channels, given, "bought", "served")
            wanted = Slice(given.get("cursor"), limit(request), self.access.masked)
            return paged(
                request, listing.page(connection, asked, ticket_rows.tickets(which), wanted, **of_cell)
            )


class Order(ApiView):
    """One order from end to end."""

    shows_contacts = True

    @extend_schema(responses=answers.OrderStory)
    def get(self, request: Request, channel: str, order_id: str) -> Response:
        """The order, and by time what happened to it: payments, parcels, returns, refunds, tickets, answers."""
        parameters(request)
        settings = query.reporting_settings(connection, self.access.workspace)
        found = story.story(connection, settings, channel, order_id)
        answer: dict[str, Any] = found.json(settings, masked=self.access.masked)
        return Response(answer)
