#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Run the whole gate: style, types, unit tests, functional tests,
# documentation and release notes. Install first what is missing for it, see
# tools/setup_venv.sh. Ends with the line
#
#   N passed, N failed, N skipped
#
# which counts tests, and as one failed each other environment that failed.
# Exits 0 only where nothing failed.
#
# Usage: tools/run_tests.sh

set -o errexit
set -o nounset
set -o pipefail

# What needs no namespaces of its own, two at a time; py3 last of them, when
# the others are at their ends.
static=pep8,mypy,docs,releasenotes,py3
# The longest first, and beside it the others, one after the other: much of
# their time is spent on waiting.
with_root=functional
readonly FUNCTIONAL_LIMIT=45m
readonly KERNEL=linux-image-cloud-amd64

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cd "$ROOT"

# git refuses a tree that another user owns, as a checkout in a container is.
if [[ -e .git && -z ${GIT_CONFIG_COUNT:-} ]]; then
    export GIT_CONFIG_COUNT=1
    export GIT_CONFIG_KEY_0=safe.directory
    export GIT_CONFIG_VALUE_0=$ROOT
fi

if [[ -n ${1:-} ]]; then
    echo "usage: tools/run_tests.sh" >&2
    exit 2
fi

started=$SECONDS
tools/setup_venv.sh lab test cloud
if [[ $EUID -ne 0 ]]; then
    with_root=$with_root,functional-agent
    echo "functional-cloud and functional-kernel are left out: they need" \
        "root" >&2
else
    with_root=$with_root,functional-cloud,functional-agent
    if [[ $(uname -m) == x86_64 ]] && apt-cache show $KERNEL &>/dev/null; then
        tools/setup_venv.sh lab test cloud kernel
        # QEMU that translates takes both processors for six minutes, or for
        # twenty beside other tests, which it makes late.
        if .venv/bin/python -m steth.lab kernel prepare |
            grep "run by KVM"; then
            with_root=$with_root,functional-kernel
        else
            echo "functional-kernel is left out: KVM does not work here, and" \
                "without it takes too long; see .venv/bin/tox -e" \
                "functional-kernel" >&2
        fi
    else
        echo "functional-kernel is left out: it needs Debian's kernel for" \
            "x86-64 machines, $KERNEL, which apt does not know" >&2
    fi
fi
setup_time=$((SECONDS - started))

if [[ $(git rev-parse --is-shallow-repository 2>/dev/null) == true ]]; then
    echo "releasenotes is left out: reno needs the whole history, and this" \
        "clone is shallow (git fetch --unshallow)" >&2
    static=${static/releasenotes,/}
fi

# What tests make is made here, where also those who are not root get through.
work=$(mktemp -d)
chmod 0711 "$work"
export TMPDIR=$work
clean_up() {
    # Labs of tests that were ended from outside.
    .venv/bin/python - "$work/" <<'EOF' || true
import sys
from steth.lab import lab, processes
for one in sorted(processes.directories()):
    if one.startswith(sys.argv[1]):
        print("removing what a test left:", one, file=sys.stderr)
        lab.Lab(one).down()
EOF
    rm -rf "$work"
}
trap clean_up EXIT

# The number that stestr gives its next run: what is older is not ours.
first_run=$(cat .stestr/next-stream 2>/dev/null || echo 0)

# A failure is told by the report, after all have run.
.venv/bin/tox run-parallel --parallel 2 --parallel-no-spinner \
    --result-json "$work/static.json" -e "$static" </dev/null || true
timeout --signal INT --kill-after 1m "$FUNCTIONAL_LIMIT" \
    .venv/bin/tox run-parallel --parallel 2 --parallel-live \
    --result-json "$work/functional.json" -e "$with_root" </dev/null ||
    [[ $? -ne 124 ]] ||
    echo "functional: stopped after $FUNCTIONAL_LIMIT" >&2

.venv/bin/python tools/gate_report.py \
    --environments "$static,$with_root" \
    --setup-time "$setup_time" \
    --first-run "$first_run" \
    "$work/static.json" "$work/functional.json"
