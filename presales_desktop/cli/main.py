"""`presales COMMAND`: finds the command, runs it, turns every failure into one sentence and an exit code."""

from __future__ import annotations

import logging
import logging.handlers
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path

from presales_desktop import __version__, paths
from presales_desktop.cli import files, proofs, records, syncing, workspaces
from presales_desktop.cli.arguments import parse
from presales_desktop.cli.output import print_error
from presales_desktop.cli.session import Options
from presales_desktop.cli.words import language_of
from presales_desktop.models.errors import InputError, PresalesError
from presales_desktop.reports import printer
from presales_desktop.settings import DeviceSettings
from presales_desktop.texts import set_language, tr

COMMANDS: dict[str, Callable[[Options, Namespace], int]] = {
    "init": workspaces.init,
    "as": workspaces.act_as,
    "doctor": workspaces.examine,
    "backup": workspaces.backup,
    "recover": workspaces.recover,
    "restore": workspaces.restore,
    "describe": records.describe,
    "list": records.list_records,
    "show": records.show,
    "new": records.create,
    "set": records.change,
    "do": records.do,
    "search": records.find,
    "import": files.run_import,
    "report": files.report,
    "verify": proofs.verify,
    "lighting": files.lighting,
    "login": syncing.login,
    "sync": syncing.sync,
    "inbox": syncing.inbox,
}


def main(arguments: Sequence[str], extra: dict[str, Callable[[Options, Namespace], int]] | None = None) -> int:
    """Run one command; its exit code. EXTRA: commands that need the window (tour), handed in by the caller."""
    _choose_language(arguments)
    as_json = "--json" in arguments
    kind = ""
    try:
        args = parse(arguments)
        if args.version:
            print(__version__)
            return 0
        if args.command is None:
            raise InputError("usage.wrong", reason=tr("缺少命令"), help="presales --help")
        kind = getattr(args, "kind", None) or ""
        printer.install()
        profile = Path(args.profile) if args.profile else paths.default_profile()
        options = Options(profile, args.lang or "zh", as_json, args.passphrase_stdin)
        return ({**COMMANDS, **(extra or {})})[args.command](options, args)
    except PresalesError as error:
        print_error(error, as_json, kind)
        return error.exit_code
    except BrokenPipeError:
        # The reader (head, less) went away: not an error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print(tr("已取消。"), file=sys.stderr)
        return 130
    except Exception:  # noqa: BLE001  # a bug: the trace goes to the log, a sentence to the person
        log = _log_trace()
        print_error(InputError("internal.bug", file=str(log)), as_json)
        return 3


def _choose_language(arguments: Sequence[str]) -> None:
    wanted = language_of(arguments)
    if wanted not in ("zh", "en"):
        wanted = DeviceSettings(paths.config_dir() / "settings.json").language
    set_language("en" if wanted == "en" else "zh")


def _log_trace() -> Path:
    path = paths.log_dir() / "presales.log"
    logger = logging.getLogger("presales.cli")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(path, maxBytes=1_000_000, backupCount=3, encoding="utf-8")
    except OSError:
        logging.lastResort = None
        return path
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger.addHandler(handler)
    logger.propagate = False
    logger.error("internal error", exc_info=True)  # noqa: LOG014  # called from the handler
    logger.removeHandler(handler)
    handler.close()
    return path
