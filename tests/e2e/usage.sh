# What the user can have got wrong: exit status 2 and one line that names the thing and what to do.
# shellcheck shell=bash

test_usage_module() {
	lab_run -m pam_pidnz
	refused 'no module "pam_pidnz"' 'did you mean "pam_pidns"?'
	lab_run -m pam_of_nowhere_at_all
	refused 'no module "pam_of_nowhere_at_all"' 'pamlab list modules'
	lab_run -m ./no/such.so
	refused './no/such.so is not there' 'correct the path'
	lab_run
	refused 'no module' '-m'
	echo 'this is text' >"$T/text.so"
	lab_run -m "$T/text.so"
	refused "$T/text.so is no ELF file" '(.so)'
	cp "$WORK/modules/args.so" "$T/arm.so"
	printf '\267' | dd of="$T/arm.so" bs=1 seek=18 conv=notrunc status=none # e_machine: EM_AARCH64
	lab_run -m "$T/arm.so"
	refused "$T/arm.so is for AArch64" 'the guests are x86-64'
	head -c 3000 "$WORK/modules/args.so" >"$T/cut.so"
	lab_run -m "$T/cut.so"
	refused "$T/cut.so is damaged" 'build it again'
	lab_run -m "$WORK/modules/no_session.so"
	refused 'no_session.so exports no pam_sm_open_session'
	lab_run -m "$T"/
	refused "$T/ is a directory"
	[ ! -e "$D" ] || fail "a refused run left $D"
}

test_usage_unresolved_symbol() {
	lab_run -j1 -m "$WORK/modules/unresolved.so" -e su exit-status
	status_is 2
	[ "$(grep -c '^pamlab: ' "$T/err")" -eq 1 ] || fail "not one line: $(cat "$T/err")"
	grep -q '^pamlab: .*unresolved.so cannot be loaded in the image: .*no_such_function' "$T/err" ||
		fail "$(cat "$T/err")"
	nothing_left 'after a module that cannot be loaded'
}

test_usage_names() {
	lab_run -m none -e sux exit-status
	refused 'sux' 'su'
	lab_run -m none -e , exit-status
	refused '--entry' 'pamlab list entries'
	lab_run -m none -e su exit-statsu
	refused 'exit-statsu' 'exit-status'
	lab_run -m none --image debian13 exit-status
	refused 'debian13' 'debian12'
	lab_run -m none --kernel 6.13 exit-status
	refused '6.13' "did you mean '6.1'?"
	lab_run -m none --kernel minimel exit-status
	refused 'minimel' "did you mean 'minimal'?"
	lab_run -m none --kernel /no/such/bzImage exit-status
	refused '/no/such/bzImage'
	lab_run -m none --accel kwm exit-status
	refused 'kwm' 'kvm'
	lab_run -m none --format jsn exit-status
	refused 'jsn' 'json'
	lab_run -m none -e su --report junt=x exit-status
	refused 'junt' 'junit'
	lab_run -m none -e su --report junit exit-status
	refused 'FORMAT=FILE' '"junit"'
	lab_run -m none -e su --report junit=/no/such/folder/x exit-status
	refused '/no/such/folder/x'
	lab report
	refused 'result folders'
	lab report --format jnit "$T"
	refused 'jnit' 'junit'
	lab report "$T/nothing"
	refused "$T/nothing"
	lab show process-lits
	refused 'process-lits' 'process-list'
	lab frobnicate
	refused 'frobnicate' 'pamlab help'
	lab rum
	refused 'rum' 'run'
}

test_usage_options() {
	local bad

	for bad in 11:0 -1:0 0 0:-5 0:x 0:0:0 '' 0:1000000001; do
		lab_run -m none -e su --schedule "$bad" exit-status
		refused 'a schedule is SHIFT:OFFSET' "not \"$bad\""
	done
	lab_run -m none -j 0
	refused '--jobs takes a number from 1' 'not "0"'
	lab_run -m none -j many
	refused '--jobs' '"many"'
	lab_run -m none --repeat 1x
	refused '--repeat' '"1x"'
	lab_run -m none --frob
	refused '--frob' '--help'
	lab_run -m
	refused 'needs a value' '--help'
	mkdir "$T/old" && : >"$T/old/events.jsonl"
	lab run -m none -e su -o "$T/old" exit-status
	status_is 2
	grep -q "$T/old holds an earlier run: name another" "$T/err" || fail "$(cat "$T/err")"
}

