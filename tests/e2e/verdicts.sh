# What runs say: verdicts, exit statuses, digests, formats; and the verbs that run nothing.
# shellcheck shell=bash

test_no_module_is_no_isolation() {
	lab_run -j1 -m none -e su process-list
	status_is 1
	verdicts_are 'none/su/process-list fail'
	nothing_left 'after a run'
	no_temporary_files
}

test_good_module_passes() {
	lab_run -j1 -m pam_pidns -e su process-list exit-status
	status_is 0
	verdicts_are 'pam_pidns/su/exit-status pass,pam_pidns/su/process-list pass'
}

test_bad_module_harms_the_host() {
	lab_run -j1 -m pam_unshare_sketch -e su host-whole-shared
	status_is 1
	verdicts_are 'pam_unshare_sketch/su/host-whole-shared fail'
}

test_digests_repeat() {
	lab_run -j1 -m pam_pidns -e su,sudo --repeat 3 process-list
	status_is 0
	[ "$(digests "$D" | wc -l)" -eq 6 ] || fail "not 6 cases: $(digests "$D")"
	[ "$(digests "$D" | sort -u | wc -l)" -eq 2 ] || fail "they differ: $(digests "$D")"
	digests "$D" | sort -u >"$T/one"
	lab_run -j2 -m pam_pidns -e su,sudo process-list
	status_is 0
	digests "$D" | cmp -s - "$T/one" || fail '-j2 has other digests than -j1'
}

# harness/preload/haltclock.c. Its fault, a clock that is moved on too far, has to show without it.
test_halted_clock_is_up_to_date() {
	local qemu libraries delays=$T/delays.so preload=$HERE/harness/preload

	gcc -std=gnu17 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -fPIC -shared -o "$delays" "$E2E/delays.c"
	sed 's/wait_for_rest();/;/' "$preload/haltclock.c" >"$T/no-wait.c"
	gcc -std=gnu17 -D_GNU_SOURCE -O2 -fPIC -shared -fvisibility=hidden -I"$HERE/harness" \
		-I"$preload" -o "$T/no-wait.so" "$T/no-wait.c" "$preload"/{copies,lines,pages}.c
	lab_run -j1 -m pam_pidns -e su process-list
	digests "$D" >"$T/one"
	qemu=$(command -v qemu-system-x86_64)
	mkdir "$T/bin"
	for libraries in "$T/no-wait.so:$delays" "\$LD_PRELOAD:$delays"; do
		printf '#!/bin/sh\nLD_PRELOAD="%s" exec "%s" "$@"\n' "$libraries" "$qemu" >"$T/bin/${qemu##*/}"
		chmod +x "$T/bin/${qemu##*/}"
		PATH=$T/bin:$PATH lab_run -j2 -m pam_pidns -e su --repeat 6 process-list
		if [ "$libraries" = "$T/no-wait.so:$delays" ]; then
			[ "$(digests "$D" | sort -u | wc -l)" -gt 1 ] || fail 'the delays delay nothing'
			status_is 3
		else
			digests "$D" | sort -u | cmp -s - "$T/one" || fail "they differ: $(digests "$D")"
			status_is 0
		fi
	done
}

# The case "SCENARIO", with a filter for jq.
case_of() {
	jq -r "select(.type == \"case\" and .scenario == \"$1\") | $2" "$D/events.jsonl"
}

test_scenarios_share_a_login() {
	local id

	lab_run -j1 -m pam_pidns -e su process-list proc-mount exit-status
	status_is 0
	[ "$(case_of process-list .run)" = "$(case_of proc-mount .run)" ] || fail 'two logins for one'
	[ "$(case_of process-list '.with[]')" = proc-mount ] || fail "with $(case_of process-list .with)"
	[ "$(case_of exit-status '.run == .id and .with == []')" = true ] || fail 'exit-status shares'
	id=$(case_of process-list .id)
	lab repro --log "$D" "$id"
	status_is 0
	grep -q '^# same digest' "$T/out" || fail "$(tail -n 1 "$T/out")"
	[ "$(grep -c '^ok' "$T/out")" -eq 1 ] || fail "it reports more than the case: $(cat "$T/out")"
}

test_shared_login_cut_short() {
	lab_run -j1 -m "$WORK/modules/ends_early.so" -e su proc-mount proc-tools
	status_is 1
	verdicts_are 'ends_early/su/proc-mount pass,ends_early/su/proc-tools fail'
	[ "$(case_of proc-mount '.with[]')" = proc-tools ] || fail 'proc-mount was run again'
	[ "$(case_of proc-tools '.run == .id and .with == []')" = true ] ||
		fail 'proc-tools was judged by what it did not see'
	reason_has 'never ran to its end'
}

