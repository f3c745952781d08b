# Modules that harm the guest they run in: each case gets its verdict, the next one is not disturbed
# and the lab ends as ever. The module does its deed in a login through su only, so su-l is the case
# that follows. The schedule makes ten seconds of guest time few instructions.
# shellcheck shell=bash

# DEED WORD...: the case fails and each word is in its reason.
hostile() {
	local deed=$1 began=$SECONDS word

	shift
	lab_run -j1 -m "$WORK/modules/hostile.so" --args "$deed" -e su,su-l --schedule 6:0 \
		--format json exit-status
	status_is 1
	verdicts_are 'hostile/su-l/exit-status pass,hostile/su/exit-status fail'
	for word in "$@"; do
		reason_has "$word"
	done
	log_is_whole "$D"
	nothing_left "after a module that does $deed"
	no_temporary_files
	[ "$(du -sm "$D" | cut -f1)" -le 40 ] || fail "$(du -sh "$D") of results"
	[ $((SECONDS - began)) -lt 300 ] || fail "it took $((SECONDS - began)) s"
}

test_fork_bomb() { hostile fork-bomb; }
test_fill_memory() { hostile fill-memory; }
test_flood_console() { hostile flood-console; }
test_spin() { hostile spin 'never ran'; }
test_flood_events() { hostile flood-events 'MiB of events'; }
test_wait_for_ever() { hostile wait-for-ever 'never ran'; }
test_panic() { hostile panic 'the guest died: its kernel panicked: sysrq triggered crash'; }
test_power_off() { hostile power-off 'the guest died: it was powered off from inside'; }
test_reset() { hostile reset 'the guest died: it was reset from inside'; }
test_forge_end() { hostile forge-end 'never ran'; }
test_kill_all() { hostile kill-all 'without the module'; }
test_remove_lab() { hostile remove-lab; }
test_replace_lab() { hostile replace-lab; }
test_claim_fault() { hostile claim-fault 'the lab is at fault' 'without the module'; }
