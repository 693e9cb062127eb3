"""The addresses of journeys: a line each."""

from django.urls import path

from metrics.journeys import funnel_api, paths_api

urlpatterns = [
    path("funnel/", funnel_api.Funnel.as_view(), name="api-funnel"),
    path("funnel/people/", funnel_api.FunnelPeople.as_view(), name="api-funnel-people"),
    path("paths/", paths_api.Paths.as_view(), name="api-paths"),
    path("paths/people/", paths_api.PathsPeople.as_view(), name="api-paths-people"),
]
