"""The addresses of profiles' own pages: none yet. A customer's page needs channels and orders too: cdp/pages.

The read API: cdp/api_urls.py.
"""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
