#!/usr/bin/env bash
# Runs libFuzzer on each parser in turn. What it learns stays in .build/fuzz-corpus/PARSER, so that the next run begins there;
# what breaks a parser is in .build/fuzz-found, and belongs into a test before it is mended.
set -euo pipefail
cd "$(dirname "$0")/../.."

export MAILBRIDGE_FUZZ=1
# The traps are libFuzzer's, which keeps the input.
export SWIFT_BACKTRACE=enable=no
swift build -c release --scratch-path .build/fuzz --product Fuzz --sanitize fuzzer
fuzz=.build/fuzz/release/Fuzz
parsers=${FUZZ_PARSERS:-$("$fuzz")}
mkdir -p .build/fuzz-found
status=0
for parser in $parsers; do
    corpus=.build/fuzz-corpus/$parser
    mkdir -p "$corpus"
    export MAILBRIDGE_PARSER=$parser
    MAILBRIDGE_CORPUS=$corpus "$fuzz"
    echo "== $parser"
    "$fuzz" -max_total_time="${FUZZ_SECONDS:-60}" -timeout=10 -rss_limit_mb=1024 -max_len=8192 -print_final_stats=1 \
        -artifact_prefix=".build/fuzz-found/$parser-" "$corpus" 2>&1 | grep -vE '^(#|INFO|\s*NEW_FUNC)' || status=1
done
exit $status
