#!/usr/bin/env bats
# run.sh compact, and results/reference, which is made with it: small, used by the docs, and no older than its sources.
# Measures nothing.

# SPDX-License-Identifier: BSD-2-Clause

load support
load runs

setup() {
    built "$build/bin/stats"
    full=$BATS_TEST_TMPDIR/full/run # figures contain the name of the run: "run" in both forms
    copy=$BATS_TEST_TMPDIR/copy/run
}

# all_files DIR: each file of it with its checksum
all_files() {
    (cd "$1" && find . -type f -exec cksum {} + | sort -k3)
}

# given RUN OUT: the complete input of gnuplot for the run, in OUT; the run gets its figures
given() {
    mock_gnuplot "$2.d"
    PATH=$2.d:$PATH ./run.sh plot "$1" 2>/dev/null || return 1
    cp "$2.d/given" "$2"
}

@test "a compact copy gives the same figure data, summary, report and ratios as the run, which is unchanged" {
    small_copy "$full"
    mock_gnuplot "$BATS_TEST_TMPDIR/mock"
    PATH=$BATS_TEST_TMPDIR/mock:$PATH ./run.sh report "$full" 2>/dev/null
    all_files "$full" >"$BATS_TEST_TMPDIR/before"
    run ./run.sh compact --figures wakeups,throughput "$full" "$copy"
    [ "$status" -eq 0 ]
    [[ "$output" == "compact copy: $copy, "*" KiB" ]]
    diff "$BATS_TEST_TMPDIR/before" <(all_files "$full")
    [ "$(cd "$copy" && find . -type f | sort | paste -s -d' ')" = "./env.json ./figures/throughput.svg ./figures/wakeups.svg \
./latency/racing-again_2_2_16_-_1.hgrm ./latency/racing-again_8_2_16_-_1.hgrm ./latency/racing_2_2_16_-_1.hgrm \
./latency/racing_8_2_16_-_1.hgrm ./latency/wakeone_2_2_16_-_1.hgrm ./latency/wakeone_8_2_16_-_1.hgrm ./plan.tsv ./reproduce.sh \
./settings.tsv ./shares.csv ./strategies.tsv ./summary.csv ./trials.csv ./wire.csv ./wire_summary.csv" ]
    for file in env.json figures/throughput.svg plan.tsv reproduce.sh settings.tsv strategies.tsv summary.csv trials.csv wire.csv; do
        cmp "$full/$file" "$copy/$file"
    done
    [ -x "$copy/reproduce.sh" ]
    cp -r "$copy" "$BATS_TEST_TMPDIR/original"
    given "$full" "$BATS_TEST_TMPDIR/given.full"
    given "$copy" "$BATS_TEST_TMPDIR/given.copy"
    cmp "$BATS_TEST_TMPDIR/given.full" "$BATS_TEST_TMPDIR/given.copy"
    [ "$(grep -c '^# \(latency\|share\)$' "$BATS_TEST_TMPDIR/given.copy")" -eq 2 ]
    cmp "$full/figures/index.tsv" "$copy/figures/index.tsv"
    cmp "$full/summary.csv" "$copy/summary.csv"
    PATH=$BATS_TEST_TMPDIR/mock:$PATH ./run.sh report "$copy" 2>/dev/null
    diff <(sed "s|$full|$copy|" "$full/report.md") "$copy/report.md"
    PATH=$BATS_TEST_TMPDIR/mock:$PATH run ./run.sh compare "$full" "$copy" --out "$BATS_TEST_TMPDIR/compare"
    [ "$status" -eq 0 ]
    [ "$(jq -c "[.environment[].name]" "$BATS_TEST_TMPDIR/compare/compare.json")" = '["modified"]' ] # both are modified
    [ "$(jq '[.cells[] | select(.ratio != 1)] | length' "$BATS_TEST_TMPDIR/compare/compare.json")" -eq 0 ]
    # a copy of the copy equals the copy
    run ./run.sh compact --figures wakeups,throughput "$BATS_TEST_TMPDIR/original" "$BATS_TEST_TMPDIR/again"
    [ "$status" -eq 0 ]
    diff -r "$BATS_TEST_TMPDIR/original" "$BATS_TEST_TMPDIR/again"
    # a copy cannot be resumed
    run ./run.sh bench --resume "$BATS_TEST_TMPDIR/again"
    failed_in_one_line 2
    [ "$output" = "bench: $BATS_TEST_TMPDIR/again is a compact copy: resume the original run" ]
}

