"""The request of a signed-in person, for annotations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse, QueryDict

    from parloir.people.models import Account, SignIn


class AccountRequest(HttpRequest):
    """A request to a page that is not public: the middleware has found whose it is.

    :ivar typed: what the person sent from this page once their session had ended, to be shown again.
    :ivar leave: :func:`~parloir.identity.leaving.leave` for this request.
    """

    account: Account
    sign_in: SignIn
    typed: QueryDict
    leave: Callable[..., HttpResponse]
