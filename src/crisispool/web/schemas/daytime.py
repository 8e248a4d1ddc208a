"""The body of a question by day."""

from crisispool.domain.daytime import AskerKind, QuestionKind, QuestionOutcome
from crisispool.services.daytime import QuestionAsk
from crisispool.web.schemas.base import Body, given


class QuestionBody(Body):
    """What was asked, how it ended, and which kind of asker it was."""

    kind: QuestionKind
    outcome: QuestionOutcome
    asker: AskerKind = AskerKind.PERSON

    def ask(self) -> QuestionAsk:
        """What the service is asked."""
        return QuestionAsk(**given(self))