@test "a copy of a run in virtual time has its profile, and the same figure of it" {
    copy_by_cpus "$full"
    run ./run.sh compact "$full" "$copy"
    [ "$status" -eq 0 ]
    cmp "$full/where.csv" "$copy/where.csv"
    [ -s "$copy/functions.csv" ]
    given "$full" "$BATS_TEST_TMPDIR/given.full"
    given "$copy" "$BATS_TEST_TMPDIR/given.copy"
    [ "$(grep -c '^# where$' "$BATS_TEST_TMPDIR/given.copy")" -eq 1 ]
    cmp "$BATS_TEST_TMPDIR/given.full" "$BATS_TEST_TMPDIR/given.copy"
}

@test "for functions and callers a copy has the means of each configuration, under its first trial" {
    small_copy "$full"
    printf '%s\n' cpus,strategy,trial,side,function,us_per_req,share 2,a,7,server,f,1,0.5 2,a,9,server,f,3,1 2,a,9,client,f,8,0.25 2,b,8,server,f,5,0.1 \
        >"$full/functions.csv"
    mkdir "$BATS_TEST_TMPDIR/merged"
    "$build/bin/runs" merge "$full" "$BATS_TEST_TMPDIR/merged"
    [ "$(tail -n +2 "$BATS_TEST_TMPDIR/merged/functions.csv" | paste -sd ' ')" = "2,a,7,server,f,2,0.75 2,a,9,client,f,8,0.25 2,b,8,server,f,5,0.1" ]
}

