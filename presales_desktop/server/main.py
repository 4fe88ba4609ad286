"""`presales-server COMMAND`: finds the command, runs it, turns every failure into one sentence and an exit code."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable, Sequence

from presales_desktop import __version__
from presales_desktop.cli.output import print_error
from presales_desktop.cli.words import language_of
from presales_desktop.models.errors import EnvironmentProblem, InputError, PresalesError, UserError
from presales_desktop.server import administration, operation
from presales_desktop.server.arguments import parse
from presales_desktop.texts import set_language, tr
from sync.server.accounts import AccessError
from sync.server.database import DatabaseError

COMMANDS: dict[str, Callable[[Namespace], int]] = {
    "serve": operation.serve,
    "org add": administration.add_organisation,
    "org list": administration.list_organisations,
    "user add": administration.add_user,
    "user list": administration.list_users,
    "user disable": administration.disable_user,
    "user enable": administration.enable_user,
    "user password": administration.set_password,
    "device list": administration.list_devices,
    "device revoke": administration.revoke_device,
    "escrow": administration.open_escrow,
    "check": operation.check,
    "backup": operation.backup,
    "restore-finish": operation.restore_finish,
    "export-openapi": operation.export_openapi,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code: 0 done, 1 refused, 2 wrong usage, 3 the environment."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    set_language("en" if language_of(given) == "en" else "zh")
    as_json = "--json" in given
    try:
        args = parse(given)
        if args.version:
            print(__version__)
            return 0
        if args.command is None:
            raise InputError("usage.wrong", reason=tr("缺少命令"), help="presales-server --help")
        action = getattr(args, "action", None)
        return COMMANDS[f"{args.command} {action}" if action else args.command](args)
    except PresalesError as error:
        print_error(error, as_json)
        return error.exit_code
    except AccessError as error:
        refused = UserError(error.code, **error.params)
        print_error(refused, as_json)
        return refused.exit_code
    except DatabaseError as error:
        known: PresalesError = _problem(error)
        print_error(known, as_json)
        return known.exit_code
    except KeyboardInterrupt:
        print(tr("已取消。"), file=sys.stderr)
        return 130


def _problem(error: DatabaseError) -> PresalesError:
    if error.code in ("server.organisation_exists", "server.organisation_unknown"):
        return UserError(error.code, **error.params)
    if error.code in ("server.organisation_name", "server.database_url"):
        return InputError(error.code, **error.params)
    return EnvironmentProblem(error.code, **error.params)
