# The gate: baselines, costs, known failures, shards; and the recipes for CI, whose commands are run as
# they stand in them.
# shellcheck shell=bash

# The module that takes as many instructions more as it is told.
build_burn() {
	mkdir -p "$1"
	gcc -std=gnu17 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -fPIC -fvisibility=hidden -shared \
		-o "$1/pam_burn.so" "$HERE/tests/bench/pam_burn.c" -lpam || fail 'pam_burn does not compile'
}

# run_burn BURN OPTION...
run_burn() {
	local burn=$1

	shift
	lab_run -j1 -m "$T/pam_burn.so" --args "burn=$burn" -e su "$@" login-cost process-list
}

text_has() {
	grep -qF -- "$2" "$1" || fail "no \"$2\" in: $(head -c 1500 "$1")"
}

test_gate() {
	build_burn "$T"
	run_burn 0
	status_is 1 # it isolates nothing
	lab baseline "$D"
	status_is 0
	cp "$T/out" "$T/base.json"
	[ "$(jq '.cases | length' "$T/base.json")" -eq 2 ] || fail "$(cat "$T/base.json")"

	# What failed before is no regression.
	run_burn 0 --baseline "$T/base.json"
	status_is 0
	text_has "$T/err" 'No regression'
	lab compare "$T/results-1" "$D"
	status_is 0

	# One in two hundred instructions more.
	run_burn 40000 --baseline "$T/base.json"
	status_is 1
	text_has "$T/err" '! pam_burn/su/login-cost@'
	text_has "$T/err" 'total_ns'
	text_has "$T/err" 'phases: enter_ns'
	lab compare --max-cost +1% "$T/base.json" "$D"
	status_is 0
	lab compare --max-cost none "$T/base.json" "$D"
	status_is 0
	lab compare --max-cost leave_ns=+0.25% "$T/base.json" "$D"
	status_is 0
	lab compare --format github "$T/base.json" "$D"
	status_is 1
	grep -q '^::error file=.*login-cost.yaml,line=[0-9]*,title=Costs more::pam_burn/su' "$T/out" ||
		fail "$(cat "$T/out")"
	lab compare --format json "$T/base.json" "$D"
	status_is 1
	jq -e '.regressions == 1 and (.findings[] | select(.regression) | .phase == "total_ns" and
		.new > .allowed and .allowed > .base)' "$T/out" >/dev/null || fail "$(cat "$T/out")"

	# A failure that was not there.
	sed 's/"verdict": "fail"/"verdict": "pass"/' "$T/base.json" >"$T/better.json"
	lab compare "$T/better.json" "$T/results-1"
	status_is 1
	text_has "$T/out" 'was pass, is fail'
	lab compare "$T/results-1" "$T/better.json"
	status_is 0
	text_has "$T/out" 'Fixed'
}

test_gate_refuses() {
	lab_run -j1 -m pam_basic -e su exit-status
	status_is 0
	lab baseline "$D"
	cp "$T/out" "$T/base.json"
	jq '.kernel_hash = "0"' "$T/base.json" >"$T/kernel.json"
	jq '.baseline = 2' "$T/base.json" >"$T/version.json"
	head -c -20 "$T/base.json" >"$T/cut.json"
	for bad in 'kernel content of the kernel' 'version version 2 of the format' 'cut damaged' \
		'none No such file'; do
		lab_run -j1 -m pam_basic -e su --baseline "$T/${bad%% *}.json" exit-status
		refused "${bad#* }"
		[ ! -e "$D" ] || fail "refused only after the run: $bad"
	done
	lab compare --max-cost fast "$T/base.json" "$T/results-1"
	refused '--max-cost' 'fast'
	lab compare --format htlm "$T/base.json" "$T/results-1"
	refused 'htlm'
	lab compare "$T/base.json"
	refused 'two results'
	# A log that a crash has cut is used as far as it goes, and makes no baseline.
	mkdir "$T/cut"
	head -c -30 "$T/results-1/events.jsonl" >"$T/cut/events.jsonl"
	lab compare "$T/base.json" "$T/cut"
	status_is 0
	text_has "$T/out" 'the last line is cut off'
	lab baseline "$T/cut"
	refused 'makes no baseline' 'cut off'
}