@test "merged histograms are the sum of those of the valid trials, count by count" {
    small_copy "$full"
    set_columns "$full" verdict=noisy '$(at["trial"]) == 4'
    ./run.sh compact "$full" "$copy" 2>/dev/null
    # the trials of each configuration, from trials.csv alone
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $(at["verdict"]) == "ok" { print $1, $(at["strategy"]) "_" $(at["workers"]) "_2_16_-_1" }' "$full/trials.csv" >"$BATS_TEST_TMPDIR/trials"
    [ "$(cut -d' ' -f2 "$BATS_TEST_TMPDIR/trials" | sort -u | wc -l)" -eq "$(ls "$copy/latency" | wc -l)" ]
    for file in "$copy"/latency/*.hgrm; do
        name=$(basename "$file" .hgrm)
        for trial in $(awk -v name="$name" '$2 == name { print $1 }' "$BATS_TEST_TMPDIR/trials"); do
            awk '!/^#/ && NF == 4 && $1 != "Value" { print $1, $3 - before; before = $3 }' "$full/hist/$trial.hgrm"
        done | sort -n | awk '
            NR == FNR { value[++n] = $1; count[n] = $2; total += $2; next }
            /Total count/ { if ($0 !~ "Total count = " total "]") exit 1; seen_total = 1 }
            /^#/ || NF != 4 || $1 == "Value" { next }
            { while (i < n && value[i + 1] <= $1) sum += count[++i]; lines++
              if (sum != $3 || ($2 - sum / total) ^ 2 > 1e-12 || last && $1 <= last) exit 1; last = $1 }
            END { if (!(seen_total && lines > 3 && sum == total && i == n)) exit 1 }' - "$file" || { echo "$name is not the sum"; false; }
    done
    [ "$(grep -c '' "$copy/shares.csv")" -eq 7 ]
    grep -q '^racing-again,8,2,16,,1,1,' "$copy/shares.csv" # one of the two trials
}

@test "a run with symbolic links or special files is not copied" {
    small_copy "$full"
    rm "$full/env.json"
    ln -s /etc/passwd "$full/env.json"
    run ./run.sh compact "$full" "$copy"
    failed_in_one_line 2
    [[ "$output" == *"/env.json is neither a file nor a directory"* ]]
    rm "$full/env.json"
    mkfifo "$full/settings.fifo"
    run ./run.sh compact "$full" "$copy"
    failed_in_one_line 2
    [ ! -e "$copy" ]
}

@test "a damaged copy is reported with file and line, by plot and by compact" {
    small_copy "$full"
    ./run.sh compact "$full" "$copy" 2>/dev/null
    mock_gnuplot "$BATS_TEST_TMPDIR/mock"
    file=latency/racing_8_2_16_-_1.hgrm
    plotted=
    while IFS='|' read -r damage figure reason; do
        rm -rf "$full"
        cp -r "$copy" "$full"
        (cd "$full" && eval "$damage")
        run ./run.sh compact "$full" "$BATS_TEST_TMPDIR/out"
        failed_in_one_line 1
        [[ "$output" == "compact: $full: "${reason//@/*} ]] || { echo "$damage: $output"; false; }
        [ -z "$(ls -d "$BATS_TEST_TMPDIR"/out* 2>/dev/null)" ]
        [[ "$plotted" != *"$figure"* ]] || continue # other messages are the same in both
        plotted="$plotted $figure"
        PATH=$BATS_TEST_TMPDIR/mock:$PATH run ./run.sh plot "$full"
        [ "$status" -eq 1 ]
        [[ "${lines[0]}" == "plot: $full: $figure is not drawn: "${reason//@/*} ]] || { echo "$damage: $output"; false; }
        [ "${#lines[@]}" -eq 2 ]
        [[ "$(why "$full" "$figure")" == ""${reason//@/*} ]]
    done <<END_OF_CASES
rm $file|latency|$file is missing (latencies of 2 trials)
: >$file|latency|$file is missing (latencies of 2 trials)
sed -i '4s/ [0-9]* / 0 /' $file|latency|$file: line 4: not value, percentile and count, in ascending order
sed -i 's/Total count = /&1/' $file|latency|$file: line $(grep -n 'Total count' "$copy/$file" | cut -d: -f1): the counts end at $(sed -n 's/.*Total count = \([0-9]*\).*/\1/p' "$copy/$file"), not at 1$(sed -n 's/.*Total count = \([0-9]*\).*/\1/p' "$copy/$file")
sed -i 's/Trials = 2/Trials = 3/' $file|latency|$file: line $(grep -n 'Trials' "$copy/$file" | cut -d: -f1): merged from 3 trials, but trials.csv has 2 valid samples
sed -i '/Trials/d' $file|latency|$file: line $(($(grep -c '' "$copy/$file") - 1)): the file ends without its number of samples and of trials
sed -i '/^racing,8,/d' shares.csv|share|shares.csv: no line for racing|8|2|16|-|1
sed -i '2s/,2,\([^,]*,[^,]*\)$/,20,\1/' shares.csv|share|shares.csv: line 2: merged from 20 trials, but trials.csv has 2 valid samples
sed -i '2s/[0-9.]*$/0.5/' shares.csv|share|shares.csv: line 2: the shares add up to @ %, not to 100
sed -i '2s/[0-9.]*$/x/' shares.csv|share|shares.csv: line 2: 'x' is not a share, or larger than the previous one
sed -i '2s/,/;/' shares.csv|share|shares.csv: line 2: 8 fields, the header has 9
sed -i '2p' shares.csv|share|shares.csv: line 3: duplicate line of a configuration
sed -i '1s/idle/lazy/' shares.csv|share|shares.csv: line 1: expected the columns strategy,workers,cpus,connections,rate_offered,requests_per_connection,trials,idle_workers,shares
END_OF_CASES
    [ "$plotted" = " latency share" ]
}

