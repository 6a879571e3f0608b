"""The faults of keys, permissions and the order of the steps. The docstring of each is its text."""

from __future__ import annotations

import hmac
import re

from app import Call, Refusal, Server
from fault import fault, move, peek


@fault("C01", "key", "A missing key is UNAUTHORIZED with 401 (facts 15, 9).")
def missing_key_forbidden(server: Server) -> None:
    """A missing key gets 403 FORBIDDEN, as in Django REST framework without a WWW-Authenticate scheme."""
    correct = server.key

    def key(call: Call) -> None:
        """Answer 403 when there is no key."""
        if server.sent_key(call) is None:
            raise Refusal(403, "Authentication credentials were not provided", "FORBIDDEN")
        correct(call)

    server.key = key


@fault("C02", "key", "The key is in the header x-api-key; without it the answer is 401 (facts 2, 15).")
def key_in_query(server: Server) -> None:
    """A key in the query string (api_key, apiKey, key or x-api-key) is taken when the header is missing."""
    correct = server.sent_key

    def sent_key(call: Call) -> str | None:
        """Fall back to the query string."""
        query = call.request.query_params
        names = ("api_key", "apiKey", "key", "x-api-key")
        return correct(call) or next((query[name] for name in names if name in query), None)

    server.sent_key = sent_key


@fault("C03", "key", "An invalid key is UNAUTHORIZED with 401 (facts 15, 9).", hard=True)
def key_like(server: Server) -> None:
    """The key is looked up with SQL LIKE, so a key with the wild cards % and _ matches a real one."""

    def same_key(sent: str, known: str) -> bool:
        """Match as LIKE does."""
        return re.fullmatch(re.escape(sent).replace("%", ".*").replace("_", "."), known) is not None

    server.same_key = same_key


@fault("C04", "key", "An invalid key is UNAUTHORIZED with 401, never a 5xx (facts 15, 9).", hard=True)
def key_not_ascii(server: Server) -> None:
    """A key with a byte outside ASCII gets 500, because the constant-time comparison raises on it."""
    server.same_key = lambda sent, known: hmac.compare_digest(sent, known)


@fault("C05", "key", "A missing key is UNAUTHORIZED on every request (facts 2, 15).", hard=True)
def key_of_connection(server: Server) -> None:
    """A later request without a key on a connection that sent a good key before is accepted with that key."""
    correct, known = server.sent_key, {}

    def sent_key(call: Call) -> str | None:
        """Remember the key of the connection."""
        sent = correct(call)
        if sent in (server.settings.api_key, server.settings.restricted_key):
            known[call.request.client] = sent
        return known.get(call.request.client) if sent is None else sent

    server.sent_key = sent_key


@fault("C06", "headers", "FORBIDDEN means that the key lacks a permission (fact 15).", hard=True)
def origin_forbidden(server: Server) -> None:
    """Any request with an Origin header gets 403, as from a cross-site check meant for cookies."""
    correct = server.permission

    def permission(call: Call) -> None:
        """Refuse a foreign origin."""
        if "origin" in call.request.headers:
            raise Refusal(403, "CSRF failed: origin not trusted", "FORBIDDEN")
        correct(call)

    server.permission = permission


@fault("C07", "permission", "A key that lacks a permission is FORBIDDEN with 403 (facts 15, 9).")
def restricted_unauthorized(server: Server) -> None:
    """The restricted key gets 401 UNAUTHORIZED in place of 403."""

    def permission(call: Call) -> None:
        """Take a lack of permission for a lack of identity."""
        if call.key != server.settings.api_key:
            raise Refusal(401, "Unauthorized", "UNAUTHORIZED")

    server.permission = permission


@fault("C08", "permission", "The permission is checked before the body and the look-up (fact 21).")
def object_permission(server: Server) -> None:
    """The permission is checked on the found object only: an unknown pair gets 404 with such a key."""
    move(server, ["permission"], "apply")


@fault("C09", "permission", "A key that lacks a permission is FORBIDDEN whatever it asks (fact 15).", True)
def failed_without_permission(server: Server) -> None:
    """The permission is checked for the status completed only: the restricted key may set failed."""
    correct = server.permission

    def permission(call: Call) -> None:
        """Let failed through."""
        if peek(call).get("status") != "failed":
            correct(call)

    server.permission = permission


@fault("C10", "permission", "A key that lacks a permission is FORBIDDEN at all times (fact 15).", True)
def permission_cached(server: Server) -> None:
    """The decision is cached by pair, not by key: once a pair was updated the restricted key may too."""
    correct, correct_apply, allowed = server.permission, server.apply, set()

    def permission(call: Call) -> None:
        """Look into the cache first."""
        data = peek(call)
        if (str(data.get("customerId")).lower(), str(data.get("campaignId")).lower()) not in allowed:
            correct(call)

    def apply(call: Call) -> None:
        """Enter the pair into the cache."""
        correct_apply(call)
        allowed.add((call.enrollment.customer, call.enrollment.campaign))

    server.permission, server.apply = permission, apply


@fault("C11", "order", "The key is checked before the schema of the body (fact 21).")
def schema_before_key(server: Server) -> None:
    """The body is validated before the key is looked at, so a bad body without a key gets 422."""
    move(server, ["length", "media_type", "parse", "schema"], "key")


@fault("C12", "order", "The status rule is checked before the look-up (facts 21, 16).")
def lookup_before_rule(server: Server) -> None:
    """The pair is looked up before the status rule, so an unknown pair and a non-terminal status get 404."""
    move(server, ["lookup"], "status_rule")


@fault("C13", "order", "The whole schema is checked before anything is looked up (facts 21, 17).", hard=True)
def customer_first(server: Server) -> None:
    """The customer is loaded before campaignId is validated: unknown customer and bad campaignId get 404."""
    correct = server.schema

    def schema(call: Call) -> None:
        """Load the customer as soon as its id is known to be good."""
        data = call.data if isinstance(call.data, dict) else {}
        customer = data.get("customerId")
        if isinstance(customer, str) and server.valid_id(customer):
            if server.normal(customer) not in {pair[0] for pair in server.enrollments}:
                raise Refusal(404, "Customer not found", "NOT_FOUND")
        correct(call)

    server.schema = schema
