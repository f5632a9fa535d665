"""Where a request comes from, as far as it can be believed."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings

from parloir.foundation.keys import mark

if TYPE_CHECKING:
    from django.http import HttpRequest

    from parloir.foundation.keys import Mark

type Address = IPv4Address | IPv6Address

_HOUSEHOLD, _NETWORK = 64, 48
"""An IPv6 line is given at least the first prefix, and a subscriber of many at most the second: whoever holds one can
use any address behind it."""


def client_address(request: HttpRequest) -> str:
    """Return the network address a request comes from.

    Only a proxy of ``TRUSTED_PROXIES`` (addresses or networks) is believed about who is behind it: the
    answer is the right-most hop that is none of them. Whatever a client writes there itself stands
    further left. IPv6 addresses are returned as their /64 network.
    """
    farthest = _farthest(request)
    return _grouped(farthest) if farthest else ""


def _farthest(request: HttpRequest) -> Address | None:
    direct = _read(request.META.get("REMOTE_ADDR", ""))
    farthest = direct
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    while farthest and _is_trusted(farthest, tuple(settings.TRUSTED_PROXIES)) and hops:
        behind = _read(hops.pop())
        if behind is None:
            break
        farthest = behind
    return farthest


def comes_from_a_proxy(request: HttpRequest) -> bool:
    """Tell whether the peer itself is one of ``TRUSTED_PROXIES``."""
    direct = _read(request.META.get("REMOTE_ADDR", ""))
    return direct is not None and _is_trusted(direct, tuple(settings.TRUSTED_PROXIES))


def hashed_address(request: HttpRequest) -> Mark:
    """Return the mark of that address: it can be counted, not read back."""
    return mark("parloir.foundation.network", client_address(request))


def hashed_network(request: HttpRequest) -> Mark | None:
    """Return the mark of the /48 network around an IPv6 address; an IPv4 address has no such neighbours."""
    farthest = _farthest(request)
    if not isinstance(farthest, IPv6Address):
        return None
    return mark("parloir.foundation.network", str(IPv6Network((int(farthest), _NETWORK), strict=False)))


def _read(hop: str) -> Address | None:
    """Read a hop, with the port that some proxies add; None when it is no address."""
    try:
        address = ip_address(hop.strip())
    except ValueError:
        try:
            address = ip_address(urlsplit(f"//{hop.strip()}").hostname or "")
        except ValueError:
            return None
    return getattr(address, "ipv4_mapped", None) or address


@lru_cache(maxsize=1024)
def _is_trusted(address: Address, proxies: tuple[str, ...]) -> bool:
    return any(address in ip_network(proxy, strict=False) for proxy in proxies)


def _grouped(address: Address) -> str:
    if isinstance(address, IPv4Address):
        return str(address)
    return str(IPv6Network((int(address), _HOUSEHOLD), strict=False))
