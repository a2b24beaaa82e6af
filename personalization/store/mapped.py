"""Arrays in local files that all worker processes of a machine map, so that they hold one copy together.

A folder holds one ``.npy`` file per array and a manifest with the checksum of each, sealed with a key derived from
the project's secret: what is damaged, cut off, half written or somebody else's is not read.
"""

from __future__ import annotations

import hmac
import json
import shutil
import tempfile
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from django.core.files import locks

from personalization.conf import settings
from personalization.exceptions import PersonalizationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

MANIFEST: Final = "manifest.json"
_CHUNK: Final = 1 << 20


class UnusableFilesError(PersonalizationError):
    """The mapped files are missing, damaged, or not ours."""


def write_arrays(
    folder: Path, arrays: Mapping[str, NDArray[np.generic]], facts: Mapping[str, object]
) -> None:
    """Write arrays and a few JSON facts; the folder appears whole or not at all.

    Raises OSError when the place cannot be written.
    """
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=folder.parent))
    try:
        for name, array in arrays.items():
            np.save(draft / f"{name}.npy", array, allow_pickle=False)
        sums = {name: _checksum(draft / f"{name}.npy") for name in arrays}
        content = json.dumps({"arrays": sums, "facts": facts}, sort_keys=True)
        (draft / MANIFEST).write_text(json.dumps({"content": content, "seal": _seal(content)}))
        if folder.exists():
            shutil.rmtree(folder)
        draft.replace(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def map_arrays(folder: Path) -> tuple[dict[str, NDArray[np.generic]], dict[str, object]]:
    """The arrays, mapped read-only, and the facts.

    Raises UnusableFilesError.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
        content = manifest["content"]
        if not hmac.compare_digest(manifest["seal"], _seal(content)):
            raise UnusableFilesError(f"{folder} was not written by this project")
        stated = json.loads(content)
        arrays = {name: _map(folder / f"{name}.npy", checksum) for name, checksum in stated["arrays"].items()}
    except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
        raise UnusableFilesError(f"{folder} cannot be read: {error}") from error
    return arrays, stated["facts"]


@contextmanager
def exclusive(path: Path, *, wait: bool) -> Iterator[bool]:
    """Hold a lock file; yields whether it is held, which without ``wait`` it may not be.

    Raises OSError when the place cannot be written.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("ab") as file:
        held = locks.lock(file, locks.LOCK_EX if wait else locks.LOCK_EX | locks.LOCK_NB)
        try:
            yield held
        finally:
            if held:
                locks.unlock(file)


def drop_older(folder: Path, *, prefix: str, keep: int) -> None:
    """Remove the folders of a prefix except the newest ones. Processes that still map them keep their pages."""
    found = sorted(folder.glob(f"{prefix}-*/"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in found[keep:]:
        shutil.rmtree(path, ignore_errors=True)


def _map(path: Path, checksum: str) -> NDArray[np.generic]:
    if _checksum(path) != checksum:
        raise UnusableFilesError(f"{path} is damaged")
    array = np.load(path, mmap_mode="r", allow_pickle=False)
    return np.asarray(array)  # a plain view of the map: slicing a memmap object costs several times more


def _checksum(path: Path) -> str:
    digest = blake2b(digest_size=16)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _seal(content: str) -> str:
    key = settings.secret_keys[0].encode()
    return hmac.new(key, b"personalization.mapped:" + content.encode(), "sha256").hexdigest()
