"""Texts of errors: those that reveal internals of a server, and prose and pages that do not."""

FILE = "file" + ":"
HOME, OPT, SRV, USERS = (f"/{name}" for name in ("home", "opt", "srv", "Users"))
"""Beginnings of paths and addresses that files of the project do not have as they are."""
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
        (
            "TypeError: Cannot destructure\n    at Object.<anonymous> (/app/server.js:3:9)\n    at "
            "Module._compile (node:internal/modules/cjs/loader:1256:14)"
        ),
        f"Error: boom\n    at async {FILE}///srv/api/main.mjs:10:5",
        (
            "SyntaxError: Unexpected token } in JSON at position 4\n    at JSON.parse (<anonymous>)\n    "
            "at parse (/app/lib/types/json)"
        ),
        "Error: x at Layer.handle [as handle_request] (express/lib/router/layer.js:95:5)",
        "Error\n    at handler (webpack-internal:///./src/pages/api/status.ts?a1b2:14:11)",
        "Error\n    at /app/build/server:120:17\n",
        "update@/app/dist/update.js:12:34",
        (
            'Traceback (most recent call last):\n  File "/app/main.py", line 7, in <module>\n    raise '
            "ValueError(1)\nValueError: 1"
        ),
        '  File "handlers.py", line 41, in update\n    row = rows[0]\nIndexError: list index out of range',
        (
            "java.lang.IllegalArgumentException: x\n\tat "
            "com.acme.api.StatusController.update(StatusController.java:57)"
        ),
        "\tat java.base/java.lang.Thread.run(Thread.java:840)",
        "\tat sun.reflect.NativeMethodAccessorImpl.invoke0(Native Method)",
        "\tat com.acme.api.StatusKt$update$1.invokeSuspend(Status.kt:31)",
        "   at Acme.Api.StatusController.Update(Form form) in /src/Api/StatusController.cs:line 42",
        (
            "   at System.Text.Json.ThrowHelper.ReThrowWithPath(ReadStack& state, JsonReaderException "
            "ex)\n   at Acme.Api.Program.Main(String[] args)"
        ),
        "panic: runtime error: index out of range [1] with length 1\n\ngoroutine 34 [running]:",
        "main.(*Server).update(0xc0000b6000)\n\t/go/src/api/server.go:88 +0x1d4",
        (
            "app/controllers/status_controller.rb:14:in `update'\nactionpack (7.1.2) "
            "lib/action_controller/metal.rb:224:in `process'"
        ),
        "/usr/local/bundle/gems/rack-3.0/lib/rack/builder.rb:31:in 'Rack::Builder#call'",
        "PHP Fatal error:  Uncaught Error in /app/public/index.php:12\nStack trace:\n#0 {main}",
        "<br />\n<b>Warning</b>:  Undefined array key in <b>/app/public/index.php</b> on line <b>9</b><br />",
        "#1 /app/vendor/slim/App.php(199): Slim\\App->handle(Object)",
        (
            "thread 'tokio-runtime-worker' panicked at src/update.rs:42:13:\ncalled `Option::unwrap()` on "
            "a `None` value"
        ),
        "(api 0.1.0) lib/api/status.ex:27: Api.Status.update/2",
    ],
    "a file path": [
        "cannot open /usr/app/config/settings.py",
        f"cannot read {HOME}/deploy/app/config.yml",
        "ENOENT: no such file or directory, open '/var/deploy/api/.env.local'",
        "Module not found in /app/node_modules/zod",
        "loaded from /usr/lib/python3/dist-packages/yaml",
        f"see {FILE}///etc/api",
        "C:\\inetpub\\wwwroot\\api\\web.config",
        "Error in /app/src/routes/update.js",
        f"Failed to load {HOME}/deploy/api/.env",
        "[Errno 2] No such file or directory: 'config.json'",
        (
            "open config/keys.json: no such file or directory; open /app/config/keys.json: no such file or "
            "directory"
        ),
        "EACCES: permission denied, open 'keys.json'",
        "Cannot find module './routes/status'\nRequire stack:\n- server",
        "include(): Failed to open stream: Permission denied",
        "D:\\home\\site\\wwwroot\\Api.dll",
        "/app/models/enrollment.rb could not be loaded",
        "Error in /code/api/main.py",
        "Error in /go/src/api/main.go while updating",
        f"Error in {HOME}/node/app/index.js",
        "Error in /app/server.js",
    ],
    "SQL": [
        'SELECT "id", "status" FROM "enrollments" WHERE "id" = $1',
        "select failed: SELECT * FROM enrollments",
        "(sqlite3.OperationalError) no such table: users",
        "(sqlite3.OperationalError) no such column: status (Background on this error at: sqlalche.me)",
        "SELECT id, status FROM enrollments JOIN customers ON customers.id = customer_id",
        "INSERT INTO enrollments (id) VALUES (1)",
        "UPDATE enrollments SET status = 'failed'",
        "SQLSTATE[42S02]: Base table or view not found",
        'syntax error at or near "uuid"',
        'relation "enrollments" does not exist',
        'duplicate key value violates unique constraint "enrollments_pkey"',
        "no such table: enrollments",
        "ORA-00942: table or view does not exist",
        'column "campaign_status" does not exist',
        "column e.campaign_status does not exist",
        'column "state" of relation "enrollments" does not exist',
        'invalid input syntax for type uuid: "x"',
        'invalid input value for enum campaign_status: "done"',
        'null value in column "customer_id" of relation "enrollments" violates not-null constraint',
        'insert or update on table "calls" violates foreign key constraint "calls_campaign_id_fkey"',
        'password authentication failed for user "api"',
        "permission denied for table enrollments",
        'ERROR: syntax error at or near "WHERE" (SQLSTATE 42601)',
        (
            "You have an error in your SQL syntax; check the manual that corresponds to your MySQL server "
            "version"
        ),
        "Unknown column 'statu' in 'field list'",
        "Table 'care.enrollments' doesn't exist",
        "ER_DUP_ENTRY: Duplicate entry '1-2' for key 'enrollments.pair'",
        "SQLSTATE[HY000] [2002] Connection refused",
        "SQLITE_ERROR: no such column: statu",
        "UNIQUE constraint failed: enrollments.customer_id, enrollments.campaign_id",
        'near "SELEC": syntax error',
        "SqliteError: no such table: enrollments",
        "Invalid object name 'dbo.Enrollments'.",
        "Violation of PRIMARY KEY constraint 'PK_Enrollments'. Cannot insert duplicate key",
        'Executing (default): SELECT "id", "status" FROM "Enrollments" AS "Enrollment" LIMIT 1;',
        "Executing (default): UPDATE `Enrollments` SET `status`=?,`updatedAt`=? WHERE `id` = ?",
        'SELECT "e"."id" AS "e_id" FROM "enrollments" "e" WHERE "e"."customer_id" = $1',
        "select e1_0.id,e1_0.status from enrollments e1_0 where e1_0.customer_id=? and e1_0.campaign_id=?",
        'select "id" from "enrollments" where "customer_id" = $1 limit $2',
        "SELECT `main`.`Enrollment`.`id` FROM `main`.`Enrollment` WHERE 1=1",
        "Invalid `prisma.enrollment.update()` invocation:\n\nRecord to update not found.",
        "Unique constraint failed on the fields: (`customerId`,`campaignId`)",
        "[SQL: SELECT enrollments.id FROM enrollments WHERE enrollments.id = %(id_1)s]",
        "SELECT id, status FROM customer_campaigns WHERE customer_id = $1 AND campaign_id = $2 LIMIT 1",
        "SELECT COUNT(*) FROM enrollments",
        "SELECT id FROM enrollments WHERE status = 'pending'",
        "SELECT id, status FROM enrollments ORDER BY id",
        "insert into enrollments (customer_id, status) values (?, ?)",
        'INSERT INTO "Enrollments" ("id","status") VALUES (DEFAULT,$1)',
        "update enrollments set status = :status where id = :id",
        "UPDATE enrollments SET status = 'failed' WHERE id = 7",
        "DELETE FROM calls WHERE campaign_id = 12",
    ],
    "an exception of the server's language": [
        "java.lang.NullPointerException",
        "System.NullReferenceException: Object reference not set",
        "sqlalchemy.exc.OperationalError",
        "Cannot read properties of undefined (reading 'status')",
        "'NoneType' object has no attribute 'status'",
        "connect ECONNREFUSED 10.0.0.3:5432",
        "org.springframework.dao.DataIntegrityViolationException: could not execute statement",
        "com.mysql.cj.jdbc.exceptions.CommunicationsException",
        "SequelizeDatabaseError: the statement failed",
        "PrismaClientKnownRequestError",
        "Illuminate\\Database\\QueryException",
        "ActiveRecord::StatementInvalid",
        "undefined method `status' for nil:NilClass",
        "runtime error: invalid memory address or nil pointer dereference",
        "psycopg2.errors.UndefinedTable",
        "Cannot read property 'id' of undefined",
    ],
}
"""By what they reveal: traces, paths and SQL as servers, drivers and frameworks write them."""
PROSE = [
    "The body failed validation",
    "Select a status from the list: completed or failed, where allowed",
    f"See the download at {SRV}/files/report.csv",
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
    "UPDATE campaign SET status = completed is not allowed",
    "SELECT a status FROM the list WHERE it is terminal",
    'Select a value from "completed" or "failed", where status = one of them',
    "select a status from `completed` and `failed`",
    "select * from the menu",
    'Update "campaign" and set status = completed',
    "Insert into the list (optional) values of your own",
    "Delete from the campaign where status = failed",
    "at 10:15:30",
    "at 2026-11-28 10:15:30",
    "at 2026-11-28T10:15:30.123Z",
    "at 28/Nov/2026:10:15:30 +0000",
    "at 28/Nov/2026:10:15:30",
    "Rate limit reached\nat 10:15:30 UTC; try again at 10:16:30",
    "at http://127.0.0.1:8080",
    "at https://api.example.rs:8443/v2 and https://api.example.py:8080",
    "at $.customerId:1:23",
    "at Object (1:2)",
    f"See {HOME}/docs/errors/validation.html",
    f"See /docs/api/errors/422.html or {OPT}/api/docs/errors.html",
    "See https://docs.example.com/usr/share/errors/index.html",
    "See //docs.example.com/errors/v1/index.php",
    "See /assets/app/main.js and /static/js/app.js?v=1",
    (
        "Load /_next/static/chunks/main-0c9f.js or "
        "/cdn-cgi/scripts/5c5dd728/cloudflare-static/email-decode.min.js"
    ),
    "Cannot GET /v2/customers/index.js",
    f"Cannot GET {USERS}/list.json",
    "See /docs/clients/update.py and /examples/go/update.go",
    "POST /v2/x.php?y",
    "No static resource v2/customers/campaign-status.json.",
    'No route matches [PATCH] "/v2/customers/campaign-status.json"',
    "Route PATCH:/v2/customers/campaign-status.json not found",
    "The error is at /data/attributes/customer.id of the document, or at #/properties/status",
    (
        "JSON parse error: Unexpected character\n at [Source: "
        "(org.springframework.util.StreamUtils$NonClosingInputStream); line: 1, column: 2]"
    ),
    (
        'Cannot deserialize value of type `java.util.UUID` from String "x": UUID has to be represented by '
        "standard 36-char representation"
    ),
    (
        "The JSON value could not be converted to System.Guid. Path: $.customerId | LineNumber: 0 | "
        "BytePositionInLine: 25."
    ),
    "invalid character '}' looking for beginning of value",
    "json: cannot unmarshal number into Go struct field UpdateRequest.customerId of type string",
    "Expected property name or '}' in JSON at position 1 (line 1 column 2)",
    "Expecting ',' delimiter: line 1 column 10 (char 9)",
    "Validation failed (type: org.zod.ZodError), com.example.errors.ValidationError",
    "urn:problem-type:com.example.ValidationError",
    "https://tools.ietf.org/html/rfc9110#section-15.5.1",
    "https://datatracker.ietf.org/doc/html/rfc9457 describes this form",
    "Write to support@example.com or api.team+errors@example.co.uk",
    "This API has the version 2.14.1-rc.3+build.7; the client must be 1.2.3:4 or later",
    "Try again in 00:01:30, or after 60s (60/60 requests at 10:15)",
    "Trace id 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01, request 0HN7::00000003:00000002",
    "Ray ID: 8c1f2a3b4c5d6e7f at 2026-11-28 10:15:30 UTC, from 203.0.113.7:52344",
    "Connect to [2001:db8::1]:8443 or 198.51.100.4:80:443",
    "The value must match ^[a-z]:\\w\\d+$ or f:\\d+\\w",
    "You chose C:\\fakepath\\import.csv",
    "There is no such table: see the list of campaigns",
    'The change violates the unique constraint "one call" of the campaign',
    "SQLSTATE codes are not shown. SELECT and UPDATE are no statuses",
    "Permission denied for schema changes of a campaign",
    "Cannot find module 'billing' of your plan",
    "Error on line 12, column 34 of the file campaign.csv",
    'File "campaign.csv" was not found, line 12 was skipped',
    "Missing header x-api-key: see section 4.2 (a) and page 12:3",
    "PATCH application/merge-patch+json is not supported; use application/json; charset=utf-8",
    "String should match pattern '^(?:\\d{8}|[a-f]{4}):\\w+'",
    "Input should be 'completed' or 'failed' [type=enum, input_value='pending', input_type=str]",
    "Error: C1000:12:34 (customer:campaign)",
    "Your plan allows 1/2 campaigns, and/or 3:1 calls; e.g. Node.js: 18, ASP.NET: 8, Vue.js:3",
]
"""Messages, links, times, versions and addresses, as correct servers write them."""
PAGES = [
    (
        '<!DOCTYPE html><html><head><script src="/_next/static/chunks/main-0c9f.js" '
        "async></script></head><body>404</body></html>"
    ),
    '<html><head><script src="/assets/app/main.js"></script></head><body>404</body></html>',
    (
        "<html><head><link href=/static/css/x.css rel=stylesheet><script "
        "src='/static/js/app.js?v=1'></script></head></html>"
    ),
    (
        f'<p>Not found. See <a href="{HOME}/docs/errors/validation.html">the errors</a>, or <a '
        "href=/app/src/index.php>home</a>.</p>"
    ),
    (
        '<script data-cfasync="false" '
        'src="/cdn-cgi/scripts/5c5dd728/cloudflare-static/email-decode.min.js"></script>'
    ),
    (
        "<html>\n<head><title>404 Not Found</title></head>\n<body>\n<center><h1>404 Not "
        "Found</h1></center>\n<hr><center>nginx/1.25.3</center>\n</body>\n</html>"
    ),
    (
        '<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<title>404 Not '
        "Found</title><address>Apache/2.4.57 (Debian) Server at 127.0.0.1 Port 80</address>"
    ),
    (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Error</title>\n</head>\n'
        "<body>\n<pre>Cannot GET /v2/customers/campaign-status</pre>\n</body>\n</html>"
    ),
    (
        '<script type="module" crossorigin src="/src/main.ts"></script><link rel="stylesheet" '
        'href="/node_modules/x/dist/x.css"/>'
    ),
    '<script>self.__next_f.push([1,"static/chunks/app/layout-0c9f.js","/_next/static/css/a1.css"])</script>',
    (
        '<img src="/var/images/logos/logo.php" alt=\'SELECT * FROM us\'><body onload="at(1)" '
        "data-at='10:15:30'>"
    ),
    (
        "<html><body><h1>Whitelabel Error Page</h1><p>This application has no explicit mapping for /error, "
        "so you are seeing this as a fallback.</p><div>There was an unexpected error (type=Not Found, "
        "status=404).</div></body></html>"
    ),
    (
        "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n<p>The "
        "requested URL was not found on the server.</p>"
    ),
    (
        "<html><head><style>a:hover{color:#000} .x:nth-child(2n+1){top:1:2}</style></head><body><a "
        'href="mailto:help@example.com">Help</a> 10:15:30</body></html>'
    ),
    (
        "<h2>The request could not be satisfied.</h2>Request blocked. Generated by cloudfront (CloudFront) "
        "Request ID: a1B2-c3=="
    ),
]
"""Pages of web servers, frameworks and gateways."""
