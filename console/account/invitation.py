"""The page on which somebody sets a password by the link they were given. Not here: whose it is (kernel/people)."""

from dataclasses import dataclass

from django.contrib.auth import login
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from kernel import audit
from kernel.errors import BadRequest
from kernel.people import members
from kernel.web.page import render

TEMPLATE = "account/invitation.html"
BACKEND = "django.contrib.auth.backends.ModelBackend"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The form; without a name the link is over."""

    name: str = ""
    problem: str = ""


@never_cache
@sensitive_post_parameters("password", "again")
def show(request: HttpRequest, key: str, token: str) -> HttpResponse:
    """The form; a password that can be used signs in at once, and the link is over."""
    user = members.invited(key, token)
    if user is None:
        return render(request, TEMPLATE, Form(), 404)
    form = Form(name=user.get_username())
    if request.method != "POST":
        return render(request, TEMPLATE, form)
    word = request.POST.get("password", "")
    if word != request.POST.get("again", ""):
        return render(request, TEMPLATE, Form(name=form.name, problem=_("The two passwords differ.")))
    try:
        with transaction.atomic():
            members.set_word(user, word)
            for one in members.everywhere(user):
                audit.note(one, user.get_username(), "member.join", user.get_username())
    except BadRequest as wrong:
        return render(request, TEMPLATE, Form(name=form.name, problem=str(wrong)))
    login(request, user, backend=BACKEND)
    return redirect("/")