test_formats() {
	lab_run -j1 -m none -e su process-list exit-status
	status_is 1
	[ "$(head -n 1 "$T/out")" = 'KTAP version 1' ] || fail "no KTAP: $(head -n 1 "$T/out")"
	[ "$(sed -n 2p "$T/out")" = '1..2' ] || fail "no plan: $(sed -n 2p "$T/out")"
	[ "$(grep -c '^\(not \)\?ok [12] ' "$T/out")" -eq 2 ] || fail "$(cat "$T/out")"
	[ "$(grep -c '^not ok ' "$T/out")" -eq 1 ] || fail "$(cat "$T/out")"
	! grep -vq '^\(KTAP version 1\|1\.\.2\|#.*\|\(not \)\?ok [12] .*\)$' "$T/out" ||
		fail "a line that is no KTAP: $(grep -v '^\(KTAP\|1\.\.\|#\|not ok\|ok\)' "$T/out")"
	lab_run -j1 -m none -e su --format json process-list exit-status
	status_is 1
	jq -s -e 'first.type == "run" and last.type == "end" and last.exit == 1 and
		(map(select(.type == "case")) | length) == 2' "$T/out" >/dev/null || fail 'no such JSON'
	lab_run -j1 -m none -e su --format table process-list exit-status
	status_is 1
	grep -q '1 broken' "$T/out" || fail "no table: $(cat "$T/out")"
}

# One run, a report for each reader; the same from the log afterwards.
test_reports() {
	local f

	lab_run -j1 -m none -e su --format github --report junit="$T/junit" --report sarif="$T/sarif" \
		--report html="$T/html" --report ktap="$T/ktap" process-list exit-status
	status_is 1
	grep -q '^::error file=scenarios/invisibility/process-list.yaml,line=[0-9]*,title=fail%3A none/su' \
		"$T/out" || fail "no annotation: $(cat "$T/out")"
	grep -q '^not ok .*none/su/process-list@' "$T/ktap" || fail "no KTAP: $(cat "$T/ktap")"
	grep -q '<testsuite name="none/su" tests="2" failures="1" errors="0"' "$T/junit" ||
		fail "no suite: $(head -n 3 "$T/junit")"
	jq -e '.runs[0].results | length == 1 and .[0].ruleId == "process-list"' "$T/sarif" >/dev/null ||
		fail 'no result in SARIF'
	grep -q '^<h1>No module was judged' "$T/html" || fail "no answer: $(grep '<h1>' "$T/html")"
	for f in junit sarif ktap; do
		lab report --format $f -o "$T/again" "$D"
		status_is 0
		cmp -s "$T/$f" "$T/again" || fail "$f of the log differs: $(diff "$T/$f" "$T/again" | head -n 5)"
	done
	# a log that was cut off, with a line damaged
	{ sed '2s/.*/{"type":"cas/' "$D/events.jsonl" | head -c -20; } >"$T/cut.jsonl"
	lab report --format html "$T/cut.jsonl"
	status_is 0
	grep -q 'a damaged line was passed over: 2' "$T/err" || fail "$(cat "$T/err")"
	grep -q '<h1>This report is not complete' "$T/out" || fail 'a damaged log makes a whole report'
	grep -q 'none/su/process-list@' "$T/out" || fail 'a whole line was not used'
}

test_audit() {
	lab audit -j1 -m pam_pidns -e su -o "$T/audit" process-list exit-status host-whole-shared
	status_is 0
	[ "$(verdicts "$T/audit" | grep -c ' pass$')" -eq 3 ] || fail "$(verdicts "$T/audit")"
	grep -q '3 hold' "$T/out" || fail "$(tail -n 3 "$T/out")"
}

test_never_loaded_on_the_host() {
	rm -f /tmp/pamlab-e2e-was-loaded
	lab_run -j1 -m "$WORK/modules/marks_host.so" -e su exit-status
	status_is 0
	verdicts_are 'marks_host/su/exit-status pass' # which it is only if it was loaded in the guest
	[ ! -e /tmp/pamlab-e2e-was-loaded ] || fail 'the candidate was loaded on the host'
}

test_names_with_spaces_and_quotes() {
	local so="$T/a \"b\" 'c'	d.so"

	cp "$WORK/modules/args.so" "$so"
	lab_run -j1 -m "$so" --args 'one [two words \]]' -e su exit-status
	status_is 0
	log_is_whole "$D"
	[ "$(jq -r 'select(.type == "case") | "\(.module) \(.verdict)"' "$D/events.jsonl")" = \
		"a \"b\" 'c'	d pass" ] || fail "$(verdicts "$D")"
	grep -qF "a \"b\" 'c'\\td/su/exit-status" "$T/out" || fail "not escaped: $(grep ok "$T/out")"
	lab_run -j1 -m "$so" --args 'one two words' -e su exit-status
	status_is 1
}

