# Runs the parts of tests/run, counts their tests, and tells at the end what failed and what was skipped. Sourced.
#
# A part's output is shown as it comes. Counted are the results of Rust's test programs, else a last line
# `N passed, N failed`; a part with neither is one test.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SIGNET_SKIPS=$work/skips
: >"$SIGNET_SKIPS"
passed=0 failed=0 failing=()

say() { printf '\n== %s\n' "$*"; }

# part TITLE COMMAND...: the parts after one that fails run all the same.
part() {
    local title=$1 status=0 ok wrong known name reason
    shift
    say "$title"
    "$@" 2>&1 | tee "$work/output" || status=$?
    # Colours, where a variable asks for them.
    sed -i 's/\x1b\[[0-9;]*m//g' "$work/output"
    # Children of other tests are run by those.
    while IFS=$'\t' read -r name reason; do
        passed=$((passed + 1))
        tests/skip "$name" "$reason" || { passed=$((passed - 1)) failed=$((failed + 1)); failing+=("$title: $name"); }
    done < <(sed -nE '/, the child of another test$/d; s/^test (.*) \.\.\. ignored(, (.*))?$/\1\tignored: \3/p' "$work/output")
    read -r known ok wrong < <(awk '
        /^test result: / { known = 1; ok += $4; wrong += $6 }
        /^[0-9]+ passed, [0-9]+ failed$/ { last = 1; last_ok = $1; last_wrong = $3 }
        END { if (known) print 1, ok, wrong; else if (last) print 1, last_ok, last_wrong; else print 0, 0, 0 }' "$work/output")
    # A program that ended before it could count has failed.
    if [ "$status" != 0 ] && [ "$wrong" = 0 ]; then wrong=1; fi
    if [ "$known" = 0 ] && [ "$status" = 0 ]; then ok=1; fi
    passed=$((passed + ok)) failed=$((failed + wrong))
    [ "$wrong" = 0 ] || failing+=("$title: $wrong")
}

# The closing line, alone; fails where anything did.
total() {
    local skipped
    # A test that was skipped counts as passed above: its program did not fail.
    skipped=$(cut -f1 "$SIGNET_SKIPS" | sort -u | wc -l)
    if [ "$skipped" != 0 ]; then
        say skipped
        awk -F'\t' '!seen[$1]++ { print $1 ": " $2 }' "$SIGNET_SKIPS"
    fi
    if [ "$failed" != 0 ]; then
        say failed
        printf '%s\n' "${failing[@]}"
    fi
    printf '\n%s passed, %s failed, %s skipped\n' "$((passed - skipped))" "$failed" "$skipped"
    [ "$failed" = 0 ]
}
