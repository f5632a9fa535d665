"""Each provider is spoken to as its published interface says; no live service was ever tried."""

from __future__ import annotations

import base64
import hashlib
import json

import ovh.client
import pytest

from parloir.notifications.gateways import sms
from parloir.notifications.gateways.http import HttpGateway
from parloir.notifications.gateways.ovhcloud import OvhGateway
from parloir.notifications.gateways.sms import gateway
from parloir.notifications.rules import RefusedForGood, TryLater
from tests.outside import drips, hangs, outside, pours

OVH = "ovh://app:secret@ovh-eu/sms-ab123-1?consumer_key=consumer"
NUMBER = "+33612345678"


def send(text="Rappel à 14 h", token="t1"):
    return gateway().send(to=NUMBER, text=text, token=token)


@pytest.fixture
def cloud(telephone, settings, monkeypatch):
    """OVHcloud's client, its own, talking to the stand-in."""
    settings.SMS_URL = OVH
    monkeypatch.setitem(ovh.client.ENDPOINTS, "ovh-eu", f"http://127.0.0.1:{telephone.port}/1.0")
    telephone.replies = lambda number: {
        "ids": [1000 + number], "invalidReceivers": [], "validReceivers": [NUMBER], "totalCreditsRemoved": 1
    }  # fmt: skip
    return telephone


def test_the_scheme_of_the_address_chooses_the_provider(settings):
    chosen = []
    for settings.SMS_URL in ("https://sms.example/send", OVH):
        chosen.append(type(gateway()))

    assert chosen == [HttpGateway, OvhGateway]


# Any provider ----------------------------------------------------------------------------


def test_any_provider_is_posted_who_what_from_whom_and_under_which_name(telephone):
    assert send() == "p1"

    assert telephone.taken == [{"to": NUMBER, "text": "Rappel à 14 h", "sender": "RendezVous", "id": "t1"}]
    assert telephone.paths == ["/sms"]
    assert "Authorization" not in telephone.headers[0]


def test_a_name_and_password_of_the_address_go_into_a_header_not_into_the_address(telephone, settings):
    settings.SMS_URL = f"http://us%40er:pa%2Fss@127.0.0.1:{telephone.port}/sms?key=1"

    send()

    assert telephone.headers[0]["Authorization"] == f"Basic {base64.b64encode(b'us@er:pa/ss').decode()}"
    assert telephone.paths == ["/sms?key=1"]


@pytest.mark.parametrize("said", [{}, {"id": None}, [], "ok"])
def test_a_provider_need_not_name_what_it_took(telephone, said):
    telephone.replies = lambda _number: said

    assert send() == ""


@pytest.mark.parametrize("status", [500, 502, 503, 429, 408, 409, 401, 403, 404, 301])
def test_an_outage_or_our_own_fault_is_tried_again(telephone, status):
    telephone.answers.append((status, {}))

    with pytest.raises(TryLater):
        send()


@pytest.mark.parametrize("manner", [hangs, drips(every=0.05), pours])
def test_a_provider_that_hangs_drips_or_pours_keeps_the_worker_for_a_moment_only(settings, monkeypatch, manner):
    monkeypatch.setattr(sms, "TIME_OUT", 0.3)
    with outside(manner) as place:
        settings.SMS_URL = place.address
        with pytest.raises(TryLater):
            send()
        place.wait_for(0)


@pytest.mark.parametrize("status", [400, 410, 422])
def test_a_refused_message_is_not_tried_again(telephone, status):
    telephone.answers.append((status, {}))

    with pytest.raises(RefusedForGood) as refused:
        send()

    assert refused.value.code == status


@pytest.mark.parametrize("who", ["any", "ovh"])
def test_a_provider_that_is_away_is_tried_again(telephone, settings, monkeypatch, who):
    if who == "ovh":
        settings.SMS_URL = OVH
        monkeypatch.setitem(ovh.client.ENDPOINTS, "ovh-eu", f"http://127.0.0.1:{telephone.port}/1.0")
    telephone.close()

    with pytest.raises(TryLater):
        send()


# OVHcloud --------------------------------------------------------------------------------


def test_ovhcloud_is_asked_for_a_job_that_is_no_advertising_and_is_signed(cloud):
    assert send() == "1001"

    (job,) = cloud.taken
    assert cloud.paths == ["/1.0/sms/sms-ab123-1/jobs"]
    assert {key: job[key] for key in ("message", "sender", "receivers", "noStopClause", "priority", "tag")} == {
        "message": "Rappel à 14 h",
        "sender": "RendezVous",
        "receivers": [NUMBER],
        "noStopClause": True,
        "priority": "high",
        "tag": "t1",
    }
    headers = {key.lower(): value for key, value in cloud.headers[0].items()}
    assert (headers["x-ovh-application"], headers["x-ovh-consumer"]) == ("app", "consumer")
    url = f"http://127.0.0.1:{cloud.port}/1.0/sms/sms-ab123-1/jobs"
    body = json.dumps(job, separators=(",", ":"))
    signed = "+".join(["secret", "consumer", "POST", url, body, headers["x-ovh-timestamp"]])
    assert headers["x-ovh-signature"] == f"$1${hashlib.sha1(signed.encode()).hexdigest()}"


@pytest.mark.parametrize(("text", "coding"), [("Rappel à 14 h [1]", "7bit"), ("تذكير", "8bit")])
def test_ovhcloud_is_told_in_which_alphabet_a_message_is(cloud, text, coding):
    send(text)

    assert cloud.taken[0]["coding"] == coding


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (403, {"errorCode": "INVALID_CREDENTIAL", "message": "no"}),
        (403, {"errorCode": "NOT_GRANTED_CALL", "message": "no"}),
        (404, {"message": "no such service"}),
        (409, {"message": "no credit"}),
        (500, {"message": "down"}),
        (200, {"ids": [], "invalidReceivers": []}),
    ],
)
def test_what_an_operator_can_mend_at_ovhcloud_is_tried_again(cloud, status, said):
    cloud.answers.append((status, said))

    with pytest.raises(TryLater):
        send()


@pytest.mark.parametrize(
    ("status", "said"),
    [(400, {"message": "bad"}), (200, {"ids": [], "invalidReceivers": [NUMBER], "validReceivers": []})],
)
def test_an_invalid_receiver_or_message_is_not_tried_again_at_ovhcloud(cloud, status, said):
    cloud.answers.append((status, said))

    with pytest.raises(RefusedForGood):
        send()
