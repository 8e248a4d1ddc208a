"""What is asked for a program that calls the interface."""

from typing import Annotated

from pydantic import StringConstraints

from crisispool.domain.organisation import Role
from crisispool.services.service_accounts import LONGEST_NAME, ServiceAccountAsk
from crisispool.web.fields import Day, Id
from crisispool.web.schemas.base import Body


class ServiceAccountBody(Body):
    """A new program. `until`: the last day on which its token works."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NAME)]
    role: Role
    until: Day
    organisation_id: Id | None = None

    def ask(self) -> ServiceAccountAsk:
        """As the service takes it."""
        return ServiceAccountAsk(self.name, self.role, self.until, self.organisation_id)