# A reader that has enough is no failure; a full disk is one.
test_usage_closed_output() {
	local verb

	cp -r "$WORK/warm-up" "$T/results"
	for verb in help --help --version list 'list --format json' 'list catalogue' 'show process-list' \
		'run --help' 'audit --help' 'mutants --help' 'repro --help' 'bench --help' 'image --help' \
		'shell --help' 'report --help' 'compare --help' 'merge --help' 'lint --help' \
		"baseline $T/results" "report $T/results" "report --format html $T/results" \
		"compare $T/results $T/results"; do
		# shellcheck disable=SC2086 # words of a command line
		unread $verb
		status_is 0
		[ ! -s "$T/err" ] || fail "pamlab $verb: $(cat "$T/err")"
		# shellcheck disable=SC2086
		"$PAMLAB" $verb >/dev/full 2>"$T/err"
		status=$?
		status_is 3
		grep -q '^pamlab: .*No space left on device' "$T/err" || fail "pamlab $verb: $(cat "$T/err")"
	done
}

# A home of its own, whose scenarios and contracts can be spoilt.
own_home() {
	mkdir -p "$T/home/build"
	cp -a "$HERE/scenarios" "$HERE/modules" "$HERE/images" "$T/home/"
	ln -s "$HERE/build/guest" "$HERE/build/modules" "$T/home/build/"
	export PAMLAB_HOME=$T/home
}

test_usage_scenario_file() {
	local file

	own_home
	file=$T/home/scenarios/teardown/exit-status.yaml
	line=$(grep -n '^scope:' "$file" | cut -d: -f1)
	sed -i 's/^scope: must/scope: perhaps/' "$file"
	lab_run -m none -e su exit-status
	refused "exit-status.yaml:$line" 'perhaps' 'must'
	sed -i 's/^scope: perhaps/scope: must/; s/^session:/sesion:/' "$file"
	lab_run -m none -e su exit-status
	refused "exit-status.yaml:" 'sesion'
	printf 'version: 1\nname: [\n' >"$file"
	lab_run -m none -e su exit-status
	refused "exit-status.yaml:"
}

test_usage_contract_file() {
	printf 'version: 1\nmodule: x\npromises: [pid-private, pid-publik]\n' >"$T/c.yaml"
	lab_run -m pam_basic --contract "$T/c.yaml" -e su exit-status
	refused "$T/c.yaml:3" 'pid-publik'
	printf 'version: 7\nmodule: x\npromises: []\n' >"$T/c.yaml"
	lab_run -m pam_basic --contract "$T/c.yaml" -e su exit-status
	refused "$T/c.yaml:1"
	lab_run -m pam_basic --contract "$T/none.yaml" -e su exit-status
	refused "$T/none.yaml"
}

test_no_qemu() {
	mkdir "$T/bin"
	ln -s /bin/sh /usr/bin/env "$T/bin/"
	PATH=$T/bin "$PAMLAB" run -m none -e su -o "$T/r" exit-status >"$T/out" 2>"$T/err"
	status=$?
	status_is 3
	one_line 'qemu-system-x86_64' 'apt-get install qemu-system-x86'
	[ ! -e "$T/r" ] || fail 'a run that could not begin left results'
}

test_no_space_for_the_log() {
	[ "$(id -u)" -eq 0 ] || skip 'only root can mount a small file system'
	mkdir "$T/small"
	mount -t tmpfs -o size=24k pamlab-e2e "$T/small" 2>/dev/null || skip 'cannot mount a tmpfs'
	trap 'kill $watch 2>/dev/null; umount "$T/small"' EXIT
	D=$T/small/r
	lab run -j1 -m none -e su -o "$D" --repeat 3 process-list exit-status
	status_is 3
	grep -q '^pamlab: write event log .*No space left on device' "$T/err" || fail "$(cat "$T/err")"
	log_is_whole "$D"
	[ "$(grep -c '^\(not \)\?ok ' "$T/out")" -eq 6 ] || fail "the run did not go on: $(cat "$T/out")"
}

test_no_space() {
	[ "$(id -u)" -eq 0 ] || skip 'only root can mount a small file system'
	private_cache without
	mkdir "$T/small"
	mount -t tmpfs -o size=20m pamlab-e2e "$T/small" 2>/dev/null || skip 'cannot mount a tmpfs'
	trap 'kill $watch 2>/dev/null; umount "$T/small"' EXIT
	# Images and kernels are there; the template does not fit.
	mkdir "$T/small/images" "$T/small/kernels"
	mount --bind "$T/cache/images" "$T/small/images"
	mount --bind "$T/cache/kernels" "$T/small/kernels"
	trap 'kill $watch 2>/dev/null; umount "$T/small/images" "$T/small/kernels" "$T/small"' EXIT
	PAMLAB_CACHE=$T/small lab_run -m none -e su exit-status
	status_is 3
	[ "$(grep -c '^pamlab: ' "$T/err")" -eq 1 ] || fail "not one line: $(cat "$T/err")"
	grep -q '^pamlab: .*No space left on device' "$T/err" || fail "$(cat "$T/err")"
	nothing_left 'without space'
	left=$(find "$T/small/templates" -type f ! -name '*.lock' ! -name '*.console' -size +0)
	[ -z "$left" ] || fail "left in the full cache: $left"
}
