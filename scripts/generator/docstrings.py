"""Docstrings of generated code, made of the contract's text, which cannot end one or become code."""

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence

from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties.model_property import ModelProperty

from conformance.contract.document import Operation
from scripts.generator.names import Attribute
from scripts.generator.runtime.errors import error_class

WIDTH = 106
STEP = " " * 4
Entry = tuple[str, str]
DEPRECATED = "Deprecated: a call makes a `DeprecationWarning`."
UNEXPECTED = (
    "The status is that of a success, and the body is not the documented one. Or the status is neither"
    " documented nor an error, and the client has `raise_on_unexpected_status`."
)
UNREAD = (
    "The status is a 4xx or 5xx, and the response broke off. Or the status is not documented, and the client"
    " has `raise_on_unexpected_status`."
)
OPTIONS = [
    ("timeout", "For this call, in place of the client's."),
    ("max_retries", "For this call, in place of the client's."),
    ("headers", "For this call, on top of the client's."),
]


def docstring(
    *paragraphs: str, sections: Mapping[str, Iterable[Entry]] | None = None, indent: int = 0
) -> str:
    """A docstring with its quotes, for a place that is indented by so many spaces.

    `sections` are lists of names with their text, as Google's style has them. A section without entries is
    left out. An entry without a name is a sentence.
    """
    margin = " " * indent
    blocks = [_wrapped(paragraph, margin, margin) for paragraph in paragraphs if paragraph.strip()]
    for title, entries in (sections or {}).items():
        lines = [_entry(name, text, margin + STEP) for name, text in entries]
        if lines:
            blocks.append("\n".join([f"{margin}{title}:", *lines]))
    text = _safe("\n\n".join(blocks)).strip()
    if "\n" not in text:
        return f'"""{_closed(text)}"""'
    return f'"""{text}\n{margin}"""'


def call_docstring(  # noqa: PLR0913 - what a template knows of a call, each by its name
    endpoint: Endpoint,
    operation: Operation,
    arguments: Sequence[Attribute],
    success: str,
    *,
    indent: int,
    client: str = "",
    is_deprecated: bool = False,
) -> str:
    """The docstring of a function or a method that calls an operation."""
    successes = [
        (success, response.description)
        for status, response in operation.responses.items()
        if 200 <= status < 300 and success != "None"
    ]
    return docstring(
        _summary(endpoint),
        DEPRECATED if is_deprecated else "",
        endpoint.description.get_untrusted_value(),
        sections={
            "Args": [
                *_entries(arguments),
                *([("client", f"The `{client}` that sends the request.")] if client else []),
                *OPTIONS,
            ],
            "Returns": successes,
            "Raises": _errors(operation),
        },
        indent=indent,
    )


def detailed_docstring(endpoint: Endpoint, *, indent: int, is_deprecated: bool = False) -> str:
    """The docstring of a function that returns a response of any status."""
    return docstring(
        _summary(endpoint),
        DEPRECATED if is_deprecated else "",
        "The arguments are those of `sync`.",
        sections={
            "Returns": [("", "The response, whatever its status.")],
            "Raises": [
                ("ValueError", "An argument breaks the contract. Nothing was sent."),
                ("UnexpectedResponseError", UNEXPECTED),
                ("APIStatusError", UNREAD),
                *CONNECTION,
            ],
        },
        indent=indent,
    )


def model_docstring(model: ModelProperty, attributes: Sequence[Attribute], *, is_checked: bool) -> str:
    """The docstring of the class of a model."""
    description = model.description.get_untrusted_value() if model.description else ""
    return docstring(
        description or f"{model.class_info.name}.",
        "Deprecated." if model.data.deprecated else "",
        sections={
            "Attributes": _entries(attributes),
            "Raises": [("ValueError", "A value breaks the contract.")] if is_checked else [],
        },
        indent=4,
    )


CONNECTION = [
    ("APITimeoutError", "No whole response came in time, or the `rate_limit` had no place in time."),
    ("APIConnectionError", "No whole response came."),
]


def _entries(attributes: Iterable[Attribute]) -> list[Entry]:
    """The attributes that the contract has more to say of than their names."""
    return [
        (one.attribute, one.description)
        for one in attributes
        if re.sub(r"\W|_", "", one.description).lower() not in {"", one.attribute.replace("_", "")}
    ]


def _summary(endpoint: Endpoint) -> str:
    summary = " ".join(endpoint.summary.get_untrusted_value().split()) or str(endpoint.name)
    return summary if summary.endswith((".", "?", "!")) else f"{summary}."


def _errors(operation: Operation) -> Iterator[Entry]:
    yield "ValueError", "An argument breaks the contract, or cannot be sent. Nothing was sent."
    for status, response in operation.responses.items():
        if status >= 300:
            yield error_class(status).__name__, f"{status}. {response.description}"
    yield "APIStatusError", "Any other 4xx, or a 5xx as an `InternalServerError`."
    yield "UnexpectedResponseError", "The response is not one that the contract allows."
    yield from CONNECTION


def _entry(name: str, text: str, margin: str) -> str:
    whole = f"{name}: {text}" if name and text else name or text
    return _wrapped(whole, margin, margin + STEP)


def _wrapped(text: str, first: str, rest: str) -> str:
    return "\n".join(
        textwrap.wrap(
            " ".join(text.split()),
            WIDTH,
            initial_indent=first,
            subsequent_indent=rest,
            break_long_words=False,
            break_on_hyphens=False,
        )
    )


def _safe(text: str) -> str:
    printable = "".join(one if one.isprintable() or one == "\n" else " " for one in text)
    return printable.replace("\\", "\\\\").replace('"""', r"\"\"\"")


def _closed(text: str) -> str:
    """A text that a quotation mark may follow."""
    return f'{text[:-1]}\\"' if text.endswith('"') and not text.endswith('\\"') else text