# args.so opens a session with these arguments only. They are used with --strict, unless --args says
# others or none, and again by repro.
test_strict_arguments() {
	local id

	cat >"$T/contract.yaml" <<-'END'
		version: 1
		module: args
		promises: []
		strict-args: one [two words \]]
	END
	set -- -j1 -m "$WORK/modules/args.so" --contract "$T/contract.yaml" -e su exit-status
	lab_run "$@"
	status_is 1
	lab_run --strict --args '' "$@"
	status_is 1
	id=$(jq -r 'select(.type == "case").id' "$D/events.jsonl")
	lab repro --log "$D" -o "$T/none" "$id"
	status_is 1
	lab_run --strict "$@"
	status_is 0
	grep -qF '# arguments of args: one [two words' "$T/out" || fail "$(cat "$T/out")"
	[ "$(jq -r 'select(.type == "run").modules[0].args' "$D/events.jsonl")" = 'one [two words \]]' ] ||
		fail "$(head -n 1 "$D/events.jsonl")"
	lab repro --log "$D" -o "$T/again" "$id"
	status_is 0
	grep -q 'same digest' "$T/out" || fail "$(cat "$T/out")"
}

test_verbs() {
	local word

	for word in --help -h help; do
		lab $word
		status_is 0
		grep -q '^usage: pamlab VERB' "$T/out" || fail "$word: $(head -n 3 "$T/out")"
	done
	for word in --version version; do
		lab $word
		status_is 0
		grep -qx 'pamlab [0-9.]*' "$T/out" || fail "$word: $(cat "$T/out")"
	done
	lab
	status_is 2
	lab run --help
	status_is 0
	grep -q '^usage: pamlab run' "$T/out" || fail "$(head -n 1 "$T/out")"
	for word in scenarios entries modules images kernels promises; do
		lab list $word
		status_is 0
		[ -s "$T/out" ] || fail "list $word says nothing"
		lab list --format json $word
		status_is 0
		jq -e . "$T/out" >/dev/null || fail "list $word is no JSON"
	done
	lab show process-list
	status_is 0
	grep -q 'A session lists no process from outside it' "$T/out" || fail "$(cat "$T/out")"
	lab image list
	status_is 0
	grep -q debian12 "$T/out" || fail "$(cat "$T/out")"
	lab doctor
	[ "$status" -eq 0 ] || [ "$status" -eq 3 ] || fail "doctor: exit status $status"
	grep -qi qemu "$T/out" || fail "doctor does not speak of QEMU: $(cat "$T/out")"
	"$PAMLAB" help >/dev/full 2>"$T/err"
	status=$?
	status_is 3
}

test_repro() {
	local id

	lab_run -j1 -m pam_pidns -e su exit-status
	status_is 0
	id=$(jq -r 'select(.type == "case").id' "$D/events.jsonl")
	(cd "$T" && "$PAMLAB" repro "$id") >"$T/out" 2>"$T/err"
	status=$?
	status_is 0
}

# A sample of the matrix: a fixture of each kind is caught, the base is not; and a log is judged again.
test_mutants() {
	local sample='-m fixture:base -m fixture:no-private -m fixture:no-reaping -m fixture:keeps-old-proc
		-m fixture:returns-session-err -m fixture:caller-stays -m fixture:term-immune'

	# shellcheck disable=SC2086
	lab mutants --named -j1 $sample -o "$T/mutants" fail-closed-pid-namespaces host-whole-shared \
		zombies-reaped proc-mount caller-restored first-process-terminates
	status_is 0
	grep -q 'no hole' "$T/out" || fail "$(cat "$T/out")"
	jq -r 'select(.type == "case").id' "$T/mutants/events.jsonl" | grep -qv '#1:0$' && fail 'not at 1:0'
	[ "$(verdicts "$T/mutants" | grep -c ' fail$')" -ge 6 ] || fail "$(verdicts "$T/mutants")"
	[ "$(verdicts "$T/mutants" | grep -c '^fixture:base.* pass$')" -ge 6 ] ||
		fail "$(verdicts "$T/mutants")"
	jq -c 'if .type == "case" and .module == "fixture:no-private" then .verdict = "pass" else . end' \
		"$T/mutants/events.jsonl" >"$T/tampered.jsonl"
	lab mutants --named --log "$T/tampered.jsonl"
	status_is 1
	grep -q 'no-private: host-whole-shared says pass' "$T/out" || fail "$(tail "$T/out")"
	lab run -m fixture:no-privat -e su host-whole-shared
	refused 'did you mean "fixture:no-private"'
}

test_repro_of_a_fixture() {
	local id

	lab_run -j1 -m fixture:no-reaping -e su zombies-reaped
	status_is 1
	id=$(jq -r 'select(.type == "case").id' "$D/events.jsonl")
	[ "${id%@*}" = fixture:no-reaping/su/zombies-reaped ] || fail "$id"
	lab repro --log "$D" -o "$T/again" "$id"
	status_is 1
	grep -q 'same digest' "$T/out" || fail "$(cat "$T/out")"
}
