# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The image: one Debian tree, built once and cached under the hash of its recipe."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from . import recipe, tools
from .progress import say, step
from .recipe import Recipe
from .settings import Settings


@dataclass(frozen=True)
class Image:
    """A finished cache entry, read only except for its snapshots."""

    directory: Path

    @property
    def disk(self) -> Path:
        """The root file system, as the base of all overlays."""
        return self.directory / "base.qcow2"

    @property
    def tree(self) -> Path:
        """The same root as a tar archive, for containers without a virtual machine."""
        return self.directory / "tree.tar"

    @property
    def kernel(self) -> Path:
        """The kernel, outside of the disk."""
        return self.directory / "vmlinuz"

    @property
    def initrd(self) -> Path:
        """The first user space, outside of the disk."""
        return self.directory / "initrd.img"

    @property
    def key(self) -> Path:
        """The private key that every node accepts."""
        return self.directory / "id_ed25519"


def programs() -> tuple[str, ...]:
    """Return the programs that build an image."""
    always = ("mmdebstrap", "mke2fs", "qemu-img", "ssh-keygen", "tar")
    return always if os.geteuid() == 0 else (*always, "fakeroot")


def location(settings: Settings) -> Image:
    """Return the path of the image, built or not."""
    return Image(settings.cache / recipe.from_settings(settings).digest)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Lock `path`; the lock ends with its process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another lab command ({path})")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def ensure(settings: Settings) -> Image:
    """Return the image, and build it if necessary."""
    image = location(settings)
    if image.directory.exists():
        return image
    tools.need(*programs())
    with locked(settings.cache / "build.lock"):
        if not image.directory.exists():
            _build(settings, recipe.from_settings(settings), image)
    return image


def _build(settings: Settings, what: Recipe, image: Image) -> None:
    with tempfile.TemporaryDirectory(prefix="build-", dir=settings.cache) as work:
        build = Image(Path(work) / "image")
        build.directory.mkdir()
        tools.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", build.key])
        log = settings.cache / "build.log"
        with step(f"image {what.digest}: installing {len(what.packages)} packages ({what.suite})"):
            tools.run(_mmdebstrap(what, build), log=log)
        with step("image: creating the disk"):
            _make_disk(what, build, Path(work))
        build.directory.rename(image.directory)


def _mmdebstrap(what: Recipe, build: Image) -> list[str | Path]:
    files = recipe.IMAGE_FILES
    command: list[str | Path] = [
        "mmdebstrap",
        "--variant=minbase",
        '--aptopt=APT::Install-Recommends "false"',
        *(f"--dpkgopt=path-exclude={pattern}" for pattern in what.left_out),
        f"--dpkgopt=path-include={recipe.LICENCES}",
        f"--include={','.join(what.packages)}",
        # before the configuration of the kernel's package, which makes the initrd
        f"--essential-hook=sync-in {files / 'early'} /",
        f"--customize-hook=sync-in {files / 'root'} /",
        '--customize-hook=mkdir -p "$1/root/.ssh"',
        f"--customize-hook=upload {build.key}.pub /root/.ssh/authorized_keys",
        f"--customize-hook={files / 'customise.sh'}",
        *_customised(what),
        what.suite,
        build.tree,
    ]
    return [*command, what.mirror] if what.mirror else command


def _customised(what: Recipe) -> list[str]:
    """Have nothing start by itself of the packages that only one image has: a test starts it."""
    packages = [one for one in what.packages if one not in recipe.PACKAGES]
    units = "sed -n 's|.*/systemd/system/\\([^/]*[.]service\\)$|\\1|p'"
    disable = f"dpkg -L {' '.join(packages)} | {units} | xargs -r systemctl disable --quiet"
    return [f'--customize-hook=chroot "$1" sh -c "{disable}"'] if packages else []


def _make_disk(what: Recipe, build: Image, work: Path) -> None:
    root, raw = work / "root", work / "root.raw"
    root.mkdir()
    # mke2fs copies owners from the tree, so that both steps run as root, or under fakeroot.
    script = (
        'tar --extract --numeric-owner --xattrs --xattrs-include="*" --file "$1" --directory "$2"'
        ' && mke2fs -q -t ext4 -O ^has_journal -E root_owner=0:0 -d "$2" "$3" "$4"'
    )
    shell: list[str | Path] = ["sh", "-c", f"PATH=$PATH:/usr/sbin:/sbin; {script}", "mkdisk"]
    prefix = [] if os.geteuid() == 0 else ["fakeroot"]
    tools.run([*prefix, *shell, build.tree, root, raw, f"{what.disk_gib}G"])
    tools.run(["qemu-img", "convert", "-O", "qcow2", raw, build.disk])
    shutil.copyfile(root / "vmlinuz", build.kernel)
    shutil.copyfile(root / "initrd.img", build.initrd)
