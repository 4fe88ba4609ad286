"""What is read off the command line before anything else is loaded: the window must stand in half a second."""

from __future__ import annotations

from collections.abc import Sequence


def language_of(arguments: Sequence[str]) -> str | None:
    """The language asked for, read before the parser is built in it."""
    for i, word in enumerate(arguments):
        if word == "--lang" and i + 1 < len(arguments):
            return arguments[i + 1]
        if word.startswith("--lang="):
            return word.removeprefix("--lang=")
    return None


def wants_window(arguments: Sequence[str]) -> bool:
    """Whether no command is given: then the window opens."""
    skip = False
    for word in arguments:
        if skip:
            skip = False
            continue
        if word in ("--profile", "--lang"):
            skip = True
        elif word in ("-h", "--help", "--version", "--json") or not word.startswith("-"):
            return False
    return True
