"""Throws the data of a training away; `make fresh` runs it before it starts one anew."""

import sys

from crisispool.adapters import data_folder
from crisispool.adapters.embedded import EmbeddedRedis
from crisispool.commands.opening import settings_here
from crisispool.commands.telling import BAD_INPUT, OK, REFUSED, complain, remark, sentence_of
from crisispool.domain.errors import Outage
from crisispool.settings import SettingsError


def run() -> int:
    """0 when there is no training any more. Whatever is not marked as training data is left alone."""
    try:
        folder = settings_here().data_dir
        if not data_folder.is_used(folder):
            return OK
        if not data_folder.is_marked(folder):
            remark("fresh.no_training", folder=folder)
            return REFUSED
        # A server that lost all its users at once still runs: as its last user we stop it.
        server = EmbeddedRedis(folder)
        server.stop_abandoned()
        if not data_folder.throw_away(folder):
            remark("fresh.in_use", folder=folder)
            return REFUSED
    except SettingsError as error:
        complain(str(error))
        return BAD_INPUT
    except Outage as outage:
        complain(sentence_of(outage))
        return REFUSED
    return OK


if __name__ == "__main__":
    sys.exit(run())
