"""`presales` without a command opens the window; with one it answers on the terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from presales_desktop.cli.words import wants_window

if TYPE_CHECKING:
    from argparse import Namespace

    from presales_desktop.cli.session import Options


def main() -> None:
    """The entry of the program."""
    arguments = sys.argv[1:]
    if wants_window(arguments):
        prepare_window()
        from presales_desktop.app import run_window

        sys.exit(run_window(arguments))
    from presales_desktop.cli.main import main as run_command

    sys.exit(run_command(arguments, _window_commands()))


def prepare_window() -> None:
    """Before anything of the window is imported: what comes stays, so nothing is to be collected (kit/garbage.py takes that over), and
    nothing is compiled that was compiled before."""
    import gc

    gc.disable()
    from presales_desktop import bytecode

    bytecode.install()


def _window_commands() -> dict[str, Callable[..., int]]:
    """Commands that need Qt are loaded only when they run."""

    def tour(options: Options, args: Namespace) -> int:
        from presales_desktop.tour import run_tour

        return run_tour(options, args)

    def screenshots(options: Options, args: Namespace) -> int:
        from presales_desktop.tour import run_screenshots

        return run_screenshots(options, args)

    return {"tour": tour, "screenshots": screenshots}


if __name__ == "__main__":
    main()
