"""The addresses of segments, under /api/segments/."""

from django.urls import path

from metrics.segments import api

urlpatterns = [
    path("", api.Segments.as_view(), name="api-segments"),
    path("preview/", api.SegmentPreview.as_view(), name="api-segment-preview"),
    path("overlap/", api.SegmentOverlap.as_view(), name="api-segment-overlap"),
    path("<slug:slug>/", api.Segment.as_view(), name="api-segment"),
    path("<slug:slug>/members/", api.SegmentMembers.as_view(), name="api-segment-members"),
    path("<slug:slug>/history/", api.SegmentHistory.as_view(), name="api-segment-history"),
    path("<slug:slug>/insight/", api.SegmentInsight.as_view(), name="api-segment-insight"),
]
