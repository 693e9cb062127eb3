"""The addresses of after-sales and payments: a line each."""

from django.urls import path

from metrics.service import aftersales_api, payments_api

urlpatterns = [
    path("aftersales/returns/", aftersales_api.Returns.as_view(), name="api-returns"),
    path("aftersales/returns/rows/", aftersales_api.ReturnRows.as_view(), name="api-return-rows"),
    path("aftersales/tickets/", aftersales_api.Tickets.as_view(), name="api-tickets"),
    path("aftersales/tickets/rows/", aftersales_api.TicketRows.as_view(), name="api-ticket-rows"),
    path(
        "aftersales/orders/<slug:channel>/<path:order_id>/",
        aftersales_api.Order.as_view(),
        name="api-order-story",
    ),
    path("payments/", payments_api.Payments.as_view(), name="api-payments"),
    path("payments/rows/", payments_api.PaymentRows.as_view(), name="api-payment-rows"),
    path("payments/arrival/", payments_api.Arrival.as_view(), name="api-payment-arrival"),
    path("payments/troubles/", payments_api.Troubles.as_view(), name="api-payment-troubles"),
]
