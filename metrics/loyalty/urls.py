"""The addresses of membership: a line each."""

from django.urls import path

from metrics.loyalty import accounts_api, joining_api, membership_api

urlpatterns = [
    path("", membership_api.Membership.as_view(), name="api-membership"),
    path("people/", membership_api.MembershipPeople.as_view(), name="api-membership-people"),
    path("accounts/", accounts_api.MemberAccounts.as_view(), name="api-membership-accounts"),
    path("joining/", joining_api.Joining.as_view(), name="api-joining"),
    path("joining/people/", joining_api.JoiningPeople.as_view(), name="api-joining-people"),
]
