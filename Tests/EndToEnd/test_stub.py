"""The stub BigPanda answers as the vendor's documents say."""

import time
from typing import Any

import pytest

from stub import PRODUCTION, STAGING, Stub
from waiting import eventually


def path(incident_id: str, suffix: str = "", environment: str = PRODUCTION) -> str:
    return f"environments/{environment}/incidents/{incident_id}{suffix}"


def test_environments(stub: Stub) -> None:
    answer = stub.vendor("GET", "environments")
    assert answer.status == 200
    assert {item["id"]: item["name"] for item in answer.json()} == {
        PRODUCTION: "Production",
        STAGING: "Staging",
    }
    assert stub.vendor("GET", f"environments/{STAGING}").json()["name"] == "Staging"


def test_keys(stub: Stub) -> None:
    assert stub.vendor("GET", "environments", key="BPU-other").status == 401
    stub.allow_keys(stub.key, forbidden=("BPU-weak",))
    assert stub.vendor("GET", "environments", key="BPU-weak").status == 403


def test_an_incident_is_resolved_after_the_answer(stub: Stub) -> None:
    stub.settings(apply_delay_ms=300)
    incident_id = stub.create()
    before = stub.vendor("GET", path(incident_id)).json()
    assert before["id"] == incident_id and before["active"] is True and before["end"] is None
    answer = stub.vendor("POST", path(incident_id, "/resolve"), json={"comments": "a"})
    assert answer.status == 202
    assert answer.json() == {"status": 202, "data": {}}
    assert stub.vendor("GET", path(incident_id)).json()["active"] is True, "asynchronous"
    stub.wait_until_closed(incident_id)
    after = stub.vendor("GET", path(incident_id)).json()
    assert after["active"] is False and after["end"] is not None
    again = stub.vendor("POST", path(incident_id, "/resolve"), json={"comments": "a"})
    assert again.status == 409


def test_not_found(stub: Stub) -> None:
    incident_id = stub.create(environment_id=STAGING)
    for target in (path("0" * 24), path(incident_id), path(incident_id, environment="f" * 24)):
        answer = stub.vendor("GET", target)
        assert answer.status == 404
        assert answer.json()["status"] == 404 and answer.json()["errors"]
    body = {"comments": "a"}
    assert stub.vendor("POST", path(incident_id, "/resolve"), json=body).status == 404
    assert stub.vendor("GET", "zebra").status == 404


@pytest.mark.parametrize("body", [{}, {"comments": 5}, {"comments": None}, {"comment": "a"}])
def test_a_resolve_needs_comments(stub: Stub, body: Any) -> None:
    incident_id = stub.create()
    assert stub.vendor("POST", path(incident_id, "/resolve"), json=body).status == 400
    assert stub.is_active(incident_id)


def test_a_list_has_pages(stub: Stub) -> None:
    stub.settings(rate_per_second=0)
    ids = {stub.create() for _ in range(5)}
    found: list[str] = []
    for page in (1, 2, 3):
        answer = stub.vendor("GET", f"environments/{PRODUCTION}/incidents?page={page}&page_size=2")
        assert answer.json()["total"] == 5
        found += [item["id"] for item in answer.json()["items"]]
    assert len(found) == 5 and set(found) == ids
    large = f"environments/{PRODUCTION}/incidents?expand=alerts&page_size=11"
    assert stub.vendor("GET", large).status == 400


def test_more_than_five_a_second_are_too_many(stub: Stub) -> None:
    answers = [stub.vendor("GET", "environments").status for _ in range(12)]
    assert answers[:5] == [200] * 5 and 429 in answers, answers
    eventually(lambda: stub.vendor("GET", "environments").status == 200, "a second later", 5)


def test_faults_come_in_the_order_they_were_asked_for(stub: Stub) -> None:
    stub.settings(rate_per_second=0)
    stub.fault("environments", "status", status=500)
    stub.fault("environments", "status", status=429, retry_after="7")
    first, second, third = (stub.vendor("GET", "environments") for _ in range(3))
    assert [first.status, second.status, third.status] == [500, 429, 200]
    assert second.header("Retry-After") == "7"
    stub.fault("any", "delay", delay_ms=300)
    started = time.monotonic()
    assert stub.vendor("GET", "environments").status == 200
    assert time.monotonic() - started >= 0.29
    stub.fault("environments", "drop", times=0)
    with pytest.raises(OSError):
        stub.vendor("GET", "environments")
    stub.clear_faults()
    assert stub.vendor("GET", "environments").status == 200


def test_calls_are_told(stub: Stub) -> None:
    incident_id = stub.create()
    stub.vendor("POST", path(incident_id, "/resolve"), json={"comments": "why"})
    (call,) = stub.resolves(incident_id)
    assert call["status"] == 202 and call["comments"] == "why"
    assert call["key_suffix"] == stub.key[-4:] and call["in_flight"] == 1
    assert abs(call["at_ms"] / 1000 - time.time()) < 60
    stub.forget_calls()
    assert stub.calls() == []


def test_a_signal_ends_it(stub: Stub) -> None:
    assert stub.process.stop() == 0
