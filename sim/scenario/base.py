"""The base of every part of a scenario, and the kinds of number it is made of.

Used by the other modules of this package only. It knows nothing of files, lines or simulations.
"""

from collections.abc import Iterator
from functools import cache
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

Seconds = Annotated[float, Field(strict=True, ge=0)]
PositiveSeconds = Annotated[float, Field(strict=True, gt=0)]
PositiveNumber = Annotated[float, Field(strict=True, gt=0)]
Number = Annotated[float, Field(strict=True)]
NotNegative = Annotated[float, Field(strict=True, ge=0)]
Probability = Annotated[float, Field(strict=True, ge=0, le=1)]
Count = Annotated[int, Field(strict=True, ge=0)]
PositiveCount = Annotated[int, Field(strict=True, ge=1)]
Flag = Annotated[bool, Field(strict=True)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$", max_length=60)]
LONGEST_NAME = 60
StrategyName = Annotated[str, Field(pattern=r"^[a-zA-Z][a-zA-Z0-9._-]*$", max_length=LONGEST_NAME)]
"""A name that may have dots, as releases have."""


class Part(BaseModel):
    """A frozen part of a scenario that refuses unknown keys and infinite numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=True)

    leaves_out_nulls: ClassVar[bool] = False
    """Whether the resolved form leaves out what is null: it does not belong to this kind of part."""
    left_out_when_null: ClassVar[frozenset[str]] = frozenset()
    """Keys that the resolved form leaves out when they are null; the others of the part it writes as null."""

    @classmethod
    def expand(cls, raw: Any) -> Any:
        """The long form of a shorthand that a file may give instead of this part's mapping."""
        return raw

    @classmethod
    def fill(cls, raw: dict[str, Any]) -> dict[str, Any]:
        """The same mapping with the defaults that depend on its other values."""
        return raw

    @classmethod
    @cache
    def known_keys(cls) -> dict[str, str]:
        """The keys a file may use, each with the attribute that holds its value."""
        return {field.alias or name: name for name, field in cls.model_fields.items()}

    @model_validator(mode="before")
    @classmethod
    def _expand(cls, raw: Any) -> Any:
        raw = cls.expand(raw)
        return cls.fill(raw) if isinstance(raw, dict) else raw


class Choice(Part):
    """A mapping that has exactly one of its keys: which key it is says what kind of thing is meant."""

    beside: ClassVar[tuple[str, ...]] = ()
    """Keys that may stand beside the chosen one."""

    @classmethod
    @cache
    def choices(cls) -> tuple[str, ...]:
        """The keys of which exactly one is given."""
        return tuple(key for key in cls.known_keys() if key not in cls.beside)

    @property
    def kind(self) -> str:
        """The key that was chosen."""
        return next(key for key in self.choices() if getattr(self, self.known_keys()[key]) is not None)

    @property
    def chosen(self) -> Any:
        """What stands under the chosen key."""
        return getattr(self, self.known_keys()[self.kind])

    @model_validator(mode="before")
    @classmethod
    def _exactly_one(cls, raw: Any) -> Any:
        raw = cls.expand(raw)
        if not isinstance(raw, dict):
            return raw
        given = [key for key in cls.choices() if raw.get(key) is not None]
        if len(given) == 1 or (not given and set(raw) - set(cls.known_keys())):
            return raw
        raise PydanticCustomError("exactly_one", "{what}", {"what": _exactly_one_sentence(given, cls.choices())})

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        schema = handler.resolve_ref_schema(handler(core_schema))
        schema["oneOf"] = [{"required": [key]} for key in cls.choices()]
        _drop_nulls(schema)
        return schema


def _exactly_one_sentence(given: list[str], choices: tuple[str, ...]) -> str:
    found = f"it gives {' and '.join(given)}" if given else "it gives none"
    return f"needs exactly one of {', '.join(choices)}; {found}"


def _drop_nulls(schema: JsonSchemaValue) -> None:
    """A choice that was not made is left out of a file, never written as null."""
    for held in schema.get("properties", {}).values():
        _drop_null(held)


def _drop_null(held: dict[str, Any]) -> None:
    real = [kind for kind in held.get("anyOf", []) if kind.get("type") != "null"]
    if len(real) == 1 and len(real) < len(held["anyOf"]):
        del held["anyOf"]
        held.pop("default", None)
        held.update(real[0])


def parts_of(value: Any) -> Iterator[Part]:
    """Every part inside a value, itself included, outermost first."""
    if isinstance(value, Part):
        yield value
        for name in type(value).model_fields:
            yield from parts_of(getattr(value, name))
    elif isinstance(value, tuple):
        for item in value:
            yield from parts_of(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from parts_of(item)
