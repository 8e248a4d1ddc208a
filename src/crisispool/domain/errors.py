"""The two things that may go wrong across a port: the rules say no, or a part failed."""

from collections.abc import Mapping
from datetime import timedelta


class Refusal(Exception):
    """The rules say no. Nothing was changed.

    `code` is stable (``stay_limit``); `facts` are JSON-able and hold no personal data, address or reason.
    The sentence is made by `texts` from the key ``refusal.<code>``.
    """

    def __init__(self, code: str, facts: Mapping[str, object] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.facts: dict[str, object] = dict(facts or {})


class NotThere(Refusal):
    """The thing does not exist or is not the asker's: one answer for both."""

    def __init__(self, what: str) -> None:
        super().__init__("not_there", {"what": what})


class NotYourRole(Refusal):
    """The asker's roles do not allow this call."""

    def __init__(self) -> None:
        super().__init__("not_your_role")


class BadInput(Refusal):
    """What was sent cannot be meant: `field` says where, `problem` is a stable code."""

    def __init__(self, field: str, problem: str, **facts: object) -> None:
        super().__init__("bad_input", {"field": field, "problem": problem, **facts})


class Blocked(Refusal):
    """Nothing can be brought to this chat: its person blocked the bot, or is not there any more."""

    def __init__(self) -> None:
        super().__init__("blocked")


class Gone(Refusal):
    """The message that was to be changed is not in its chat any more."""

    def __init__(self) -> None:
        super().__init__("gone")


class NotTaken(Refusal):
    """The messenger will never take this as it is: a mistake of ours."""

    def __init__(self) -> None:
        super().__init__("not_taken")


class Conflict(Exception):
    """A unique rule of the record was about to be broken: someone else was first. `table` says which rule."""

    def __init__(self, table: str) -> None:
        super().__init__(table)
        self.table = table


class Outage(Exception):
    """A part failed (record, live view, messenger): try again, raise the alarm. `part` names it.

    `retry_after`: how long it asked to be left alone.
    """

    def __init__(self, part: str, hint: str = "", *, retry_after: timedelta | None = None) -> None:
        super().__init__(f"{part}: {hint}" if hint else part)
        self.part = part
        self.hint = hint
        self.retry_after = retry_after
