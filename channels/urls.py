"""The addresses of channels' pages. The read API: cdp/api_urls.py; what clients send to: cdp/server.py;
mending and replaying wake the worker: cdp/pages/repair.py."""

from django.urls import path

from channels.pages import channels, rejects

urlpatterns = [
    path("channels/", channels.show, name="channels"),
    path("channels/add/", channels.add, name="channel-add"),
    path("channels/connectors/<int:number>/key/", channels.key, name="connector-key"),
    path("channels/connectors/<int:number>/limit/", channels.limit, name="connector-limit"),
    path("channels/<slug:slug>/", channels.one, name="channel"),
    path("channels/<slug:slug>/connectors/add/", channels.add_connector, name="connector-add"),
    path("rejects/", rejects.show, name="rejects"),
    path("rejects/<uuid:key>/", rejects.opened, name="reject"),
]
