"""How the product is declared here: from the variables the product itself reads."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings

from parloir.demo.provider.rules import Declared


def declared() -> Declared:
    """Return the one service this look-alike knows."""
    ours = settings.FRANCECONNECT
    return Declared(
        issuer=ours["issuer"],
        client_id=ours["client_id"],
        client_secret=ours["client_secret"],
        alg=ours["alg"],
        redirect_uris=(f"{settings.SITE_URL}/connexion/franceconnect/retour/",),
        post_logout_redirect_uris=(f"{settings.SITE_URL}/deconnexion/retour/",),
    )


def base_path() -> str:
    """Return the path of the issuer on this site, without its first slash: ``api/v2/``."""
    return urlsplit(settings.FRANCECONNECT["issuer"]).path.strip("/") + "/"
