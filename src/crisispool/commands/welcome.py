"""What a service says when it has started: where it is, what to type, how to come in."""

from crisispool.app import App
from crisispool.commands.telling import tell
from crisispool.commands.typed import typed
from crisispool.services.training import DEMO_PEOPLE
from crisispool.texts.render import render


def say(app: App, parts: set[str]) -> None:
    """On standard output."""
    command = typed()
    if app.training is not None:
        tell("welcome.training", now=app.clock.now())
    else:
        tell("welcome.production")
    if "web" in parts:
        tell("welcome.web", url=app.settings.public_url)
    if app.training is not None and "web" in parts:
        tell("welcome.tour")
    if app.training is not None:
        tell("welcome.doors")
        width = max(map(len, DEMO_PEOPLE))
        for door in DEMO_PEOPLE:
            tell("welcome.door", command=command, who=door.ljust(width), what=_what(door))
    else:
        tell("welcome.token", command=command)
    if "jobs" not in parts:
        tell("welcome.without_jobs")
    tell("welcome.stop")


def _what(door: str) -> str:
    return render(f"command.welcome.{door}", {})
