"""The addresses of attribution: a line each."""

from django.urls import path

from metrics.attribution import api

urlpatterns = [
    path("", api.Attribution.as_view(), name="api-attribution"),
    path("orders/", api.AttributionOrders.as_view(), name="api-attribution-orders"),
    path(
        "orders/<slug:channel>/<path:order_id>/", api.AttributionOrder.as_view(), name="api-attribution-order"
    ),
    path("people/", api.AttributionPeople.as_view(), name="api-attribution-people"),
]