@test "usage errors are one line and status 2; an unfinished run is refused; existing files are not overwritten" {
    small_copy "$full"
    cd "${full%/run}"
    while IFS='|' read -r arguments message; do
        # shellcheck disable=SC2086 # arguments, space-separated
        run "$top/run.sh" compact $arguments
        failed_in_one_line 2
        [ "$output" = "compact: $message" ]
    done <<'END'
run|takes a run and a directory for its copy: see --help
run copy more|takes a run and a directory for its copy: see --help
--nonsense|there is no option '--nonsense': see --help
--figures|--figures takes an argument: see --help
nowhere copy|there is no run in nowhere: it has no trials.csv or verdicts.tsv
run .|. exists: choose another directory
run run/env.json/copy|cannot make the directory run/env.json/copy: choose another
--figures ../env run copy|--figures takes names without a directory, not '../env'
--figures wakeups run copy|there is no run/figures/wakeups.svg: ./run.sh plot run draws the figures
END
    cd "$top"
    sed -i '$d' "$full/trials.csv"
    run ./run.sh compact "$full" "$copy"
    failed_in_one_line 1
    [[ "$output" == "compact: 1 of the trials of $full have not been measured: "* ]]
    small_copy "$full"
    sed -i '3s/,wakeone,/,$(x),/' "$full/trials.csv"
    run ./run.sh compact "$full" "$copy"
    failed_in_one_line 1
    [[ "$output" == "compact: $full/trials.csv: line 3: "* ]]
    small_copy "$full"
    rm "$full/hist/2.hgrm"
    run ./run.sh compact "$full" "$copy"
    failed_in_one_line 1
    [[ "$output" == "compact: $full: hist/2.hgrm is missing: "* ]]
    [ -z "$(ls "$(dirname "$copy")" 2>/dev/null)" ] # and no incomplete copy
}

@test "a run without histograms or workers has a copy without them" {
    small_copy "$full"
    rm -r "$full/hist" "$full/workers.csv"
    run ./run.sh compact "$full" "$copy"
    [ "$status" -eq 0 ]
    [ ! -e "$copy/latency" ]
    [ ! -e "$copy/shares.csv" ]
    given "$copy" "$BATS_TEST_TMPDIR/given"
    [[ "$(why "$copy" latency)" == "the run has no histograms ("* ]]
    [[ "$(why "$copy" share)" == "the run has no workers.csv or shares.csv" ]]
}

@test "claims: the copy has the samples of the verdicts; verdicts that do not match are refused" {
    mkdir "$BATS_TEST_TMPDIR/full" "$BATS_TEST_TMPDIR/copy"
    cp -r results/reference/claims "$full"
    mkdir -p "$full/epollexclusive/bench/hist"
    touch "$full/epollexclusive/bench/"{workers.csv,plan.tsv,hist/1.hgrm}
    run ./run.sh compact "$full" "$copy"
    [ "$status" -eq 0 ]
    diff -r results/reference/claims "$copy"
    sed -i '2s/,[0-9.]*$/,900/' "$full/reuseport_skew/skew.csv"
    run ./run.sh compact "$full" "$BATS_TEST_TMPDIR/other"
    failed_in_one_line 1
    [[ "$output" == "compact: the verdicts of $full do not match its samples: "* ]]
    [ ! -e "$BATS_TEST_TMPDIR/other" ]
}

# ---- results/reference ----

# reference_directories: all runs with data, one a line
reference_directories() {
    find results/reference -name env.json | sed 's|/env.json$||' | sort
}

# in_git: skips the test if it is unknown which files are committed
in_git() {
    [ "$(git rev-parse --show-toplevel 2>/dev/null)" = "$(pwd -P)" ] || skip "no git repository: which files are committed is not known"
}

@test "the reference runs are small: 4 MB and 300 files at most" {
    in_git
    [ "$(git ls-files results/reference | wc -l)" -le 300 ]
    [ "$(git ls-files -z results/reference | xargs -0 cat | wc -c)" -le 4000000 ]
}

