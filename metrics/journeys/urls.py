"""The addresses of journeys: a line each."""

from django.urls import path

from metrics.journeys import funnel_api, paths_api, retention_api, switching_api, touchpoints_api

urlpatterns = [
    path("funnel/", funnel_api.Funnel.as_view(), name="api-funnel"),
    path("funnel/people/", funnel_api.FunnelPeople.as_view(), name="api-funnel-people"),
    path("retention/", retention_api.Retention.as_view(), name="api-retention"),
    path("retention/people/", retention_api.RetentionPeople.as_view(), name="api-retention-people"),
    path("switching/", switching_api.Switching.as_view(), name="api-switching"),
    path("switching/people/", switching_api.SwitchingPeople.as_view(), name="api-switching-people"),
    path("switching/value/", switching_api.ChannelValue.as_view(), name="api-channel-value"),
    path("touchpoints/", touchpoints_api.Touchpoints.as_view(), name="api-touchpoints"),
    path("touchpoints/people/", touchpoints_api.TouchpointPeople.as_view(), name="api-touchpoint-people"),
    path("paths/", paths_api.Paths.as_view(), name="api-paths"),
    path("paths/people/", paths_api.PathsPeople.as_view(), name="api-paths-people"),
]
