"""The command `crisispool`: what can be typed, and which module does it."""

import argparse
import atexit
import gc
import re
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

from crisispool import __version__
from crisispool.commands.telling import BAD_INPUT, REFUSED, BadArgument, complain, sentence_of
from crisispool.domain.errors import Outage, Refusal
from crisispool.settings import SettingsError
from crisispool.texts.render import render

INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Do what was typed; the exit code: 0 done, 1 not possible, 2 not understood."""
    # Or Python looks through all that it holds before it goes: a service took a second to stop, and now a tenth.
    atexit.register(gc.freeze)
    try:
        args = _parser().parse_args(argv)
        code: int = import_module(f"crisispool.commands.{args.module}").run(args)
    except BadArgument as mistake:
        complain(str(mistake))
        return BAD_INPUT
    except SettingsError as error:
        complain(str(error))
        return BAD_INPUT
    except SystemExit as asked:
        # From argparse, which has already said why.
        return int(asked.code or 0)
    except (Refusal, Outage) as error:
        complain(sentence_of(error))
        return REFUSED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read along has gone, for instance `head`; Python would complain once more at the exit.
        sys.stdout = None
        return REFUSED
    except Exception as error:  # noqa: BLE001  # the last door: no traceback, its lines may quote data
        frames = traceback.extract_tb(error.__traceback__)[-3:]
        where = ", ".join(f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in frames)
        complain(render("command.unexpected", {"kind": type(error).__name__, "where": where}))
        return REFUSED
    return code


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="crisispool", description=_help("crisispool"), allow_abbrev=False)
    parser.add_argument("--version", action="version", version=__version__, help=_help("version"))
    commands = parser.add_subparsers(required=True, dest="command", metavar="OPDRACHT")
    for add in (_serve, _chat, _region, _stay, _token, _invite, _clock, _checks):
        add(commands)
    return parser


def _serve(commands: Any) -> None:
    parser = _command(commands, "serve")
    parser.add_argument("--host", help=_help("host"))
    parser.add_argument("--port", help=_help("port"))
    parser.add_argument("--only", metavar="web,bot,jobs", help=_help("only"))
    parser.add_argument("--region", metavar="BESTAND", help=_help("serve_region"))
    parser.add_argument("--training", action="store_true", help=_help("training"))
    parser.add_argument("--clock", metavar="TIJDSTIP", help=_help("clock"))


def _chat(commands: Any) -> None:
    parser = _command(commands, "chat")
    parser.add_argument("--as", dest="who", metavar="NAAM", help=_help("as"))
    parser.add_argument("--url", metavar="ADRES", help=_help("url"))
    parser.add_argument("--token", help=_help("token_given"))
    parser.add_argument("--json", action="store_true", help=_help("chat_json"))


def _region(commands: Any) -> None:
    actions = _command(commands, "region").add_subparsers(required=True, dest="action", metavar="check|load")
    for name in ("check", "load"):
        parser = _command(actions, name, "region", f"region_{name}")
        parser.add_argument("file", metavar="BESTAND", help=_help("region_file"))


def _stay(commands: Any) -> None:
    parser = _command(commands, "stay")
    parser.add_argument("--night", metavar="DAG", required=True, action=_Once, help=_help("night"))
    parser.add_argument("--nights", metavar="N", action=_Once, help=_help("nights"))
    parser.add_argument("--used", metavar="DAG,DAG", action="append", default=[], help=_help("used"))
    parser.add_argument("--closed", metavar="DAG,DAG", action="append", default=[], help=_help("closed"))
    parser.add_argument("--policy", metavar="NAAM", default="letter", action=_Once, help=_help("policy"))
    parser.add_argument("--json", action="store_true", help=_help("stay_json"))


def _token(commands: Any) -> None:
    actions = _command(commands, "token").add_subparsers(required=True, dest="action", metavar="create")
    parser = _command(actions, "create", "token", "token_create")
    whose = parser.add_mutually_exclusive_group(required=True)
    whose.add_argument("--person", metavar="ID", help=_help("person"))
    whose.add_argument("--role", metavar="ROL", help=_help("role"))
    parser.add_argument("--organisation", metavar="ID", help=_help("organisation"))


def _invite(commands: Any) -> None:
    parser = _command(commands, "invite")
    parser.add_argument("--role", metavar="ROL", action=_Once, help=_help("invite_role"))
    parser.add_argument("--organisation", metavar="ID", action=_Once, help=_help("invite_organisation"))
    parser.add_argument("--person", metavar="ID", action=_Once, help=_help("invite_person"))
    parser.add_argument("--anew", action="store_true", help=_help("invite_anew"))


def _clock(commands: Any) -> None:
    parser = _command(commands, "clock", text="clock_command")
    parser.add_argument("--to", metavar="TIJDSTIP", action=_Once, help=_help("clock_to"))


def _checks(commands: Any) -> None:
    for name in ("rebuild", "verify", "doctor", "bounce"):
        _command(commands, name)


def _command(commands: Any, name: str, module: str = "", text: str = "") -> argparse.ArgumentParser:
    said = _help(text or name)
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=said, description=said, allow_abbrev=False
    )
    parser.set_defaults(module=module or name)
    return parser


def _help(key: str) -> str:
    return render(f"command.help.{key}", {}).replace("%", "%%")


class _Once(argparse.Action):
    """An option that may stand there once: of two, nobody knows which one was meant."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: Any, values: Any, option: Any = None
    ) -> None:
        seen = f"_{self.dest}_given"
        if hasattr(namespace, seen):
            parser.error(render("command.argument.twice", {"option": option}))
        setattr(namespace, seen, True)
        setattr(namespace, self.dest, values)


class _Parser(argparse.ArgumentParser):
    """Says in Dutch what is wrong with what was typed."""

    def error(self, message: str) -> NoReturn:
        for key, pattern in _MESSAGES:
            found = re.fullmatch(pattern, message, re.DOTALL)
            if found:
                message = render(f"command.argument.{key}", found.groupdict())
        complain(f"{self.prog}: {message} {render('command.argument.help', {'prog': self.prog})}")
        raise SystemExit(BAD_INPUT)


_MESSAGES = (
    ("required", r"the following arguments are required: (?P<option>.*)"),
    ("unknown", r"unrecognized arguments: (?P<option>.*)"),
    ("value", r"argument (?P<option>\S+): expected one argument"),
    ("no_value", r"argument (?P<option>\S+): ignored explicit argument .*"),
    ("together", r"argument (?P<option>\S+): not allowed with argument (?P<other>.*)"),
    ("one_of", r"one of the arguments (?P<option>.*) is required"),
    ("choice", r"argument (?P<option>.*?): invalid choice: (?P<given>'.*?') \(choose from (?P<known>.*)\)"),
)
"""What `argparse` says in English, and our sentence for it."""


if __name__ == "__main__":
    sys.exit(main())
