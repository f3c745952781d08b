# What the end-to-end tests share. A test calls `lab ARGUMENT...`, which runs pamlab and leaves
# $status, $T/out and $T/err, and then says what has to be true of them; the first thing that is not
# ends the test. $T is the test's folder.
# shellcheck shell=bash

fail() {
	echo "$*" >"$T/why"
	exit 1
}

skip() {
	echo "$*" >"$T/why"
	exit 77
}

# Ends a test that would hang, with what it started.
LIMIT_S=400

one_test() {
	local t=$1 T=$WORK/$1 began=$SECONDS status shown left

	mkdir -p "$T/tmp"
	(
		# Whatever descends from this test can be told by its environment.
		export PAMLAB_E2E=$T TMPDIR=$T/tmp
		mkfifo "$T/never"
		( read -r -t $LIMIT_S <>"$T/never" || touch "$T/late"; end_leftovers ) &
		watch=$!
		trap 'kill $watch 2>/dev/null' EXIT
		"test_$t"
	) >"$T/log" 2>&1 </dev/null
	status=$?
	left=$(leftovers "$T")
	if [ -n "$left" ]; then
		[ $status -ne 0 ] || echo "outlived the test: $left" >"$T/why"
		[ $status -ne 0 ] || status=1
		end_leftovers
	fi
	shown="$t ($((SECONDS - began)) s)"
	case $status in
	0)
		echo "ok   $shown"
		touch "$T/passed"
		rm -rf "${T:?}"/[!p]*
		;;
	77) echo "skip $shown: $(cat "$T/why")" ;;
	*)
		[ -e "$T/late" ] && echo "it took more than $LIMIT_S s" >"$T/why"
		touch "$T/failed"
		[ -s "$T/why" ] || tail -n 1 "$T/log" >"$T/why"
		echo "FAIL $shown: $(head -c 600 "$T/why" | tr '\n' ' ') (see ${T#"$HERE"/})"
		;;
	esac
}

# Processes of this test that are there: "PID COMMAND" each, without the test's own shells and watch.
leftovers() {
	local dir=$1 p pid name

	for p in /proc/[0-9]*; do
		pid=${p#/proc/}
		{ tr '\0' '\n' <"$p/environ" | grep -qxF "PAMLAB_E2E=$dir"; } 2>/dev/null || continue
		name=$(cat "$p/comm" 2>/dev/null) || continue
		case $name in run | bash | tr | grep | cat | '') continue ;; esac
		grep -q '^State:	Z' "$p/status" 2>/dev/null && continue
		echo "$pid $name"
	done
}

end_leftovers() {
	local pid name

	leftovers "$T" | while read -r pid name; do
		kill -9 "$pid" 2>/dev/null
	done
}

# Sockets close and processes end a moment after who held them.
nothing_left() {
	local i

	for i in 1 2 3 4 5 6 7 8 9 10; do
		[ -z "$(leftovers "$T")" ] && return
		sleep 0.2
	done
	fail "$1: still there: $(leftovers "$T" | tr '\n' ';')"
}

no_temporary_files() {
	[ -z "$(ls -A "$T/tmp")" ] || fail "temporary files were left: $(ls -A "$T/tmp")"
}

lab() {
	"$PAMLAB" "$@" >"$T/out" 2>"$T/err"
	status=$?
}

# The same, with a reader that is gone before anything is printed.
unread() {
	mkfifo "$T/gone"
	{
		read -r _ <"$T/gone"
		"$PAMLAB" "$@" 2>"$T/err"
		echo $? >"$T/status"
	} | {
		exec <&-
		echo >"$T/gone"
	}
	rm "$T/gone"
	status=$(cat "$T/status")
}

# A run with a results folder of its own, its number in $n.
n=0
lab_run() {
	n=$((n + 1))
	D=$T/results-$n
	lab run -o "$D" "$@"
}

