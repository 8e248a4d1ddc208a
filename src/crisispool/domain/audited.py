"""Every action that the audit chain knows, by family. An action that is written has its place here and its words."""

from typing import Final

FAMILIES: Final[dict[str, tuple[str, ...]]] = {
    "unit": (
        "made", "changed", "status", "held", "released", "lapsed", "hold_given", "owner_yes", "owner_no",
        "access_changed",
    ),
    "booking": (
        "made", "extended", "moved", "given", "check_in", "still_on_the_way", "no_show", "cancel", "check_out",
        "overstay", "stays_as", "trouble", "asked_checkout", "extension_asked", "readmission_allowed",
        "readmission_refused", "on_paper",
    ),
    "request": (
        "made", "changed", "take", "withdraw", "screened", "refused", "given", "coordinator_asked", "desk",
        "backup", "coordinator", "fallback", "call_back", "bed", "undecided", "overdue",
    ),
    "stay": ("refused",),
    "person": ("identified", "merged", "unmerged"),
    "page": ("linked", "viewed", "paper", "night_list", "night_list_cleared"),
    "note": ("access_reason", "contact"),
    "handover": (
        "made", "delivered", "acknowledge", "outcome", "reassign", "backup", "coordinator", "contact_overdue",
    ),
    "case": ("closed", "playbook_started", "task_done", "task_open"),
    "care": ("well", "help", "left", "no_answer", "not_called", "ended", "overdue", "again", "close"),
    "weekend_line": ("extended", "leaves", "elsewhere", "coordinator"),
    "consultation": ("seen", "planned"),
    "round": ("care", "weekend_list", "weekend_list_open", "units", "roster", "night_list"),
    "shift": (
        "begun", "ended", "filled", "taken_off", "offered", "kept", "taken_over", "substituted",
    ),
    "daytime": ("noted", "taken_back"),
    "closing_day": ("entered", "taken_away"),
    "cold_weather": ("on", "off"),
    "policy": ("changed",),
    "region": ("loaded",),
    "organisation": ("changed",),
    "colleague": ("made", "changed", "language", "ended"),
    "role": ("given", "taken"),
    "invitation": ("made", "used", "approved", "refused"),
    "link": ("opened", "blocked", "ended"),
    "session": ("opened", "ended"),
    "passkey": ("made", "removed"),
    "oidc": ("linked", "removed"),
    "token": ("made", "revoked"),
    "calendar_feed": ("made", "ended"),
    "audit": ("viewed", "downloaded"),
}  # fmt: skip
"""What an action begins with, and what can follow the dot."""

ACTIONS: Final = frozenset(f"{family}.{what}" for family, whats in FAMILIES.items() for what in whats)

GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "looked": ("page", "note", "audit"),
    "requests": ("request", "stay", "person", "daytime"),
    "beds": ("booking", "care", "weekend_line", "consultation"),
    "units": ("unit", "round"),
    "outreach": ("handover", "case"),
    "duty": ("shift", "closing_day"),
    "rules": ("policy", "cold_weather", "region", "organisation"),
    "access": (
        "colleague", "role", "invitation", "link", "session", "passkey", "oidc", "token",
        "calendar_feed",
    ),
}  # fmt: skip
"""Families as somebody looks for them; each family is in one group."""


def actions_of(group: str) -> tuple[str, ...]:
    """The actions of a group. KeyError: there is no such group."""
    return tuple(f"{family}.{what}" for family in GROUPS[group] for what in FAMILIES[family])
