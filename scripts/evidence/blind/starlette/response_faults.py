"""The faults of methods, paths, the rate limit, successes and the state. The docstring of each is its text."""

from __future__ import annotations

from app import PATH, TERMINAL, Call, Enrollment, Refusal, Server
from fault import fault


@fault("C57", "methods", "A 405 has an Allow header (fact 27).")
def no_allow(server: Server) -> None:
    """A 405 has no Allow header."""
    correct = server.respond
    server.respond = lambda status, body, headers: correct(status, body, {})


@fault("C58", "methods", "Methods that the contract lacks get 404 or 405 (fact 23).")
def put_accepted(server: Server) -> None:
    """PUT is carried out like PATCH, as a Rails resource route does."""
    correct = server.method

    def method(call: Call) -> None:
        """Let PUT through."""
        if call.request.method != "PUT":
            correct(call)

    server.method = method


@fault("C59", "methods", "Methods that the contract lacks get 404 or 405 (fact 23).", hard=True)
def method_override(server: Server) -> None:
    """POST with the header X-HTTP-Method-Override: PATCH is carried out."""
    correct = server.method

    def method(call: Call) -> None:
        """Believe the header."""
        override = call.request.headers.get("x-http-method-override", "").upper()
        if (call.request.method, override) != ("POST", "PATCH"):
            correct(call)

    server.method = method


@fault("C60", "paths", "Paths that the contract lacks get 404 or 405 (fact 23).")
def path_prefix(server: Server) -> None:
    """The route lacks its end anchor, so every path that begins like the right one is served."""
    correct = server.path

    def path(call: Call) -> None:
        """Compare the beginning only."""
        if not call.request.scope["path"].startswith(PATH):
            correct(call)

    server.path = path


@fault("C61", "rate limit", "Too many requests get 429 (facts 9, 13).")
def limit_503(server: Server) -> None:
    """Too many requests get 503, the default of nginx, in place of 429."""
    correct = server.rate

    def rate(call: Call) -> None:
        """Refuse as nginx does."""
        try:
            correct(call)
        except Refusal as refusal:
            refusal.status = 503
            raise

    server.rate = rate


@fault("C62", "rate limit", "retryAfter is in seconds (fact 13).")
def retry_in_ms(server: Server) -> None:
    """RetryAfter is in milliseconds."""
    server.retry_after = lambda seconds: max(1, int(seconds * 1000))


@fault("C63", "rate limit", "The limit is 60 requests a minute (fact 14).")
def one_too_many(server: Server) -> None:
    """One request more than the limit is let through in each window."""
    server.over = lambda count: count > server.limit


@fault("C64", "rate limit", "A refused request changes nothing (fact 19).", hard=True)
def limited_but_done(server: Server) -> None:
    """A request over the limit gets 429 but is carried out."""
    correct = server.rate

    async def rate(call: Call) -> None:
        """Do the work, then refuse."""
        try:
            correct(call)
        except Refusal:
            await server.run(call, server.steps[server.steps.index("rate") + 1 :])
            raise

    server.rate = rate


@fault("C65", "rate limit", "The limit of 60 requests a minute holds for the key (facts 14, 2).", hard=True)
def forwarded_bucket(server: Server) -> None:
    """Requests are counted by X-Forwarded-For where it is sent, so a new value there gives a new quota."""
    server.bucket = lambda call: call.key + call.request.headers.get("x-forwarded-for", "")


@fault("C66", "success body", "previousStatus is the status before the call (fact 18).")
def previous_is_new(server: Server) -> None:
    """PreviousStatus is read after the update, so it is always the new status."""
    correct = server.apply

    def apply(call: Call) -> None:
        """Read the status too late."""
        correct(call)
        call.body["previousStatus"] = call.enrollment.status

    server.apply = apply


@fault("C67", "success body", "customerCampaignId is a UUID (fact 10).")
def integer_id(server: Server) -> None:
    """CustomerCampaignId is the integer primary key of the row."""
    server.enrollment_id = lambda call: 1 + list(server.enrollments.values()).index(call.enrollment)


@fault("C68", "success body", "previousStatus is a status of the list (facts 18, 6).")
def display_label(server: Server) -> None:
    """PreviousStatus is the label for people (In progress), as from get_status_display of Django."""
    correct = server.apply

    def apply(call: Call) -> None:
        """Show the label."""
        correct(call)
        call.body["previousStatus"] = call.body["previousStatus"].replace("_", " ").capitalize()

    server.apply = apply


@fault("C69", "state", "previousStatus is the status before the call (facts 18, 1).")
def not_saved(server: Server) -> None:
    """The new status is never saved, so the next update tells the old status as previous again."""
    correct = server.apply

    def apply(call: Call) -> None:
        """Forget to save."""
        before = call.enrollment.status
        correct(call)
        call.enrollment.status = before

    server.apply = apply


@fault("C70", "state", "A refused request changes nothing (fact 19).", hard=True)
def refused_but_saved(server: Server) -> None:
    """A non-terminal status is refused with 400 but was assigned and saved before the rule was checked."""
    correct = server.status_rule

    def status_rule(call: Call) -> None:
        """Assign first."""
        found = server.find(call.fields["customerId"], call.fields["campaignId"])
        if found and call.fields["status"] not in TERMINAL:
            found.status = call.fields["status"]
        correct(call)

    server.status_rule = status_rule


@fault("C71", "state", "previousStatus is the status before the call (fact 18).", hard=True)
def replayed(server: Server) -> None:
    """A body seen before is answered from a cache and not carried out, though the status changed since."""
    correct, seen = server.apply, {}

    def apply(call: Call) -> None:
        """Replay the answer to the same body."""
        if call.raw not in seen:
            correct(call)
            seen[call.raw] = call.body
        call.body = seen[call.raw]

    server.apply = apply


@fault("C72", "look-up", "A pair that is not enrolled is NOT_FOUND with 404 (facts 15, 9).", hard=True)
def crossed_pairs(server: Server) -> None:
    """Customer and campaign are looked up apart: an enrolled customer with another's campaign gets 200."""

    def find(customer: str, campaign: str) -> Enrollment | None:
        """Find the two by themselves, then any enrollment of the customer."""
        pair = (server.normal(customer), server.normal(campaign))
        if pair in server.enrollments or pair[1] not in {known[1] for known in server.enrollments}:
            return server.enrollments.get(pair)
        return next((found for found in server.enrollments.values() if found.customer == pair[0]), None)

    server.find = find
