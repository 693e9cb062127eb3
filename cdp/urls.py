"""Every address: the parts' own pages, the read API, its description. Not here: /v1, /healthz (server.py)."""

from django.urls import include, path

urlpatterns = [
    path("", include("cdp.pages.urls")),
    path("api/", include("cdp.api_urls")),
    path("", include("channels.urls")),
    path("", include("profiles.urls")),
    path("", include("metrics.urls")),
]

handler404 = "cdp.kernel.api.no_such_address"
