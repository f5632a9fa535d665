"""Where a request comes from: only a trusted proxy is believed about who is behind it."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from parloir.foundation.middleware import only_proxies_forward
from parloir.foundation.network import client_address, hashed_address, hashed_network

PROXY, OTHER_PROXY = "10.0.0.1", "192.168.7.9"


def request(remote, forwarded=None):
    headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return RequestFactory().get("/", REMOTE_ADDR=remote, **headers)


@pytest.mark.parametrize(
    ("remote", "forwarded", "address"),
    [
        ("203.0.113.5", None, "203.0.113.5"),
        ("203.0.113.5", "198.51.100.1", "203.0.113.5"),
        (PROXY, None, PROXY),
        (PROXY, "198.51.100.1", "198.51.100.1"),
        (PROXY, "1.2.3.4, 198.51.100.1", "198.51.100.1"),
        (PROXY, f"1.2.3.4, 198.51.100.1, {OTHER_PROXY}", "198.51.100.1"),
        (PROXY, OTHER_PROXY, OTHER_PROXY),
        (PROXY, "198.51.100.1:41234", "198.51.100.1"),
        (PROXY, "1.2.3.4, unknown", PROXY),
        (PROXY, "", PROXY),
        ("::ffff:203.0.113.5", None, "203.0.113.5"),
        ("2001:db8:1:2:3:4:5:6", None, "2001:db8:1:2::/64"),
        (PROXY, "[2001:db8:1:2::9]:443", "2001:db8:1:2::/64"),
        ("", None, ""),
    ],
)
def test_the_right_most_hop_that_is_no_proxy_of_ours_counts(settings, remote, forwarded, address):
    settings.TRUSTED_PROXIES = [PROXY, "192.168.0.0/16"]

    assert client_address(request(remote, forwarded)) == address


def test_without_a_trusted_proxy_nobody_is_believed(settings):
    settings.TRUSTED_PROXIES = []

    assert client_address(request("203.0.113.5", "198.51.100.1")) == "203.0.113.5"


def test_the_hash_depends_on_the_secret_and_holds_no_address(settings):
    first = hashed_address(request("203.0.113.5")).written
    settings.MARKS_KEYS = [("other", b"o" * 32)]

    assert (len(first), "203" in first) == (47, False)
    assert hashed_address(request("203.0.113.5")).written != first


def test_an_address_is_counted_on_when_the_key_changes(settings):
    first = hashed_address(request("203.0.113.5"))
    settings.MARKS_KEYS = [("2", b"n" * 32), *settings.MARKS_KEYS]

    second = hashed_address(request("203.0.113.5"))

    assert second.written.startswith("2:")
    assert second.known == (second.written, first.written)


@pytest.mark.parametrize(("remote", "believed"), [(PROXY, True), ("203.0.113.5", False), ("", False)])
def test_only_a_proxy_of_ours_is_believed_about_encryption(settings, remote, believed):
    settings.TRUSTED_PROXIES = [PROXY]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    seen = []

    def view(request):
        seen.append(request.is_secure())
        return HttpResponse()

    only_proxies_forward(view)(RequestFactory().get("/", REMOTE_ADDR=remote, HTTP_X_FORWARDED_PROTO="https"))

    assert seen == [believed]


def test_addresses_of_one_ipv6_network_are_told_together_and_no_ipv4_address_has_neighbours():
    here, near, far = (request(f"2001:db8:{network}::1") for network in ("1:2", "1:ffff", "2:2"))

    assert hashed_network(here) == hashed_network(near) != hashed_network(far)
    assert hashed_address(here) != hashed_address(near)
    assert hashed_network(request("203.0.113.5")) is None
    assert hashed_network(request("::ffff:203.0.113.5")) is None