# shown_figures: the figures in the documents, one a line
shown_figures() {
    grep -ohE '\((\.\./)?results/reference/[a-z]+/figures/[a-z0-9-]+\.svg\)' README.md docs/*.md | tr -d '()' | sed 's|^\.\./||' | sort -u
}

@test "each figure in the documents exists" {
    shown_figures >"$BATS_TEST_TMPDIR/shown"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/shown")" -ge 5 ]
    while read -r figure; do
        [ -s "$figure" ] || { echo "$figure is not there"; false; }
    done <"$BATS_TEST_TMPDIR/shown"
}

@test "every committed figure is used by a document" {
    in_git
    diff <(shown_figures) <(git ls-files results/reference | grep '/figures/')
}

# bats test_tags=slow
@test "all reference runs are compact: a copy of each is the same, file by file" {
    in_git
    while read -r run_dir; do
        git ls-files "$run_dir" | sed "s|^$run_dir/||" | sort >"$BATS_TEST_TMPDIR/committed"
        figures=$(sed -n 's|^figures/\(.*\)\.svg$|\1|p' "$BATS_TEST_TMPDIR/committed" | paste -s -d,)
        again=$BATS_TEST_TMPDIR/again/$run_dir
        run ./run.sh compact ${figures:+--figures "$figures"} "$run_dir" "$again"
        [ "$status" -eq 0 ] || { echo "$output"; false; }
        diff "$BATS_TEST_TMPDIR/committed" <(cd "$again" && find . -type f | sed 's|^\./||' | sort)
        while read -r file; do
            cmp "$run_dir/$file" "$again/$file"
        done <"$BATS_TEST_TMPDIR/committed"
    done < <(reference_directories)
}

# ---- their age ----

# sources_of RUN: the sources of the programs that it measures, and of the measuring programs
sources_of() {
    printf '%s\n' servers harness/load harness/trial harness/wakeups harness/wire ':(glob)harness/lib/*.[ch]' \
        ':(exclude)harness/load/ranks_*' ':(exclude)harness/trial/mpirun.*' ':(exclude)harness/trial/remote_load.*' # of --clients
    case $1 in
    virtual*) echo harness/lab/virtual ;;
    kqueue*) printf '%s\n' kernel/kqueue ':(exclude)kernel/kqueue/check' ':(exclude)kernel/kqueue/*.md' ;;
    claims* | peers*) echo harness/peers ;;
    esac
}

# age_of DIR RUN: in the repository of the working directory, why the run does not represent the sources of HEAD; nothing if
# it does, or if DIR/outdated.tsv accounts for it. Status 3 if the history is too short.
age_of() {
    local measured seen reason line commit sources
    measured=$(jq -r .commit "$1/$2/env.json")
    mapfile -t sources < <(sources_of "$2")
    line=$(awk -F '\t' -v run="$2" '$1 == run' "$1/outdated.tsv")
    IFS=$'\t' read -r _ seen reason <<<"$line"
    [ "$(jq .modified "$1/$2/env.json")" = false ] || echo "$2: its sources were modified, so its commit does not tell what was measured"
    [ "$seen" != - ] || seen=HEAD # to be measured again, whatever changes until then
    for commit in "$measured" ${seen:+"$seen"}; do
        git cat-file -e "$commit^{commit}" 2>/dev/null && continue
        [ "$(git rev-parse --is-shallow-repository)" = false ] || return 3
        echo "$2: there is no commit $commit"
        return 0
    done
    if git diff --quiet "$measured" HEAD -- "${sources[@]}"; then
        [ -z "$line" ] || echo "$2: its sources have not changed since it was measured: remove its line in outdated.tsv"
    elif [ -z "$line" ]; then
        echo "$2: $(git diff --name-only "$measured" HEAD -- "${sources[@]}" | wc -l) of its sources have changed since it was measured: measure it again, or account for it in outdated.tsv"
    elif ! git diff --quiet "$seen" HEAD -- "${sources[@]}"; then
        echo "$2: sources have changed since $seen, up to which outdated.tsv accounts for it: look at git diff $seen"
    elif [ "${#reason}" -lt 20 ]; then
        echo "$2: outdated.tsv has no reason why it still stands"
    fi
}

# ages_of DIR: for all runs below DIR, and lines of outdated.tsv without a run
ages_of() {
    local env run_dir
    while read -r env; do
        run_dir=${env#"$1/"}
        age_of "$1" "${run_dir%/env.json}" || return
    done < <(find "$1" -name env.json | sort)
    awk -F '\t' '!/^#/ && NF { print $1 }' "$1/outdated.tsv" >"$BATS_TEST_TMPDIR/accounted"
    sort "$BATS_TEST_TMPDIR/accounted" | uniq -d | sed 's/$/: more than one line in outdated.tsv/'
    while read -r run_dir; do
        [ -f "$1/$run_dir/env.json" ] || echo "$run_dir: a line in outdated.tsv, and no such run"
    done <"$BATS_TEST_TMPDIR/accounted"
}

# bats test_tags=slow
@test "each reference run is as new as its sources, or outdated.tsv accounts for it" {
    in_git
    run ages_of results/reference
    [ "$status" -ne 3 ] || skip "a shallow clone: its history does not reach back to the runs"
    [ "$status" -eq 0 ]
    [ -z "$output" ] || { echo "$output"; false; }
}

@test "a run older than its sources is detected, until outdated.tsv accounts for all changes" {
    command -v git >/dev/null || skip "there is no git"
    mkdir "$BATS_TEST_TMPDIR/repository"
    cd "$BATS_TEST_TMPDIR/repository"
    git init -q .
    commit() { git add . && git -c user.name=a -c user.email=a@b -c commit.gpgsign=false commit -q -m x && git rev-parse HEAD; }
    mkdir -p servers harness/lib harness/load kernel/kqueue/check runs/main runs/kqueue
    touch servers/worker.c harness/lib/clock.h harness/lib/plain.sh kernel/kqueue/main.c kernel/kqueue/check/storm.c
    first=$(commit)
    echo "{\"commit\": \"$first\", \"modified\": false}" | tee runs/main/env.json >runs/kqueue/env.json
    : >runs/outdated.tsv
    echo x | tee harness/lib/plain.sh kernel/kqueue/check/storm.c >kernel/kqueue/README.md # none of these affects measurements
    commit
    [ -z "$(ages_of runs)" ]
    echo x >kernel/kqueue/main.c
    commit
    [ "$(ages_of runs)" = "kqueue: 1 of its sources have changed since it was measured: measure it again, or account for it in outdated.tsv" ]
    echo x | tee harness/lib/clock.h >servers/worker.c
    second=$(commit)
    [[ "$(ages_of runs)" == "kqueue: 3 of its sources "*$'\n'"main: 2 of its sources "* ]]
    printf '# comment\nmain\t%s\tonly comments have changed\nkqueue\t%s\t-\n' "$second" "$second" >runs/outdated.tsv
    [ "$(ages_of runs)" = "kqueue: outdated.tsv has no reason why it still stands" ]
    sed -i 's/-$/the module is the same without its log/' runs/outdated.tsv
    [ -z "$(ages_of runs)" ]
    sed -i "s/^main\t$second/main\t-/" runs/outdated.tsv
    echo x >>servers/worker.c
    commit
    [ "$(ages_of runs)" = "kqueue: sources have changed since $second, up to which outdated.tsv accounts for it: look at git diff $second" ]
    sed -i "s/^main\t-/main\t$second/" runs/outdated.tsv
    echo y >servers/worker.c
    third=$(commit)
    [ "$(ages_of runs | grep -c "sources have changed since $second, up to which")" -eq 2 ]
    echo "{\"commit\": \"$third\", \"modified\": true}" >runs/main/env.json
    rm -r runs/kqueue
    [ "$(ages_of runs)" = "main: its sources were modified, so its commit does not tell what was measured
main: its sources have not changed since it was measured: remove its line in outdated.tsv
kqueue: a line in outdated.tsv, and no such run" ]
    echo "{\"commit\": \"1111111111111111111111111111111111111111\", \"modified\": false}" >runs/main/env.json
    [[ "$(ages_of runs)" == "main: there is no commit 1111"* ]]
    git clone -q --depth 1 "file://$PWD" "$BATS_TEST_TMPDIR/shallow"
    cp -r runs/. "$BATS_TEST_TMPDIR/shallow/runs"
    cd "$BATS_TEST_TMPDIR/shallow"
    echo "{\"commit\": \"$first\", \"modified\": false}" >runs/main/env.json
    run ages_of runs
    [ "$status" -eq 3 ]
}
