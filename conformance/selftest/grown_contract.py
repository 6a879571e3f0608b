"""Our contract with additions as an engineer would write them: operations, a status, a field, a response."""

import copy
from typing import Any

import yaml

from conformance.contract.document import Contract, load

OPERATIONS = yaml.safe_load("""
tags: [{name: Calls, description: The calls of a campaign.}]
paths:
  /v2/customers/{customerId}:
    get:
      operationId: getCustomer
      tags: [Customers]
      summary: Get a customer
      parameters:
        - {name: customerId, in: path, required: true, schema: {$ref: '#/components/schemas/Uuid'}}
        - {name: view, in: query, schema: {type: string, enum: [short, full]}}
      responses:
        '200':
          description: The customer.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Customer'}
              examples:
                typical: {value: {id: 36ca8d1d-3d3d-48cf-bd1f-a796d8849d75, name: Ada}}
        '401': {$ref: '#/components/responses/Unauthorized'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '422': {$ref: '#/components/responses/UnprocessableContent'}
        '429': {$ref: '#/components/responses/TooManyRequests'}
        '500': {$ref: '#/components/responses/InternalServerError'}
  /v2/calls:
    post:
      operationId: planCall
      tags: [Calls]
      summary: Plan a call
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: '#/components/schemas/CallPlan'}
            examples:
              typical: {value: {phone: '+15550100', attempts: 2}}
      responses:
        '201':
          description: The call was planned.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Call'}
              examples:
                typical: {value: {id: 36ca8d1d-3d3d-48cf-bd1f-a796d8849d75, attempts: 2}}
        '400': {$ref: '#/components/responses/BadRequest'}
        '401': {$ref: '#/components/responses/Unauthorized'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '422': {$ref: '#/components/responses/UnprocessableContent'}
        '429': {$ref: '#/components/responses/TooManyRequests'}
        '500': {$ref: '#/components/responses/InternalServerError'}
  /v2/calls/{callId}:
    delete:
      operationId: cancelCall
      tags: [Calls]
      summary: Cancel a call
      parameters:
        - {name: callId, in: path, required: true, schema: {$ref: '#/components/schemas/Uuid'}}
      responses:
        '204': {description: The call was cancelled.}
        '401': {$ref: '#/components/responses/Unauthorized'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '422': {$ref: '#/components/responses/UnprocessableContent'}
        '429': {$ref: '#/components/responses/TooManyRequests'}
        '500': {$ref: '#/components/responses/InternalServerError'}
components:
  schemas:
    Customer:
      type: object
      required: [id, name]
      properties:
        id: {$ref: '#/components/schemas/Uuid'}
        name: {type: string}
    CallPlan:
      type: object
      required: [phone]
      properties:
        phone: {type: string, minLength: 3, maxLength: 20}
        attempts: {type: integer, minimum: 1, maximum: 9}
    Call:
      type: object
      required: [id, attempts]
      properties:
        id: {$ref: '#/components/schemas/Uuid'}
        attempts: {type: integer}
""")
NEW = ("getCustomer", "planCall", "cancelCall")
STATUS, FIELD, ERROR = "paused", "note", "409"


def with_operations() -> dict[str, Any]:
    """Our contract with the three operations."""
    raw: dict[str, Any] = copy.deepcopy(dict(load().raw))
    added = copy.deepcopy(OPERATIONS)  # tests change what they get
    raw["tags"] += added["tags"]
    raw["paths"] |= added["paths"]
    raw["components"]["schemas"] |= added["components"]["schemas"]
    return raw


def with_everything() -> dict[str, Any]:
    """Our contract with the three operations, a tenth status, a new response field and a new error."""
    raw = with_operations()
    schemas = raw["components"]["schemas"]
    schemas["CampaignStatus"]["enum"].append(STATUS)
    schemas["CampaignStatusUpdated"]["properties"][FIELD] = {"type": "string"}
    patch = raw["paths"]["/v2/customers/campaign-status"]["patch"]
    patch["responses"][ERROR] = copy.deepcopy(raw["components"]["responses"]["BadRequest"])
    del patch["responses"][ERROR]["x-rules"]
    return raw


def grown(change: dict[str, Any]) -> Contract:
    """The contract with a change merged into it."""
    raw: dict[str, Any] = copy.deepcopy(dict(load().raw))
    merge(raw, copy.deepcopy(change))
    return Contract(raw)


def merge(old: dict[str, Any], new: dict[str, Any]) -> None:
    """Merge a mapping into another."""
    for key, value in new.items():
        if isinstance(value, dict) and isinstance(old.get(key), dict):
            merge(old[key], value)
        else:
            old[key] = value
