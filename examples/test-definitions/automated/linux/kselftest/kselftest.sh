#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# kselftest.sh [-p FOLDER] [-u URL] [-c "COLLECTION ..."] [-T "COLLECTION:TEST ..."] [-L "COLLECTION:TEST ..." | -S FILE]
#              [-n SHARDS -i SHARD] [-E "NAME=VALUE ..."]
# The options are those that Linaro's definition of this name calls its script with, so that it can call this one too; what
# only says which file of Linaro's to take (-t, -s, -b, -g, -e) changes nothing.
. ../../lib/sh-test-lib
folder=/opt/kselftest url='' collections='' tests='' skipped='' skip_file='' shards=1 shard=1 environment=''
while getopts p:u:c:T:L:S:n:i:E:t:s:b:g:e: option; do
    case $option in
        p) folder=$OPTARG ;;
        u) url=$OPTARG ;;
        c) collections=$OPTARG ;;
        T) tests=$OPTARG ;;
        L) skipped=$OPTARG ;;
        S) skip_file=$OPTARG ;;
        n) shards=$OPTARG ;;
        i) shard=$OPTARG ;;
        E) environment=$OPTARG ;;
        [tsbge]) ;;
        *) die "usage: kselftest.sh [-p FOLDER] [-u URL] [-c COLLECTIONS] [-T TESTS] [-L TESTS | -S FILE] [-n SHARDS -i SHARD] [-E VARIABLES]" ;;
    esac
done

create_out_dir
parser=$PWD/../../utils/ktap-to-results.py
if [ ! -x "$folder/run_kselftest.sh" ] && [ -n "$url" ]; then
    folder=$OUTPUT/kselftest
    mkdir -p "$folder"
    fetch "$url" "$OUTPUT/kselftest.tar" || die "no kselftest at $url"
    tar -C "$folder" -xf "$OUTPUT/kselftest.tar" || die "$url is no tarball of kselftest"
fi
[ -x "$folder/run_kselftest.sh" ] || die "$folder has no run_kselftest.sh; KSELFTEST_PATH names where kselftest is"

if [ -z "$skipped" ] && [ -n "$skip_file" ]; then
    # Lists for other formats than lines of COLLECTION:TEST are made by programs that are not here.
    if [ -r "$skip_file" ]; then skipped=$(grep -v '^ *#' "$skip_file"); else warn "no list of tests to skip at $skip_file; all run"; fi
fi

# Lines COLLECTION:TEST as cases with this result.
cases() { sed "s/[^A-Za-z0-9_-]/_/g; s/\$/ $1/" >> "$RESULT_FILE"; }
missing() { warn "this kselftest has no $1"; echo "$1" | cases fail; }

# The tests to run, a line each. The runner's own choice (-c, -t) ends at the first name that it does not know.
cd "$folder" || exit 1
./run_kselftest.sh -l > "$OUTPUT/known"
if [ -n "$tests" ]; then
    for test in $tests; do grep -Fx -e "$test" "$OUTPUT/known" || missing "$test"; done > "$OUTPUT/chosen"
elif [ -n "$collections" ]; then
    for collection in $collections; do grep -e "^$collection:" "$OUTPUT/known" || missing "$collection"; done > "$OUTPUT/chosen"
else
    cp "$OUTPUT/known" "$OUTPUT/chosen"
fi
# Each is a pattern of names, as in Linaro's lists: net:.*
set -f
for pattern in $skipped; do
    grep -x -e "$pattern" "$OUTPUT/chosen" | cases skip
    grep -vx -e "$pattern" "$OUTPUT/chosen" > "$OUTPUT/left"
    mv "$OUTPUT/left" "$OUTPUT/chosen"
done
set +f
awk -v shards="$shards" -v shard="$shard" 'NR % shards == shard % shards' "$OUTPUT/chosen" > "$OUTPUT/tests"

set --
while read -r test; do set -- "$@" -t "$test"; done < "$OUTPUT/tests"
[ $# -gt 0 ] || { warn "no test is left to run"; exit 0; }
# shellcheck disable=SC2086,SC2163  # a list of assignments
[ -z "$environment" ] || export $environment
# A failed test is a result, no reason to stop. What it says is shown at once: one that hangs is the last.
./run_kselftest.sh "$@" 2>&1 | tee "$OUTPUT/kselftest.txt"
"$parser" "$OUTPUT/kselftest.txt" >> "$RESULT_FILE"