known() {
	printf 'version: 1\nknown:\n  - {case: "%s", reason: ticket 7, expires: %s}\n' "$1" "$2" >"$T/known.yaml"
}

test_known_failures() {
	known 'pam_basic/su/process-list' 2999-12-31
	lab_run -j1 -m pam_basic -e su --known "$T/known.yaml" process-list exit-status
	status_is 0
	verdicts_are 'pam_basic/su/exit-status pass,pam_basic/su/process-list fail'
	reason_has 'known failure until 2999-12-31: ticket 7'
	known 'pam_basic/su/process-list' 2020-02-29
	lab_run -j1 -m pam_basic -e su --known "$T/known.yaml" process-list
	status_is 1
	reason_has 'expired on 2020-02-29'
	lab compare --known "$T/known.yaml" "$D" "$D"
	status_is 1
	text_has "$T/out" 'expired on 2020-02-29'
	known 'pam_basic/*/exit-status' 2999-12-31
	lab_run -j1 -m pam_basic -e su --known "$T/known.yaml" exit-status
	status_is 1
	reason_has 'remove it from the list'
	lab compare --known "$T/known.yaml" "$D" "$D"
	status_is 1
	text_has "$T/out" 'remove it there'
	known 'su/exit-status' 2999-12-31
	lab_run -j1 -m pam_basic -e su --known "$T/known.yaml" exit-status
	refused 'known.yaml:3' 'MODULE/ENTRY/SCENARIO'
}

# same_but_for_times RESULTS FORMAT: the report RESULTS.FORMAT without times, numbers of lines and places,
# in an order that is not that of the cases
same_but_for_times() {
	case $2 in
	sarif)
		jq -S 'del(.runs[].invocations) | .runs[].results |= (map(del(.ruleIndex)) | sort) |
			.runs[].tool.driver.rules |= sort_by(.id)' "$1.$2"
		;;
	*)
		sed "s|$1|DIR|g; s/^\\(\\(not \\)\\?ok\\) [0-9]*/\\1/" "$1.$2" |
			sed 's/ time="[0-9.]*"//g; s/timestamp="[^"]*"//; /took/d; /Started/d; /<dt>Command/d; s/"wall_ms":[0-9]*//g' |
			grep -v -e --shard -e "$T" | tr '{,' '\n\n' | sort
		;;
	esac
}

test_shards() {
	local i format

	for i in 1 2 3; do
		lab run -j1 -m pam_basic -e su,su-l --shard $i/3 -o "$T/shard-$i" exit-status process-list \
			proc-own login-cost
		[ "$status" -le 1 ] || fail "shard $i: exit status $status"
	done
	lab_run -j1 -m pam_basic -e su,su-l exit-status process-list proc-own login-cost
	status_is 1
	lab merge -o "$T/merged" "$T/shard-2" "$T/shard-1" "$T/shard-3"
	status_is 0
	log_is_whole "$T/merged"
	[ "$(digests "$T/merged")" = "$(digests "$D")" ] || fail "not as in one run: $(digests "$T/merged")"
	[ "$(jq -c 'select(.type == "end") | .counts, .exit' "$T/merged/events.jsonl")" = \
		"$(jq -c 'select(.type == "end") | .counts, .exit' "$D/events.jsonl")" ] || fail 'other counts'
	lab compare "$D" "$T/merged"
	status_is 0
	# What is said of the run and of its cases, and each report, is the same but for times and places.
	for i in "$D" "$T/merged"; do
		jq -c 'select(.type == "run") | del(.started, .dir, .argv, .merged)' "$i/events.jsonl" >"$i.run"
		jq -c 'select(.type == "case") | del(.wall_ms)' "$i/events.jsonl" | sort >"$i.cases"
		for format in ktap table junit sarif github html; do
			lab report --format $format -o "$i.$format" "$i"
			status_is 0
			same_but_for_times "$i" $format >"$i.$format.same"
		done
	done
	cmp "$D.run" "$T/merged.run" || fail 'another run line'
	cmp "$D.cases" "$T/merged.cases" || fail 'other cases'
	for format in ktap table junit sarif github html; do
		diff "$D.$format.same" "$T/merged.$format.same" >"$T/diff" || fail "another $format: $(head -n 4 "$T/diff")"
	done
	lab merge -o "$T/again" "$T/shard-1" "$T/shard-3"
	refused 'gap: shard 2/3 is missing'
	lab merge -o "$T/again" "$T/shard-1" "$T/shard-2" "$T/shard-1"
	refused 'overlap'
	lab merge -o "$T/again" "$T/shard-1" "$D"
	refused 'is no shard of a run'
	lab merge -o "$T/merged" "$T/shard-1" "$T/shard-2" "$T/shard-3"
	refused 'holds an earlier run'
	[ ! -e "$T/again" ] || fail 'a refused merge left a log'
	lab_run -j1 -m pam_basic -e su --shard 3/2 exit-status
	refused '--shard takes I/N'
}

