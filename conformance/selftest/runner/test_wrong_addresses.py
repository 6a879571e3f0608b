"""A wrong address is the reason at the end of a run, and a server that validates little has a right one."""

import itertools
import json
from pathlib import Path

import pytest

from conformance.mock.server import Settings, serve
from conformance.selftest.runs import KEYS, run
from conformance.selftest.scripted_server import Received, Reply, Respond, always, listen, redirect

NUMBERS = itertools.count()
GONE = {"message": "no such route", "code": "NOT_FOUND"}
NOT_FOUND = {"message": "no", "code": "NOT_FOUND"}
REJECTED = {"message": "not terminal", "code": "VALIDATION_ERROR"}


@pytest.mark.parametrize(
    ("respond", "reason"),
    [
        (
            always(404, b"<h1>Not Found</h1>", "text/html"),
            "404, an HTML page to every request: is the address",
        ),
        (always(200, b"<!DOCTYPE html><p>Log in", "text/plain"), "200, an HTML page to every request"),
        (always(403, b"<html>Denied</html>", "text/html"), "403, an HTML page to every request"),
        (
            redirect("https://login.example.com/?a=b"),
            "302, a redirect to https://login.example.com/?a=b to every",
        ),
        (always(503, b"no healthy upstream", "text/plain"), "503 to every request: is the address right?"),
        (always(502, b"<html>Bad Gateway", "text/html"), "502 to every request: is the address right?"),
        (always(404, NOT_FOUND), "404 NOT_FOUND to every update: is the address right?"),
        (
            always(404, {"message": "no Route matched with those values"}),
            "404 to every update: is the address right?",
        ),
        (always(404, b"404 page not found", "text/plain"), "404 to every update: is the address right?"),
        (always(405, b"", "text/plain"), "405 to every update: is the address right?"),
        (always(400, NOT_FOUND), "400 NOT_FOUND: is the address right?"),
    ],
)
def test_target_at_a_doubtful_address_is_inconclusive(tmp_path: Path, respond: Respond, reason: str) -> None:
    """Gateways, redirects and rejections of every request decide no rule, and are the reason at the end."""
    with listen(respond) as url:
        outcome = run(tmp_path, "--target", url, "--profile", "quick")
    assert outcome.status == 6, outcome.text
    assert outcome.rules("fail") == outcome.rules("pass") == outcome.rules("error") == set()
    assert 1 == outcome.flat.count(reason)
    assert f"\nINCONCLUSIVE: stopped early: {outcome.report['stopped'][0]} " in outcome.flat
    assert "rules inconclusive: the run stopped early" in outcome.flat
    assert outcome.report["requests"] <= 25


def parse_first(request: Received) -> Reply | None:
    """A server without the path, which parses JSON before it looks for a route; it numbers its responses."""
    try:
        json.loads(request.content or b"null")
    except ValueError:
        return always(400, {"message": "Bad JSON", "code": "BAD_JSON"})(request)
    return always(404, {"message": "no such route", "code": f"REQUEST_{next(NUMBERS)}"})(request)


def key_first(request: Received) -> Reply | None:
    """A server without the path, which looks at the key before it looks for a route."""
    if request.headers.get("x-api-key") not in KEYS.values():
        return always(401, {"message": "no key", "code": "UNAUTHORIZED"})(request)
    return always(404, GONE)(request)


def look_up_first(request: Received) -> Reply | None:
    """A server with the path, which validates nothing but some statuses, and so finds no enrollment."""
    if request.headers.get("x-api-key") not in KEYS.values():
        return always(401, {"message": "no key", "code": "UNAUTHORIZED"})(request)
    if request.method != "PATCH":
        request.more["Allow"] = "PATCH"
        return always(405, {"message": "not allowed", "code": "NO"})(request)
    is_pending = b'"pending"' in request.content
    return always(*(400, REJECTED) if is_pending else (404, NOT_FOUND))(request)


def validate_nothing(request: Received) -> Reply | None:
    """A server with the path, which finds no enrollment whatever it gets."""
    return always(404, NOT_FOUND)(request) if b'"pending"' in request.content else look_up_first(request)


@pytest.mark.parametrize("respond", [look_up_first, validate_nothing])
def test_target_that_looks_up_before_it_validates_is_found_out(tmp_path: Path, respond: Respond) -> None:
    """A server that responded alike to valid and wrong updates from the start breaks rules."""
    with listen(respond) as url:
        outcome = run(tmp_path, "--target", url, "--profile", "quick")
    assert outcome.status == 1, outcome.text
    assert outcome.rules("fail") > {"STATUS-04", "ID-06"}
    assert [] == outcome.report["stopped"]


@pytest.mark.parametrize("budget", [[], ["--max-requests", "60"]], ids=["whole", "60"])
@pytest.mark.parametrize("path", ["", "/v2"])
@pytest.mark.parametrize("respond", [parse_first, key_first])
def test_target_without_the_path_is_inconclusive(
    tmp_path: Path, respond: Respond, path: str, budget: list[str]
) -> None:
    """A server that lacks the path is a wrong address, although some of its responses differ."""
    with listen(respond) as url:
        outcome = run(tmp_path, "--target", url + path, *budget)
    assert outcome.status == 6, outcome.text
    assert outcome.rules("fail") == outcome.rules("pass") == outcome.rules("error") == set()
    assert "to every update: is the address right?" in outcome.flat
    assert ("--target ends with /v2" in outcome.flat) == bool(path)
    assert outcome.report["requests"] <= 40


@pytest.mark.parametrize("prefix", ["/v2", "/v2/customers", "/v2/customers/campaign-status", "/api/v2"])
def test_target_whose_path_is_doubled_gets_a_hint(tmp_path: Path, prefix: str) -> None:
    """An address that ends with the beginning of a path of the contract is named as such."""
    with serve(Settings(rate=None)) as mock:
        outcome = run(tmp_path, "--target", mock.url + prefix, "--profile", "quick")
    assert outcome.status == 6, outcome.text
    assert outcome.rules("fail") == outcome.rules("pass") == set()
    assert (
        f"--target ends with {prefix.removeprefix('/api')}, with which a path of the contract" in outcome.flat
    )
