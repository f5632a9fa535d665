"""“Je donne mon avis”: what anybody thinks of the site, kept without who."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from parloir.content.operations import keep_opinion
from parloir.foundation.access import public
from parloir.public import opinions
from parloir.public.opinion_form import OpinionForm

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@public
@require_http_methods(["GET", "HEAD", "POST"])
def site_opinion(request: HttpRequest) -> HttpResponse:
    """Ask what somebody thinks of the site, and keep it; one who says too much too fast is thanked all the same."""
    is_sent = request.method == "POST"
    form = OpinionForm(request.POST if is_sent else None, initial={"page": request.GET.get("page", "")[:60]})
    if not is_sent or not form.is_valid():
        status = HTTPStatus.BAD_REQUEST if is_sent else HTTPStatus.OK
        context = {"form": form, "thanks": not is_sent and "merci" in request.GET, "days": settings.OPINIONS_KEPT_DAYS}
        return render(request, "public/opinion.html", context, status=status)
    if opinions.may_write(request):
        written, page = form.cleaned_data["texte"], form.cleaned_data["page"]
        language, day = (get_language() or "fr")[:5], timezone.localdate()
        keep_opinion(ease=form.ease(), words=written, page=page, language=language, day=day)
    return HttpResponseRedirect("/avis/?merci")
