# What happens to the lab: QEMU is killed, templates are damaged, the run is stopped.
# shellcheck shell=bash

# A run in the background, its pid in $run; begun cases show in the log.
start_run() {
	n=$((n + 1))
	D=$T/results-$n
	"$PAMLAB" run -o "$D" "$@" >"$T/out" 2>"$T/err" &
	run=$!
}

end_run() {
	wait "$run"
	status=$?
}

log_has() {
	grep -qs "$1" "$D/events.jsonl"
}

# The QEMU whose console file has this in its name: others may wait for their turn.
qemu_of() {
	local pid

	for pid in $(child_qemu "$run"); do
		readlink "/proc/$pid/fd/"* | grep -q "consoles/[0-9]*-$1" && echo "$pid"
	done
}

# How many times a case of the module has begun.
begun() {
	grep -s '"ev":"begin"' "$D/events.jsonl" | grep -c "\"case\":\"$1/"
}

begun_is() {
	[ "$(begun "$1")" -ge "$2" ]
}

test_qemu_killed() {
	start_run -j1 -m "$WORK/modules/slow.so" -e su,su-l exit-status
	until_true begun_is slow 1
	kill -9 "$(qemu_of slow_su_exit-status)"
	end_run
	# Tried once more, and nothing came of it but a second beginning.
	status_is 0
	verdicts_are 'slow/su-l/exit-status pass,slow/su/exit-status pass'
	[ "$(jq -c 'select(.type == "case").tries' "$D/events.jsonl" | sort | tr '\n' ' ')" = '1 2 ' ] ||
		fail "tries: $(jq -c 'select(.type == "case").tries' "$D/events.jsonl" | tr '\n' ' ')"
	log_is_whole "$D"
	nothing_left 'after a killed QEMU'
}

# The machine that the cases' guests are copies of has no console of its own.
warm_machine() {
	local pid

	for pid in $(child_qemu "$run"); do
		readlink "/proc/$pid/fd/"* | grep -q consoles/ || echo "$pid"
	done
}

test_warm_machine_killed() {
	start_run -j1 -m pam_basic -e su --repeat 30 exit-status
	until_true log_has '"type":"case"'
	kill -9 "$(warm_machine)"
	end_run
	status_is 0
	[ "$(verdicts "$D" | uniq -c | tr -s ' ')" = ' 30 pam_basic/su/exit-status pass' ] ||
		fail "$(verdicts "$D" | uniq -c)"
	[ "$(digests "$D" | sort -u | wc -l)" = 1 ] || fail 'another machine made other copies'
	log_is_whole "$D"
	nothing_left 'after a killed warm machine'
}

# Stops the lab while a copy of the warm machine is at work: its pid in $copy.
holds_copy() {
	kill -STOP "$run"
	copy=$(qemu_of pam_basic)
	[ -n "$copy" ] && [ -n "$(warm_machine)" ] && return
	kill -CONT "$run"
	return 1
}

cpu_ticks() {
	cut -d ' ' -f 14,15 "/proc/$copy/stat"
}

copy_sleeps() {
	local before

	before=$(cpu_ticks)
	sleep 0.2
	[ "$(cpu_ticks)" = "$before" ]
}

# The lab takes its time: what is done must not keep it from running.
test_copy_done_sleeps() {
	start_run -j1 -m pam_basic -e su --repeat 30 exit-status
	until_true log_has '"type":"case"'
	until_true holds_copy
	until_true copy_sleeps
	kill -CONT "$run"
	end_run
	status_is 0
	log_is_whole "$D"
	nothing_left 'after a copy that waited'
}

test_qemu_killed_twice() {
	start_run -j1 -m "$WORK/modules/slow.so" -e su,su-l exit-status
	until_true begun_is slow/su 1
	kill -9 "$(qemu_of slow_su_exit-status)"
	until_true begun_is slow/su 2
	kill -9 "$(qemu_of slow_su_exit-status)"
	end_run
	status_is 3
	verdicts_are 'slow/su-l/exit-status pass,slow/su/exit-status error'
	reason_has 'signal 9'
	log_is_whole "$D"
	nothing_left 'after a QEMU killed twice'
}

