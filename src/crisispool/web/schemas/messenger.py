"""Bodies about who gets into the messenger."""

from typing import Self

from pydantic import ConfigDict, model_validator

from crisispool.domain.organisation import Role
from crisispool.services.messenger.invitations import InviteAsk
from crisispool.web.fields import Id, problem
from crisispool.web.schemas.base import Body, given


class InviteBody(Body):
    """Somebody new of a role at an organisation, or with `colleague_id` somebody who is there.

    `anew`: that colleague lost what they sign in with on the board; their passkeys and sessions end at once.
    """

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"role": "support_worker", "organisation_id": "ocmw-izegem"}]}
    )

    role: Role | None = None
    organisation_id: Id | None = None
    colleague_id: Id | None = None
    anew: bool = False

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if self.role is None and self.colleague_id is None:
            raise problem("missing")
        if self.anew and self.colleague_id is None:
            raise problem("contradicts")
        return self

    def ask(self) -> InviteAsk:
        """What the service is asked."""
        return InviteAsk(**given(self))
