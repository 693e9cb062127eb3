"""The routes of the pages that need several parts. Those of one part stand in its own `urls.py`."""

from django.urls import path

from cdp.pages import customer, customers, frame, live, overview, preferences, search, signin

urlpatterns = [
    path("", overview.show, name="overview"),
    path("customers/", customers.show, name="customers"),
    path("customers/<uuid:key>/", customer.show, name="customer"),
    path("customers/<uuid:key>/timeline/", customer.more, name="customer-timeline"),
    path("live/", live.show, name="live"),
    path("live/stream/", live.stream, name="live-stream"),
    path("live/<uuid:key>/<int:position>/", live.opened, name="live-event"),
    path("search/", search.show, name="search"),
    path("signin/", signin.show, name="signin"),
    path("signout/", signin.leave, name="signout"),
    path("preferences/language/", preferences.language, name="language"),
    path("preferences/theme/", preferences.theme, name="theme"),
    path("preferences/workspace/", preferences.workspace, name="workspace"),
    path("frame/freshness/", frame.freshness, name="freshness"),
    path("frame/job/<int:number>/", frame.job, name="job"),
]
