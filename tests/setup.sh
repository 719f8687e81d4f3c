#!/usr/bin/env bash
# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Usage: tests/setup.sh [venv] [system] [programs] [lock]
#   venv    .venv with the packages of tests/constraints.txt, each compared with its hash, and the path
#           under which Ansible, mypy and pytest find this checkout as ansible_collections.lvs.topology
#   system  the Debian or Ubuntu packages that the lab needs
#   programs  a browser and promtool, for the steps page and promtool
#   lock    rewrites tests/constraints.txt with the newest versions that fit
# It skips everything that exists, so that a second run takes no time.
set -euo pipefail
cd "$(dirname "$0")/.."

# On Debian mkfs and the like are not in a user's PATH.
PATH=$PATH:/usr/sbin:/sbin

say() { printf 'setup: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

as_root() { # as_root COMMAND...
  if [ "$(id -u)" = 0 ]; then
    "$@"
  else
    command -v sudo >/dev/null || fail "run as root: $*"
    sudo "$@"
  fi
}

apt_update() {
  as_root apt-get update -qq >/dev/null ||
    say "apt-get update failed; continuing with the existing package lists"
}

apt_install() { # apt_install PACKAGE...
  if ! command -v apt-get >/dev/null; then
    fail "these packages are missing, and this system has no apt-get to install them: $*"
  fi
  say "installing Debian packages: $*"
  apt_update
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "$@" >/dev/null ||
    fail "apt-get could not install them; its message is above"
}

# Prints the Python to use: $PYTHON, or the newest one that ansible-core supports on a controller.
find_python() {
  local candidate
  for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  fail "no Python 3.11 or newer found (name one: make setup PYTHON=/path/to/python3)"
}

create_venv() { # create_venv DIRECTORY
  local python version
  python=$(find_python)
  if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    apt_install "python$version-venv"
  fi
  say "creating ${1#"$PWD"/} with $("$python" --version)"
  rm -rf "$1"
  "$python" -m venv "$1"
}

setup_venv() {
  local stamp
  stamp=$(cat tests/requirements.txt tests/constraints.txt tests/setup.sh | sha256sum)
  if [ "$(cat .venv/stamp 2>/dev/null)" != "$stamp" ] || ! .venv/bin/python -c '' 2>/dev/null; then
    # Update an older .venv; recreate one that does not run, or has no pip.
    .venv/bin/python -m pip --version >/dev/null 2>&1 || create_venv "$PWD/.venv"
    say "installing the Python packages of tests/constraints.txt"
    .venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r tests/constraints.txt
    echo "$stamp" >.venv/stamp
  fi
  mkdir -p .cache/collections/ansible_collections/lvs
  ln -sfn "$PWD" .cache/collections/ansible_collections/lvs/topology
}

setup_system() {
  local entry have missing=()
  # file or program : its package
  for entry in \
    qemu-system-x86_64:qemu-system-x86 \
    qemu-img:qemu-utils \
    mmdebstrap:mmdebstrap \
    /usr/share/keyrings/debian-archive-keyring.gpg:debian-archive-keyring \
    ssh:openssh-client \
    mkfs.ext4:e2fsprogs; do
    have=${entry%%:*}
    [ -e "$have" ] || command -v "$have" >/dev/null || missing+=("${entry#*:}")
  done
  [ ${#missing[@]} = 0 ] || apt_install "${missing[@]}"
}

setup_programs() {
  local have
  # Any browser can load the page of the verification (tests/checks/page.py).
  for have in chromium-headless-shell chromium chromium-browser google-chrome none; do
    command -v "$have" >/dev/null && break
  done
  [ "$have" != none ] || apt_install chromium-headless-shell
  setup_promtool
}

# Prometheus's own checker (tests/checks/promtool.py), unpacked only: the package starts a server.
setup_promtool() {
  local place=.cache/promtool work
  if command -v promtool >/dev/null || [ -x "$place/promtool" ]; then
    return
  fi
  command -v apt-get >/dev/null || fail "promtool is missing: install Prometheus"
  say "unpacking promtool of the Debian package prometheus"
  work=$(mktemp -d)
  if ! (cd "$work" && apt-get download -qq prometheus 2>/dev/null); then
    apt_update
    (cd "$work" && apt-get download -qq prometheus) || fail "apt-get could not download it"
  fi
  dpkg-deb --fsys-tarfile "$work"/prometheus_*.deb | tar -x -C "$work" ./usr/bin/promtool
  mkdir -p "$place"
  mv "$work/usr/bin/promtool" "$place/promtool"
  rm -r "$work"
}

lock() {
  local work
  work=$(mktemp -d)
  trap 'rm -rf "$work"' RETURN
  create_venv "$work/venv"
  "$work/venv/bin/python" -m pip install -qq --disable-pip-version-check pip-tools
  # Hashes do not depend on the index that has the packages, so that no index is named. With
  # --allow-unsafe setuptools, which some need, gets hashes too: else pip refuses the whole file.
  "$work/venv/bin/python" -m piptools compile --quiet --generate-hashes --strip-extras --no-header \
    --no-annotate --allow-unsafe --no-emit-index-url --no-emit-find-links --no-emit-options \
    --output-file "$work/packages.txt" tests/requirements.txt
  {
    sed -n '2,3p' tests/setup.sh # the two lines of its licence
    echo
    echo "# Every package of .venv with its version and hashes, tried together. Made by \`make lock\`."
    cat "$work/packages.txt"
  } >"$work/constraints.txt"
  mv "$work/constraints.txt" tests/constraints.txt
  say "wrote tests/constraints.txt"
}

for part in "${@:-venv}"; do
  case $part in
  venv) setup_venv ;;
  system) setup_system ;;
  programs) setup_programs ;;
  lock) lock ;;
  *) fail "unknown part '$part': venv, system, programs or lock" ;;
  esac
done
