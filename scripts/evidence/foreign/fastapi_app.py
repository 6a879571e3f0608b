"""The endpoint as a FastAPI application with pydantic models, written from the contract's prose.

The environment variable `BREAK` is the name of a deliberate mistake. `FINAL` is a status code with which
later updates of an enrollment are rejected.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import UUID4, BaseModel, StringConstraints
from starlette.exceptions import HTTPException as StarletteHTTPException

BREAK, FINAL = os.environ.get("BREAK", ""), int(os.environ.get("FINAL", "0"))
KEY, RESTRICTED_KEY = os.environ["CARECYCLE_API_KEY"], os.environ["CARECYCLE_RESTRICTED_API_KEY"]
HEX = "[0-9a-fA-F]"
UUID = (
    f"^({HEX}{{8}}-{HEX}{{4}}-[1-8]{HEX}{{3}}-[89abAB]{HEX}{{3}}-{HEX}{{12}}"
    "|00000000-0000-0000-0000-000000000000|ffffffff-ffff-ffff-ffff-ffffffffffff)$"
)
CODES = {401: "UNAUTHORIZED", 403: "FORBIDDEN", 404: "NOT_FOUND", 500: "INTERNAL_ERROR"}
TERMINAL = ("completed", "failed")

Id: Any = UUID4 if BREAK == "uuid-of-version-4" else Annotated[str, StringConstraints(pattern=UUID)]
Status = Literal[
    "pending",
    "awaiting_call",
    "in_progress",
    "completed",
    "failed",
    "expired",
    "cancelled",
    "skipped",
    "exceeded_max_calls",
]


class Update(BaseModel):
    """The body of an update."""

    customerId: Id  # noqa: N815 - the name in the JSON body
    campaignId: Id  # noqa: N815 - the name in the JSON body
    status: Status


class Updated(BaseModel):
    """The body of the response to an accepted update."""

    success: bool = True
    previousStatus: str  # noqa: N815 - the name in the JSON body
    newStatus: str  # noqa: N815 - the name in the JSON body
    customerCampaignId: str  # noqa: N815 - the name in the JSON body


class StrictRequest(Request):
    """A request whose body is JSON by RFC 8259: UTF-8 without `NaN`."""

    async def json(self) -> object:
        """Parse the body."""
        return json.loads((await self.body()).decode("utf-8"), parse_constant=_reject_constant)


class StrictRoute(APIRoute):
    """A route that reads its body strictly."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        """Handle a strict request instead of the given request."""
        handle = super().get_route_handler()

        async def handle_strictly(request: Request) -> Response:
            response: Response = await handle(StrictRequest(request.scope, request.receive))
            return response

        return handle_strictly


def _reject_constant(name: str) -> None:
    raise json.JSONDecodeError(f"{name} is not JSON", name, 0)


def check_key(x_api_key: Annotated[str | None, Header()] = None) -> None:
    """Reject a request without a good key."""
    if x_api_key == RESTRICTED_KEY:
        raise HTTPException(403, "The key lacks the permission")
    known = (x_api_key or "").startswith(KEY) if BREAK == "prefix-of-the-key" else x_api_key == KEY
    if not known:
        raise HTTPException(401, "The key is missing or invalid")


def check_media_type(content_type: Annotated[str, Header()] = "application/json") -> None:
    """Reject other media types. The framework would parse `application/json-patch+json` as JSON."""
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(415, "The media type is not application/json")


app = FastAPI(openapi_url=None)
app.router.route_class = StrictRoute
# Each argument after the port is an enrollment: customer:campaign.
STORE = {
    tuple(pair.lower().split(":")): ["pending", f"36ca8d1d-3d3d-48cf-bd1f-{number:012x}"]
    for number, pair in enumerate(sys.argv[2:])
}


@app.patch("/v2/customers/campaign-status", dependencies=[Depends(check_key), Depends(check_media_type)])
async def update_status(update: Update) -> Updated:
    """Set the status of an enrollment."""
    if update.status not in TERMINAL and BREAK != "any-status":
        raise HTTPException(400, "The status is not terminal")
    record = STORE.get((str(update.customerId).lower(), str(update.campaignId).lower()))
    if record is None:
        raise HTTPException(404, "The customer is not enrolled in the campaign")
    previous, id_ = record
    if FINAL and previous in TERMINAL:
        raise HTTPException(FINAL, "The status is final")
    if BREAK != "update-not-written":
        record[0] = update.status
    return Updated(previousStatus=previous, newStatus=update.status, customerCampaignId=id_)


def reject(
    status: int, message: str, headers: Mapping[str, str] | None = None, **more: object
) -> JSONResponse:
    """An error in the documented form."""
    code = CODES.get(status, "BAD_REQUEST")
    return JSONResponse({"message": message, "code": code, **more}, status, headers)


@app.exception_handler(StarletteHTTPException)
async def on_http_error(_: Request, error: StarletteHTTPException) -> JSONResponse:
    """Send a raised error in the documented form."""
    if BREAK == "framework-errors":
        return JSONResponse({"detail": error.detail}, error.status_code, error.headers)
    return reject(error.status_code, error.detail, error.headers)


@app.exception_handler(RequestValidationError)
async def on_validation_error(_: Request, error: RequestValidationError) -> JSONResponse:
    """Send the errors of a body in the documented form."""
    if error.errors()[0]["type"] == "json_invalid":
        return reject(400, "The body is not JSON")
    errors = [
        {"path": [str(step) for step in each["loc"][1:]], "message": each["msg"], "code": each["type"]}
        for each in error.errors()
    ]
    if BREAK == "numbers-in-a-path":
        errors = [{**each, "path": [0, *each["path"]]} for each in errors]
    message = {"message": "The body failed validation", "code": "VALIDATION_ERROR", "errors": errors}
    return JSONResponse(message, 422)


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), log_level="critical", access_log=False)