# A user's repository: a module, its contract, a Makefile, an empty list of known failures.
make_project() {
	P=$T/project
	mkdir -p "$P" "$T/bin"
	cp "$HERE/modules/pam_pidns/"*.[ch] "$P/"
	# shellcheck disable=SC2016 # it is for make
	printf 'pam_mine.so: $(wildcard *.c)\n\tgcc -D_GNU_SOURCE -O2 -fPIC -fvisibility=hidden -shared -o $@ $^ -lpam\n' \
		>"$P/Makefile"
	sed 's/^module: .*/module: pam_mine/' "$HERE/modules/pam_pidns/contract.yaml" >"$P/contract.yaml"
	printf 'version: 1\nknown: []\n' >"$P/pamlab-known.yaml"
	ln -s "$HERE" "$P/pamlab"
	# The container's own packages: here they are only looked for.
	cat >"$T/bin/apt-get" <<-'STUB'
		#!/bin/sh
		[ "$1" = install ] || exit 0
		shift
		for word; do
			case $word in -*) continue ;; esac
			dpkg-query -W "$word" >/dev/null || exit 100
		done
	STUB
	chmod +x "$T/bin/apt-get"
}

# recipe FILE VARIANT: runs the commands of the recipe in the project
recipe() {
	"$E2E/recipe.py" "$HERE/ci/$1" "$2" >"$T/recipe" || fail "ci/$1 is wrong: $(tail -n 1 "$T/log")"
	(cd "$P" && env -u MAKEFLAGS -u MAKELEVEL PATH="$T/bin:$PATH" bash "$T/recipe") >"$T/out" 2>"$T/err"
	status=$?
}

test_recipes() {
	local cache=${PAMLAB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pamlab}

	make_project
	# What a user would change, and the cache that CI keeps.
	export PAMLAB_CACHE=$cache ENTRIES=su SCENARIOS='exit-status login-cost'
	export GITHUB_STEP_SUMMARY=$T/summary
	# shellcheck disable=SC2086 # a list of words
	(cd "$P" && make pam_mine.so && pamlab/build/pamlab run -m ./pam_mine.so --contract contract.yaml \
		--accel tcg -e su $SCENARIOS -o "$T/first" && pamlab/build/pamlab baseline "$T/first" \
		>pamlab-baseline.json) >"$T/out" 2>&1 || fail "no baseline: $(tail -n 3 "$T/out")"
	recipe github.yml tcg
	status_is 0
	text_has "$T/summary" 'No regression'
	for f in junit.xml pamlab.sarif report.html events.jsonl; do
		[ -s "$P/results/tcg/$f" ] || fail "github.yml makes no $f"
	done
	recipe gitlab.yml 'audit 1/2'
	status_is 0
	recipe gitlab.yml 'audit 2/2'
	status_is 0
	recipe gitlab.yml gate
	status_is 0
	text_has "$T/out" 'No regression'
	for f in junit.xml pamlab.sarif report.html events.jsonl; do
		[ -s "$P/results/$f" ] || fail "gitlab.yml makes no $f"
	done

	# And the other way round: a module that takes more fails both.
	sed -i 's/"total_ns": [0-9]*/"total_ns": 1000000/' "$P/pamlab-baseline.json"
	rm -r "$P/results"
	recipe github.yml tcg
	status_is 1
	text_has "$T/err" 'Costs more'
	rm -r "$P/results"
	recipe gitlab.yml gate
	status_is 1
}
