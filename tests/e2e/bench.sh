# pamlab bench: costs that repeat, and a module that computes is seen to.
# shellcheck shell=bash disable=SC2154

test_bench() {
	local log marked module

	D=$T/results
	lab bench --quick -j1 -m pam_pidns -e su -o "$D"
	status_is 0
	log_is_whole "$D"
	log=$D/events.jsonl

	# Three runs of each kind, all the same.
	for marked in false true; do
		for module in none pam_basic pam_pidns; do
			jq -s -e --arg m $module --argjson k $marked 'map(select(.kind == "login" and
				.module == $m and .marked == $k)) | length == 3 and (map(.digest) | unique | length) == 1' \
				"$log" >"$T/same" || fail "$module, marked $marked: no three runs that agree"
		done
	done

	# Dearer than nothing, dearer than a module that does next to nothing; the phase that tells is its own.
	jq -e '.logins[] | select(.module == "pam_pidns") | .ratio.none > 1.02 and .ratio.pam_basic > 1.01 and
		.ratio.none > .ratio.pam_basic and .cost.phases.open_candidate > 100000 and .cost.phases.teardown > 0' \
		"$D/bench.json" >"$T/dearer" || fail "not dearer: $(jq -c .logins "$D/bench.json")"
	jq -e '.logins[] | select(.module == "none") | .ratio.none == 1 and .cost.phases.open_candidate < 1000 and
		(.cost.phases | has("teardown") | not)' \
		"$D/bench.json" >"$T/free" || fail "nothing is not free: $(jq -c .logins "$D/bench.json")"

	# The phases are those of the login without markers: together they are its total.
	jq -e 'all(.logins[]; .cost.total_ns as $t | .cost.phases | del(.teardown, .late) | add - $t | fabs < 1)' \
		"$D/bench.json" >"$T/sum" || fail "phases do not sum up: $(jq -c .logins "$D/bench.json")"

	# A host that is filled, wall time, the lines that others read, the table.
	jq -e '(.growth | length) == 9 and (.wall | length) == 3 and all(.wall[]; .n == 4 and .p50[0] > 0)' \
		"$D/bench.json" >"$T/rest" || fail "growth or wall: $(jq -c '[.growth, .wall]' "$D/bench.json")"
	jq -s -e 'map(select(.type == "case")) | length == 3 and all(.[]; .verdict == "info" and .cost.total_ns > 0
		and .cost.phases.program > 0)' "$log" >"$T/cases" ||
		fail "no such case lines"
	grep -q '^pam_pidns .* 1\.' "$T/out" || fail "no table: $(head -n 20 "$T/out")"

	# All of that comes from the log: it can be made again, and from a log that was cut off.
	lab bench --from "$D" -o "$T/again"
	status_is 0
	cmp -s "$D/bench.json" "$T/again/bench.json" || fail '--from makes something else of the same log'
	head -c "$(($(stat -c %s "$log") / 2))" "$log" >"$T/half.jsonl"
	lab bench --from "$T/half.jsonl" -o "$T/half"
	status_is 0
	lab bench --from "$WORK/warm-up" -o "$T/none"
	refused 'not the log of a pamlab bench'
	lab bench -e nowhere
	refused nowhere
	nothing_left 'after a bench'
}
