"""Every address: the parts' own pages, the read API, its description. Not here: /v1, /healthz (server.py)."""

from django.urls import include, path

urlpatterns = [
    path("", include("console.urls")),
    path("api/", include("cdp.api_urls")),
    path("", include("metrics.urls")),
]

handler400 = "cdp.serve.unrouted.bad_request"
handler404 = "cdp.serve.unrouted.not_found"
handler500 = "cdp.serve.unrouted.broken"
