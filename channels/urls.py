"""The addresses of channels' pages. The read API: cdp/api_urls.py; what clients send to: cdp/server.py;
mending and replaying wake the worker: cdp/pages/repair.py."""

from django.urls import path

from channels.pages import channel, channels, rejects

urlpatterns = [
    path("channels/", channels.show, name="channels"),
    path("channels/add/", channels.add, name="channel-add"),
    path("channels/connectors/<int:number>/key/", channel.key, name="connector-key"),
    path("channels/connectors/<int:number>/limit/", channel.limit, name="connector-limit"),
    path("channels/connectors/<int:number>/set/", channel.connector, name="connector-set"),
    path("channels/<slug:slug>/", channel.one, name="channel"),
    path("channels/<slug:slug>/set/", channel.change, name="channel-set"),
    path("channels/<slug:slug>/connectors/add/", channel.add_connector, name="connector-add"),
    path("rejects/", rejects.show, name="rejects"),
    path("rejects/<uuid:key>/", rejects.opened, name="reject"),
]
