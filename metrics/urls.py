"""The addresses of metrics: its API. Pages: metrics/pages."""

from django.urls import include, path

from metrics import api, payouts_api, target_api
from metrics.boards import api as boards
from metrics.consistency import api as consistency
from metrics.roi import api as roi

urlpatterns = [
    path("api/", include("metrics.assortment.urls")),
    path("api/journeys/", include("metrics.journeys.urls")),
    path("api/allocation/", include("metrics.allocation.urls")),
    path("api/attribution/", include("metrics.attribution.urls")),
    path("api/marketing/", include("metrics.marketing.urls")),
    path("api/membership/", include("metrics.loyalty.urls")),
    path("api/", include("metrics.service.urls")),
    path("api/segments/", include("metrics.segments.urls")),
    path("api/metrics/", api.Catalogue.as_view(), name="api-metrics"),
    path("api/metrics/<str:name>/", api.Metric.as_view(), name="api-metric"),
    path("api/metrics/<str:name>/rows/", api.Rows.as_view(), name="api-metric-rows"),
    path("api/metrics/<str:name>/target/", target_api.Target.as_view(), name="api-metric-target"),
    path("api/payouts/", payouts_api.Payouts.as_view(), name="api-payouts"),
    path("api/consistency/", consistency.ConsistencyView.as_view(), name="api-consistency"),
    path("api/consistency/people/", consistency.ConsistencyPeople.as_view(), name="api-consistency-people"),
    path("api/roi/", roi.Roi.as_view(), name="api-roi"),
    path("api/analyses/", boards.Analyses.as_view(), name="api-analyses"),
    path("api/analyses/<int:number>/", boards.Analysis.as_view(), name="api-analysis"),
    path("api/boards/", boards.Boards.as_view(), name="api-boards"),
    path("api/boards/<slug:slug>/", boards.Board.as_view(), name="api-board"),
]
