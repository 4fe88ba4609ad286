"""Files that a person asked for: the old one stays until the new one is complete."""

from __future__ import annotations

import errno
import tempfile
from pathlib import Path

from presales_desktop.models.errors import InputError
from presales_desktop.texts import tr
from presales_desktop.texts.common import OS_REASONS


def why(error: OSError) -> str:
    """The system's refusal in the language of now."""
    found = OS_REASONS.get(error.errno or 0)
    return tr(found) if found else error.strerror or type(error).__name__


def replace_file(path: Path, data: bytes) -> None:
    """Write PATH so that it is either the old or the complete new content. Raises InputError file.not_writable."""
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "")
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".writing", delete=False) as handle:
            temporary = Path(handle.name)
            handle.write(data)
        temporary.chmod(0o644)
        temporary.replace(path)
    except (OSError, ValueError) as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        reason = why(error) if isinstance(error, OSError) else ""
        raise InputError("file.not_writable", file=str(path), reason=reason) from None
