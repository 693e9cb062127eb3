"""The addresses of shelves: parity and stock. Not here: their pages (console/consistency)."""

from django.urls import path

from metrics.assortment import parity_api, stock_api

urlpatterns = [
    path("parity/", parity_api.Parity.as_view(), name="api-parity"),
    path("parity/rates/", parity_api.ParityRates.as_view(), name="api-parity-rates"),
    path("parity/history/", parity_api.ParityHistory.as_view(), name="api-parity-history"),
    path("parity/people/", parity_api.ParityPeople.as_view(), name="api-parity-people"),
    path("parity/rules/", parity_api.ParityRule.as_view(), name="api-parity-rules"),
    path("stock/", stock_api.Stock.as_view(), name="api-stock"),
    path("stock/transfers/", stock_api.Transfers.as_view(), name="api-stock-transfers"),
    path("stock/oversold/", stock_api.OversoldOrders.as_view(), name="api-stock-oversold"),
]