# The one case took the place of all that were to come: what is done is in the log, whole.
stopped_by() {
	start_run -j2 -m pam_basic -e su,su-l --repeat 20 exit-status
	until_true log_has '"type":"case"'
	kill -"$1" $run
	began=$SECONDS
	end_run
	status_is "$2"
	[ $((SECONDS - began)) -le 10 ] || fail "it took $((SECONDS - began)) s to stop"
	log_is_whole "$D"
	nothing_left "after SIG$1"
	no_temporary_files
	[ "$(jq -s 'map(select(.type == "case")) | length | . > 0 and . < 40' "$D/events.jsonl")" = true ] ||
		fail 'no case is in the log, or all are'
	jq -e -s "last | .type == \"end\" and .interrupted and .exit == $2" "$D/events.jsonl" >/dev/null ||
		fail "the last line: $(tail -n 1 "$D/events.jsonl")"
}

test_interrupted() {
	stopped_by INT 130
	lab_run -j1 -m pam_basic -e su exit-status
	status_is 0
}

test_terminated() { stopped_by TERM 143; }

test_killed_run() {
	start_run -j2 -m pam_basic -e su,su-l --repeat 20 exit-status
	until_true log_has '"type":"case"'
	kill -9 $run
	end_run
	nothing_left 'after the run was killed'
	log_is_whole "$D"
	lab_run -j1 -m pam_basic -e su exit-status
	status_is 0
}

# Nobody reads the report: the run goes on, and is judged by its log.
test_reader_gone() {
	D=$T/results
	unread run -j1 -m none -e su,su-l -o "$D" process-list exit-status
	status_is 1
	! grep '^pamlab:' "$T/err" || fail "$(cat "$T/err")"
	verdicts_are 'none/su-l/exit-status pass,none/su-l/process-list fail,none/su/exit-status pass,none/su/process-list fail'
	log_is_whole "$D"
	[ "$(tail -n 1 "$D/events.jsonl" | jq -c '[.type, .exit]')" = '["end",1]' ] ||
		fail "the last line: $(tail -n 1 "$D/events.jsonl")"
	nothing_left 'without a reader'
}

is_booting() {
	ls "$T"/cache/templates/*.making/ram >/dev/null 2>&1
}

test_killed_while_booting() {
	private_cache without
	start_run -j1 -m pam_basic -e su exit-status
	until_true is_booting
	sleep 2
	kill -9 $run
	end_run
	nothing_left 'after the run was killed'
	ls -d "$T"/cache/templates/*.making >/dev/null 2>&1 || fail 'no half-made template to test with'
	lab_run -j1 -m pam_basic -e su exit-status
	status_is 0
	! ls -d "$T"/cache/templates/*.making >/dev/null 2>&1 || fail 'a half-made template stayed'
}

# A damaged template is made anew, not used; each damage by itself.
test_damaged_templates() {
	private_cache with
	lab_run -j1 -m none -e su exit-status
	status_is 0
	STAGE=$(find "$T/cache/templates" -mindepth 1 -maxdepth 1 -type d ! -path "$BASE")
	made_anew no 'no damage'
	truncate -s 1M "$STAGE/ram"
	made_anew yes 'a cut memory'
	printf 'garbage' | dd of="$STAGE/state" bs=1 seek=4000 conv=notrunc status=none
	made_anew yes 'garbage in the state'
	jq '.key = "0123456789abcdef"' "$STAGE/meta.json" >"$T/meta" && cp "$T/meta" "$STAGE/meta.json"
	made_anew yes 'the meta.json of another'
	jq 'del(.sum)' "$STAGE/meta.json" >"$T/meta" && cp "$T/meta" "$STAGE/meta.json"
	made_anew yes 'a meta.json without a sum'
	rm "$STAGE/kernel"
	made_anew yes 'a missing file'
	truncate -s 1M "$BASE/ram"
	made_anew no 'a cut base template'
	grep -q 'booting a template' "$T/err" || fail 'a cut base template was used'
}

# made_anew yes|no DAMAGE: was the stage's template?
made_anew() {
	local before after

	before=$(stat -c %z "$STAGE")
	lab_run -j1 -m none -e su exit-status
	status_is 0
	after=$(stat -c %z "$STAGE")
	[ "$before" = "$after" ] && after=no || after=yes
	[ "$after" = "$1" ] || fail "$2: was the template made anew? $after"
	nothing_left "after $2"
}

test_two_runs_at_once() {
	local first

	start_run -j1 -m none -m pam_basic -e su,su-l process-list exit-status
	first=$D
	lab_run -j1 -m none -m pam_basic -e su,su-l process-list exit-status
	wait $run
	[ $? -eq 1 ] || fail 'the first run did not find that none isolates nothing'
	status_is 1
	[ "$(digests "$first")" = "$(digests "$D")" ] || fail 'the runs have different digests'
	[ "$(verdicts "$first")" = "$(verdicts "$D")" ] || fail 'the runs have different verdicts'
}
