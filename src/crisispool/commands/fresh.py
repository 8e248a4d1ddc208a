"""Throws the data of a training away; `make fresh` runs it before it starts one anew."""

import sys
from contextlib import suppress
from pathlib import Path

from crisispool.adapters import data_folder
from crisispool.adapters.embedded import EmbeddedRedis
from crisispool.commands.opening import settings_here
from crisispool.commands.telling import BAD_INPUT, OK, REFUSED, complain, remark, sentence_of
from crisispool.domain.errors import Outage
from crisispool.settings import SettingsError


def run() -> int:
    """0 when there is no training any more. Whatever is not marked as training data is left alone."""
    try:
        settings = settings_here()
        folder = settings.data_dir
        if settings.database_url is not None:
            remark("fresh.elsewhere")
            return REFUSED
        if not data_folder.is_used(folder):
            return OK
        if not data_folder.is_marked(folder):
            remark("fresh.no_training", folder=folder)
            return REFUSED
        _stop_abandoned_server(folder)
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


def _stop_abandoned_server(folder: Path) -> None:
    """A server whose users were all killed still runs; who comes and goes as its last user stops it."""
    share = EmbeddedRedis(folder)
    if share.folder.is_dir():
        with suppress(Outage):
            share.join()
        share.leave()


if __name__ == "__main__":
    sys.exit(run())
