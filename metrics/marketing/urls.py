"""The addresses of marketing: a line each."""

from django.urls import path

from metrics.marketing import campaigns_api, response_api

urlpatterns = [
    path("", campaigns_api.Marketing.as_view(), name="api-marketing"),
    path("people/", campaigns_api.MarketingPeople.as_view(), name="api-marketing-people"),
    path("reach/", campaigns_api.MarketingReach.as_view(), name="api-marketing-reach"),
    path("response/", response_api.MarketingResponse.as_view(), name="api-marketing-response"),
    path("simulate/", response_api.MarketingSimulation.as_view(), name="api-marketing-simulate"),
]
