"""The addresses of journeys: a line each."""

from django.urls import path

from metrics.journeys import funnel_api

urlpatterns = [
    path("funnel/", funnel_api.Funnel.as_view(), name="api-funnel"),
    path("funnel/people/", funnel_api.FunnelPeople.as_view(), name="api-funnel-people"),
]
