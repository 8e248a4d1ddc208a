"""What answers say: keys and facts. They become words where they leave, in the language of who asked."""

from typing import Annotated, Any

from pydantic import PlainSerializer, SerializationInfo, WithJsonSchema
from pydantic_core import to_jsonable_python

from crisispool.conversations.vocabulary import Say
from crisispool.texts.render import told


def reader(language: str) -> dict[str, str]:
    """The context in which an answer is written out in words."""
    return {"language": language}


def _written(said: tuple[Say, ...], info: SerializationInfo) -> Any:
    context = info.context or {}
    return told(said, context["language"]) if "language" in context else to_jsonable_python(said)


Told = Annotated[
    tuple[Say, ...], PlainSerializer(_written), WithJsonSchema({"type": "string"}, mode="serialization")
]
"""Sentences one after the other. Kept as keys and facts; written out for a `reader` it is one text."""