status_is() {
	[ "$status" -eq "$1" ] || fail "exit status $status, not $1: $(tail -n 2 "$T/err")"
}

# One line on stderr in which all the words are; nothing on stdout.
one_line() {
	local word

	[ "$(wc -l <"$T/err")" -eq 1 ] || fail "not one line on stderr: $(cat "$T/err")"
	[ -s "$T/out" ] && fail "something on stdout: $(head -n 1 "$T/out")"
	for word in "$@"; do
		grep -qF -- "$word" "$T/err" || fail "no \"$word\" in: $(cat "$T/err")"
	done
}

refused() {
	status_is 2
	one_line "$@"
}

# The cases of a log: "MODULE/ENTRY/SCENARIO VERDICT", sorted.
verdicts() {
	jq -r 'select(.type == "case") | "\(.module)/\(.entry)/\(.scenario) \(.verdict)"' \
		"$1/events.jsonl" | sort
}

verdicts_are() {
	local seen

	seen=$(verdicts "$D" | tr '\n' ',')
	[ "$seen" = "$1," ] || fail "verdicts $seen not $1,: $(reasons)"
}

reasons() {
	jq -r 'select(.type == "case" and .reason).reason' "$D/events.jsonl" | tr '\n' ';'
}

reason_has() {
	reasons | grep -qF -- "$1" || fail "no \"$1\" in the reasons: $(reasons)"
}

digests() {
	jq -r 'select(.type == "case") | "\(.id) \(.digest)"' "$1/events.jsonl" | sort
}

# Each line of the log is one JSON object, the last too.
log_is_whole() {
	[ -s "$1/events.jsonl" ] || fail "no event log"
	[ -z "$(tail -c 1 "$1/events.jsonl")" ] || fail "the log's last line is cut off"
	jq -e -R 'fromjson | type == "object"' "$1/events.jsonl" >"$T/whole" 2>&1 ||
		fail "a damaged line in the log: $(tail -n 1 "$T/whole")"
}

# Waits until a condition (a command) holds.
until_true() {
	local i

	for ((i = 0; i < 600; i++)); do
		"$@" && return
		sleep 0.1
	done
	fail "waited in vain for: $*"
}

# The pid of a QEMU that descends from process $1 (a builder of templates may be between them).
child_qemu() {
	local pid

	for pid in $(cat /proc/"$1"/task/*/children 2>/dev/null); do
		if grep -q '^qemu-system' "/proc/$pid/comm" 2>/dev/null; then
			echo "$pid"
		else
			child_qemu "$pid"
		fi
	done
}

# A cache with what is needed to run cases, that a test may damage: image and kernel are the same
# files, templates are copied ($1 = with) or not.
private_cache() {
	local from=${PAMLAB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pamlab}

	mkdir -p "$T/cache"
	cp -al "$from/images" "$from/kernels" "$T/cache/" 2>/dev/null ||
		cp -a --sparse=always "$from/images" "$from/kernels" "$T/cache/"
	cp "$from/accel.json" "$T/cache/" 2>/dev/null
	if [ "$1" = with ]; then
		cp -a "$from/controls" "$T/cache/"
		mkdir "$T/cache/templates"
		copy_base "$from"
	fi
	export PAMLAB_CACHE=$T/cache
}

# Only the base template of the default lab; the stages are made from it in seconds.
copy_base() {
	local key

	key=$(jq -r 'select(.type == "run").template' "$WORK/warm-up/events.jsonl")
	[ -d "$1/templates/$key" ] || fail "no template $key in $1"
	cp -a --sparse=always "$1/templates/$key" "$T/cache/templates/"
	BASE=$T/cache/templates/$key
}

build_modules() {
	local f so

	for f in "$E2E"/modules/*.c; do
		so=${f##*/}
		so=$WORK/modules/${so%.c}.so
		gcc -std=gnu17 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -fPIC -fvisibility=hidden -shared \
			-o "$so" "$f" -lpam || return 1
	done
}
