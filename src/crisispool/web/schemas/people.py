"""Forms about services and colleagues."""

from typing import Annotated, Literal

from pydantic import Field

from crisispool.domain.organisation import Role
from crisispool.services.people_answers import OrganisationAsk
from crisispool.web.schemas.base import Body, given

Typed = Annotated[str, Field(max_length=200)]


class OrganisationBody(Body):
    """How a service is reached; what is left empty is not there."""

    phone: Typed = ""
    night_phone: Typed = ""
    mailbox: Typed = ""
    owner_mailbox: Typed = ""
    language: Literal["nl", "fr", "en"]
    seen: Typed

    def ask(self) -> OrganisationAsk:
        """What the service is asked."""
        return OrganisationAsk(**given(self))


class PhoneBody(Body):
    """The number of a colleague, empty for none."""

    phone: Typed = ""


class EndBody(Body):
    """Who reads what is left and ends it; `role`: only that one."""

    seen: Typed
    role: Role | None = None
