"""An error that reveals internals of a server is recognized, and prose is not taken for one."""

import json

import pytest

from conformance.contract.document import load
from conformance.judging.internals import LONGEST, revealed

REVEALING = {
    "a stack trace": [
        'Traceback (most recent call last):\n  File "/usr/api/app.py", line 12, in update\nKeyError: 1',
        'File "app.py", line 3, in <module>',
        "TypeError: x is not a function\n    at update (/app/routes.js:12:34)\n    at next (router.js:1:2)",
        "Error\n    at async Promise.all (index 0)\n    at node:///app/server.mjs:7:1",
        "SyntaxError: x<br> &nbsp; &nbsp;at JSON.parse (&lt;anonymous&gt;)\n at parse (/x/json.js:92:19)<br>",
        "java.lang.IllegalStateException\n\tat com.acme.Api.update(Api.java:44)",
        "at Acme.Api.Update(String id) in C:\\src\\Api.cs:line 9",
        "goroutine 18 [running]:\nmain.update(0x1)",
        "#0 /var/www/html/index.php(12): update()",
        "app/models/user.rb:31:in `find'",
        "thread 'main' panicked at src/main.rs:4:5",
    ],
    "a file path": [
        "cannot open /usr/app/config/settings.py",
        "ENOENT: no such file or directory, open '/var/deploy/api/.env.local'",
        "Module not found in /app/node_modules/zod",
        "loaded from /usr/lib/python3/dist-packages/yaml",
        "see file:" + "///etc/api",
        "C:\\inetpub\\wwwroot\\api\\web.config",
    ],
    "SQL": [
        'SELECT "id", "status" FROM "enrollments" WHERE "id" = $1',
        "select failed: SELECT * FROM enrollments",
        "INSERT INTO enrollments (id) VALUES (1)",
        "UPDATE enrollments SET status = 'failed'",
        "SQLSTATE[42S02]: Base table or view not found",
        'syntax error at or near "uuid"',
        'relation "enrollments" does not exist',
        'duplicate key value violates unique constraint "enrollments_pkey"',
        "no such table: enrollments",
        "ORA-00942: table or view does not exist",
    ],
    "an exception of the server's language": [
        "java.lang.NullPointerException",
        "System.NullReferenceException: Object reference not set",
        "sqlalchemy.exc.OperationalError",
        "Cannot read properties of undefined (reading 'status')",
        "'NoneType' object has no attribute 'status'",
        "connect ECONNREFUSED 10.0.0.3:5432",
    ],
}
PROSE = [
    "The body failed validation",
    "Select a status from the list: completed or failed, where allowed",
    "SELECT a status FROM the list of statuses, WHERE it is terminal",
    "Only PATCH /v2/customers/campaign-status is allowed here",
    "Cannot GET /v2/customers/campaign-status/",
    "Cannot PATCH /v2/customers/campaign-status.json",
    "See https://docs.example.com/api/errors.php?code=1 and https://example.com/a/b.js",
    "See /docs/errors.php?id=4 and /docs/list.php#empty",
    "See docs.example.com/guides/errors.java for more",
    "Update set to completed; insert into the campaign failed, delete from it at will",
    "UPDATE the status, SET it to completed",
    "The customer was at 12:30:15 (local time) not enrolled",
    "at line 1 column 15 (char 14)",
    "Expected ',' or '}' after property value in JSON at position 12 (line 1 column 13)",
    "Unexpected token 'c', \"completed\" is not valid JSON",
    'expected one of "pending"|"completed", received /^([0-9a-f]{8}-[1-8])$/',
    "Invalid UUID: must match pattern /^[0-9a-fA-F]{8}-(?:a|b)/",
    "String should match pattern '^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-8])$'",
    "Unauthorized: the key began at 2026-11-28T10:00:00Z and ended at 2026-12-12T10:00:00Z",
    "no such customer: 5f0c954e-3a7b-4d5c-9e0f-6b1d2c3a4e5f",
    "The status violates the unique constraint of the campaign",
    "Java and Python clients: see node modules, or open file / home / settings",
    "Go to /dashboard/settings or /app/campaigns/list to change it",
    "Die Anfrage wurde abgelehnt: Zeile 1, „SELECT“ ist kein Status",
    "com.example is no host; org.example.errors is no code",
    "<!DOCTYPE html>\n<title>Error</title>\n<pre>Cannot GET /</pre>",
    "[ValidationError] #0 errors (12): customerId",
]


@pytest.mark.parametrize(
    ("kind", "text"), [(kind, text) for kind, texts in REVEALING.items() for text in texts]
)
def test_an_error_with_internals_is_recognized(kind: str, text: str) -> None:
    """Internals are recognized in a message, in a nested string and in text that is not JSON."""
    body = {"message": "x", "code": "INTERNAL_ERROR", "debug": [{"detail": text}]}
    assert revealed(json.dumps(body).encode(), body) is not None
    assert kind == revealed(text.encode(), None)


@pytest.mark.parametrize("text", PROSE)
def test_prose_reveals_nothing(text: str) -> None:
    """A sentence about updates, paths of the API, times, patterns or positions in JSON reveals nothing."""
    body = {"message": text, "code": "BAD_REQUEST", "errors": [{"path": ["status"], "message": text}]}
    assert revealed(json.dumps(body).encode(), body) is None
    assert revealed(text.encode(), None) is None


def test_the_examples_of_the_contract_reveal_nothing() -> None:
    """No documented error body reveals internals."""
    for operation in load().operations.values():
        for response in operation.responses.values():
            for example in response.examples.values():
                assert revealed(json.dumps(example).encode(), example) is None


def test_only_the_beginning_of_a_long_body_is_searched() -> None:
    """The search has a limit, so a body of megabytes takes little time."""
    hidden = "x" * LONGEST + REVEALING["SQL"][1]
    assert revealed(hidden.encode(), hidden) is None
    for text in (" at" * 2_000_000, "/a" * 2_000_000, "SELECT a " * 500_000, "\n at (" * 500_000):
        assert revealed(text.encode(), None) is None
