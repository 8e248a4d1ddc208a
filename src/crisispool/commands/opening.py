"""The settings of a command that works beside a running service."""

from crisispool.commands.logs import set_up_logging
from crisispool.settings import Settings, environment


def settings_here() -> Settings:
    """From the environment; what is logged meanwhile goes to standard error, from WARNING on."""
    set_up_logging("WARNING")
    return Settings.from_env(environment())
