#!/bin/sh
# Make .venv hold the project with all its extras and what the tests and checks need, at the versions and with the
# hashes of requirements-dev.lock. Called by make, from the root of the repository, when there is no .venv yet or what
# it depends on has changed.
set -eu

lock=requirements-dev.lock
is_new_enough='import sys; sys.exit(sys.version_info < (3, 11))'

say() {
    printf '%s\n' "$@" >&2
}

find_python() {
    for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
        if "$candidate" -c "$is_new_enough" 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    say 'Tallystick needs Python 3.11 or newer, and none was found on the PATH. Install one:' \
        '  Debian, Ubuntu:  apt-get install python3 python3-venv' \
        '  macOS:           brew install python@3.13'
    exit 1
}

# Debian and Ubuntu keep the part of venv that brings pip in a package of its own.
need_venv() {
    "$1" -c 'import ensurepip' 2>/dev/null && return
    package=$("$1" -c 'import sys; print("python{}.{}-venv".format(*sys.version_info))')
    if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
        say "Installing $package"
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y "$package" >&2
    else
        say "$1 cannot make virtual environments. Install what is missing: sudo apt-get install $package"
        exit 1
    fi
}

# Run a command whose output goes to a file, and is shown only when the command fails. Meanwhile, say how long it takes.
watched() {
    what=$1
    shift
    log=.venv/set-up.log
    "$@" </dev/null >"$log" 2>&1 &
    command=$!
    # The shell has a command in the background ignore Ctrl-C.
    trap 'kill "$command" 2>/dev/null; exit 130' INT TERM HUP
    seconds=0
    while kill -0 "$command" 2>/dev/null; do
        sleep 1
        seconds=$((seconds + 1))
        if [ -t 2 ]; then
            printf '\r  installing %s: %s s' "$what" "$seconds" >&2
        elif [ $((seconds % 20)) = 0 ]; then
            say "  installing $what: $seconds s"
        fi
    done
    [ ! -t 2 ] || printf '\n' >&2
    if ! wait "$command"; then
        say "Installing $what failed:"
        tail -n 30 "$log" >&2
        exit 1
    fi
}

with_uv() {
    .venv/bin/python -c "$is_new_enough" 2>/dev/null || uv venv --quiet --clear --python '>=3.11' .venv
    watched 'the packages' uv pip install --python .venv --require-hashes --requirements "$lock"
    watched 'the project' uv pip install --python .venv --no-deps --editable .
}

with_pip() {
    if ! .venv/bin/python -m pip --version >/dev/null 2>&1 || ! .venv/bin/python -c "$is_new_enough"; then
        python=$(find_python)
        need_venv "$python"
        "$python" -m venv --clear .venv
    fi
    watched 'the packages' .venv/bin/python -m pip install --disable-pip-version-check \
        --require-hashes --requirement "$lock"
    watched 'the project' .venv/bin/python -m pip install --disable-pip-version-check --no-deps --editable .
}

say 'Setting up .venv (a minute or two the first time)'
if command -v uv >/dev/null; then with_uv; else with_pip; fi
