"""Bodies about the next working day."""

from typing import Self

from pydantic import model_validator

from crisispool.domain.handover import Outcome, Solved
from crisispool.services.asks import AcknowledgeAsk, OutcomeAsk, ReassignAsk
from crisispool.web.fields import Id, problem
from crisispool.web.schemas.base import Body, given


class AcknowledgeBody(Body):
    """A service takes a handover: `worker_id` names the worker, `named` false accepts without a name."""

    worker_id: Id | None = None
    named: bool = True

    @model_validator(mode="after")
    def _one_or_the_other(self) -> Self:
        if self.worker_id is not None and not self.named:
            raise problem("contradicts")
        return self

    def ask(self) -> AcknowledgeAsk:
        """What the service is asked."""
        return AcknowledgeAsk(self.worker_id, self.named)


class OutcomeBody(Body):
    """How outreach ended, and whether the crisis is solved."""

    outcome: Outcome
    solved: Solved | None = None
    contacted: bool = False

    def ask(self) -> OutcomeAsk:
        """What the service is asked."""
        return OutcomeAsk(**given(self))


class ReassignBody(Body):
    """Another service, another worker, or both."""

    organisation_id: Id | None = None
    worker_id: Id | None = None

    @model_validator(mode="after")
    def _someone(self) -> Self:
        if self.organisation_id is None and self.worker_id is None:
            raise problem("nobody")
        return self

    def ask(self) -> ReassignAsk:
        """What the service is asked."""
        return ReassignAsk(self.organisation_id, self.worker_id)
