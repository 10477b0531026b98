# Sourced by the other scripts: the few words that all of them use.
# shellcheck shell=bash

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Precompiled headers are cached only if ccache may overlook what they hold of time and macros.
export CCACHE_SLOPPINESS="${CCACHE_SLOPPINESS:-pch_defines,time_macros}"
# Clones in other folders share the cache.
export CCACHE_BASEDIR="${CCACHE_BASEDIR:-$PWD}" CCACHE_NOHASHDIR=1

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

die() {
  local code=$1
  shift
  say "error: $*"
  exit "$code"
}

# Exit code for wrong usage, as the product's own commands have it.
usage_error() { die 64 "$* (--help shows how)"; }

# Compilers with Beast and CAF take up to 1.5 GiB each: as many as there are processors, fewer on small machines.
job_count() {
  local processors memory_kib by_memory
  processors=$(nproc)
  memory_kib=$(awk '/^MemAvailable:/ {print $2}' /proc/meminfo)
  by_memory=$((memory_kib / (3 * 512 * 1024)))
  echo $((by_memory < 1 ? 1 : by_memory < processors ? by_memory : processors))
}

# The C++ files of our own as git knows them; new ones count before they are committed, deleted ones no more.
cpp_sources() {
  local file
  git ls-files --cached --others --exclude-standard '*.cpp' '*.hpp' | sort -u | while read -r file; do
    if [ -e "$file" ]; then echo "$file"; fi
  done
}
