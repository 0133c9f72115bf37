#!/usr/bin/env bash
# Runs clang-tidy (.clang-tidy) on the C++ files outside bench/ that have changed; any warning is an error.
# usage: packaging/tidy.sh [BASE | --all]
# The files are those that differ from the merge base with BASE, including uncommitted changes. By default BASE is
# origin/main, or the previous commit if origin/main does not exist or contains the current commit. A changed header is
# checked through its source file or one that includes it. If there are more than 40 files, 40 are chosen at random, the
# same ones for each run on a commit, to bound the time; --all checks every file.
set -euo pipefail
cd "$(dirname "$0")/.."

limit=40
folders=(src tests fuzz examples)
commit=$(git rev-parse HEAD)

if [ -n "${1:-}" ] && [ "$1" != --all ] && ! git rev-parse --verify --quiet "$1^{commit}" > /dev/null; then
  echo "clang-tidy: there is no commit $1" >&2
  exit 2
fi

changed_files() {
  local base
  base=$(git merge-base "${1:-origin/main}" HEAD 2>/dev/null || true)
  if [ -z "$base" ] || { [ -z "${1:-}" ] && [ "$base" = "$commit" ]; }; then
    base=$(git rev-parse --verify --quiet HEAD~1) || { echo "there is no earlier commit to compare with" >&2; return; }
  fi
  git diff --name-only --diff-filter=d "$base" -- "${folders[@]/%//*.cpp}" "${folders[@]/%//*.hpp}"
  git ls-files --others --exclude-standard -- "${folders[@]/%//*.cpp}" "${folders[@]/%//*.hpp}"
}

# Prints each source file, and for each header the source file of the same name or the first one that includes it.
source_files() {
  local file name source
  while read -r file; do
    case $file in
      *.cpp) echo "$file" ;;
      *.hpp)
        source=${file%.hpp}.cpp
        name=${file#src/}
        [ -f "$source" ] || source=$(git grep -lF "include \"${name#tests/unit/}\"" -- "${folders[@]/%//*.cpp}" | head -n 1)
        [ -z "$source" ] || echo "$source"
        ;;
    esac
  done | sort -u
}

if [ "${1:-}" = --all ]; then
  mapfile -t files < <(git ls-files -- "${folders[@]/%//*.cpp}")
else
  mapfile -t files < <(changed_files "${1:-}" | source_files)
  if [ ${#files[@]} -gt $limit ]; then
    echo "clang-tidy: the change affects ${#files[@]} source files; $limit of them are checked"
    mapfile -t files < <(printf '%s\n' "${files[@]}" | shuf -n $limit --random-source=<(yes "$commit"))
  fi
fi
if [ ${#files[@]} -eq 0 ]; then
  echo "clang-tidy: no C++ file has changed"
  exit
fi

[ -f build/tidy/build.ninja ] || cmake --preset tidy
# Files that this build does not compile are skipped, because clang-tidy needs their compile command.
printf '%s\n' "${files[@]}" | while read -r file; do
  ! grep -qF "\"file\": \"$PWD/$file\"" build/tidy/compile_commands.json || echo "$file"
done | xargs -r -P "$(nproc)" -n 1 clang-tidy-16 -p build/tidy --quiet
