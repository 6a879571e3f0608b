"""The objects that a contract describes, each a model of its own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, fields
from reprlib import recursive_repr
from typing import Any, Literal, NoReturn, Self, TypeGuard, cast

from ._deprecation import warn_deprecated
from ._schema import Anything, Kind, OneOf, SchemaError, each, wrong
from .types import UNSET

_SENDING: ContextVar[bool] = ContextVar("_SENDING", default=False)


def sent(kind: Kind, value: object) -> Any:  # noqa: ANN401 - a JSON value
    """The JSON value of a body, on its way to the server.

    Raises:
        SchemaError: It is not one that the contract allows.

    """
    before = _SENDING.set(True)
    try:
        return kind.encode(value)
    finally:
        _SENDING.reset(before)


@dataclass(frozen=True, slots=True)
class Object:
    """An object that has a model."""

    model: type[Model]

    def decode(self, value: object) -> Model:
        return self.model.from_dict(cast("Mapping[str, Any]", value))

    def encode(self, value: object) -> dict[str, Any]:
        if not isinstance(value, self.model):
            raise wrong(f"a {self.model.__name__}", value)
        return value._encoded()  # pyright: ignore[reportPrivateUsage] - one unit


@dataclass(frozen=True, slots=True)
class Tagged:
    """An object of one of several models. The value of one property says which."""

    tag: str
    models: Mapping[str | int, type[Model]]

    def decode(self, value: object) -> Model:
        if not isinstance(value, Mapping):
            raise wrong("an object", value)
        source = cast("Mapping[str, Any]", value)
        if self.tag not in source:
            raise SchemaError("is missing", self.tag)
        return self._model(source[self.tag]).from_dict(source)

    def encode(self, value: object) -> dict[str, Any]:
        models = tuple(dict.fromkeys(self.models.values()))
        if not isinstance(value, models):
            raise wrong(f"one of {', '.join(model.__name__ for model in models)}", value)
        encoded = value._encoded()  # pyright: ignore[reportPrivateUsage] - one unit
        if self.tag in encoded and self._model(encoded[self.tag]) is not type(value):
            raise SchemaError(f"{encoded[self.tag]!r} is not for a {type(value).__name__}", self.tag)
        return encoded

    def _model(self, tag: object) -> type[Model]:
        known = isinstance(tag, str | int | float) and not isinstance(tag, bool)
        model = self.models.get(cast("str | int", tag)) if known else None
        if model is None:
            raise wrong(f"one of {', '.join(map(str, self.models))}", tag).under(self.tag)
        return model


@dataclass(frozen=True, slots=True)
class Field:
    """A property of an object: its name in JSON, its attribute in Python, and what it holds."""

    name: str
    attribute: str
    kind: Kind
    required: bool = True
    wait: bool = False
    """Whether it tells how many seconds to wait before the next request."""
    only: Literal["", "read", "sent"] = ""
    """Where it belongs, if not in both directions. What is to be read only is not sent."""
    deprecated: bool = False


class Model(ABC):
    """An object that the contract describes; what the contract does not know of it is kept.

    That stands in `additional_properties`: JSON values by name. Anything else there is a `ValueError`, and is
    not sent.
    """

    __slots__ = ()

    additional_properties: dict[str, Any]

    @abstractmethod
    def __init__(self, **values: Any) -> None:  # noqa: ANN401 - each model has its own, with types
        ...

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """The model of a JSON object.

        Raises:
            SchemaError: the object is not one that the contract allows.

        """
        if not isinstance(cast(object, src_dict), Mapping):
            raise wrong("an object", src_dict)
        rest = dict(src_dict)
        values: dict[str, Any] = {}
        for known in cls._known():
            if known.name in rest:
                try:
                    values[known.attribute] = known.kind.decode(rest.pop(known.name))
                except SchemaError as error:
                    raise error.under(known.name) from None
            elif known.required and known.only != "sent":
                raise SchemaError("is missing", known.name)
        if rest:
            rest = each(cls._other("decode"), rest)
        return cls(**values, additional_properties=rest)

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of the model.

        Raises:
            SchemaError: a value is not one that the contract allows.

        """
        encoded: dict[str, Any] = {}
        if self.additional_properties:
            encoded = each(self._other("encode"), self.additional_properties)
        for known in self._known():
            value = getattr(self, known.attribute)
            if value is UNSET and (known.only or not known.required):
                continue
            try:
                encoded[known.name] = known.kind.encode(value)
            except SchemaError as error:
                raise error.under(known.name) from None
        return encoded

    def _encoded(self) -> dict[str, Any]:
        """The JSON object of the model as a part of another, or on its way to the server.

        On the way to the server what is deprecated makes a warning, and what is read only is left out.

        Raises:
            SchemaError: A value is not one that the contract allows, or one is missing that has to be sent.

        """
        if not _SENDING.get():
            return self.to_dict()
        for known in self._known():
            is_unset = getattr(self, known.attribute) is UNSET
            if known.deprecated and not is_unset:
                warn_deprecated(f"{type(self).__name__}.{known.attribute}")
            if known.only == "sent" and known.required and is_unset:
                raise SchemaError("is missing", known.name)
        read_only = {known.name for known in self._known() if known.only == "read"}
        return {name: value for name, value in self.to_dict().items() if name not in read_only}

    @recursive_repr()
    def __repr__(self) -> str:
        names = [one.attribute for one in self._known()]
        if self.additional_properties:
            names.append("additional_properties")
        return f"{type(self).__name__}({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"

    def __getstate__(self) -> dict[str, Any]:
        return {one.name: getattr(self, one.name) for one in fields(cast(Any, self))}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, value)

    @classmethod
    def wait_fields(cls) -> list[str]:
        """The properties that tell how many seconds to wait before the next request."""
        return [known.name for known in cls._known() if known.wait]

    @staticmethod
    @abstractmethod
    def _fields() -> tuple[Field, ...]:
        """The properties that the contract lists."""
        return ()

    @staticmethod
    def _others() -> Kind | None:
        """The kind of the properties that the contract does not list; None if there are no others."""
        return Anything()

    @classmethod
    def _other(cls, method: str) -> Callable[[Any], Any]:
        convert: Callable[[Any], Any] = getattr(cls._others(), method, _refuse)
        return convert

    @classmethod
    def _known(cls) -> tuple[Field, ...]:
        """The properties that the contract lists; not before they are asked for: models refer to others."""
        known = _FIELDS.get(cls)
        if known is None:
            known = _FIELDS[cls] = cls._fields()
        return known


_FIELDS: dict[type[Model], tuple[Field, ...]] = {}


def seconds_to_wait(kind: Kind, value: object) -> float | None:
    """The seconds to wait before the next request, in a body that need not be the documented one."""
    if isinstance(kind, OneOf):
        waits = [seconds_to_wait(one, value) for one in kind.kinds]
    elif isinstance(kind, Object) and isinstance(value, dict):
        found = [cast("dict[str, Any]", value).get(name) for name in kind.model.wait_fields()]
        waits = [min(one, 1e9) if _is_number(one) and one >= 0 else None for one in found]
    else:
        return None
    return max((float(one) for one in waits if one is not None), default=None)


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _refuse(_value: object) -> NoReturn:
    raise SchemaError("is not a property that the contract allows")
