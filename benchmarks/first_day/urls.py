"""Two paths."""

from django.urls import path

from benchmarks.first_day import views

urlpatterns = [path("v1/track", views.Track.as_view()), path("v1/batch", views.Batch.as_view())]
