"""An event is checked by a serializer and created as a row of its person; a batch is a list of them, all or none."""

from typing import Any

from django.db import transaction
from rest_framework.authentication import BasicAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from benchmarks.first_day.models import Source
from benchmarks.first_day.serializers import ReceivedSerializer


class WriteKeys(BasicAuthentication):
    """The key of a channel system, as its client sends it."""

    def authenticate_credentials(self, userid: str, password: str, request: Any = None) -> tuple[Any, None]:
        """Whose key it is."""
        source = Source.objects.filter(key=userid).first()
        if source is None:
            raise AuthenticationFailed
        return source, None


class Track(APIView):
    """One event."""

    authentication_classes = (WriteKeys,)
    permission_classes = (IsAuthenticated,)

    def post(self, request: Request) -> Response:
        """Checked, stored, answered."""
        serializer = ReceivedSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        serializer.save(source=request.user)
        return Response({"success": True})


class Batch(APIView):
    """Many."""

    authentication_classes = (WriteKeys,)
    permission_classes = (IsAuthenticated,)

    def post(self, request: Request) -> Response:
        """All or none."""
        serializer = ReceivedSerializer(data=request.data["batch"], many=True)
        serializer.is_valid(raise_exception=True)
        with transaction.atomic():
            serializer.save(source=request.user)
        return Response({"success": True})
