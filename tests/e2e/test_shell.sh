#!/bin/sh
# pamlab shell with commands piped in: an isolated login sees its own processes, one without a
# module sees those of the guest; what cannot be is refused.
set -u
pamlab=${PAMLAB:-$(dirname "$0")/../../build/pamlab}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

fail() {
	echo "shell: $*"
	sed 's/^/    /' "$dir/out" "$dir/err"
	exit 1
}

# run STATUS OPTION...: what is piped in comes from standard input
run() {
	want=$1
	shift
	timeout 300 "$pamlab" shell "$@" >"$dir/out" 2>"$dir/err"
	got=$?
	[ "$got" = "$want" ] || fail "pamlab shell $*: exit status $got, not $want"
}

# The module's init, the shell, ps. No echo, no prompt, no carriage return.
printf 'ps -e -o comm=\nexit 5\n' | run 0 -m pam_pidns
printf 'pam_pidns\nsh\nps\n' | cmp -s - "$dir/out" || fail "an isolated session lists others"
grep -q 'ended with status 5' "$dir/err" || fail "the login's status is lost"

# Without a module it lists a victim. The end of input ends the login, with a half line before it,
# and if a program took the end for its own.
printf 'ps -e -o comm=; cat; id -un; exit 6' | run 0
grep -q victim-root "$dir/out" || fail "without a module nothing of the guest is seen"
[ "$(tail -n 1 "$dir/out")" = alice ] || fail "the line after cat was not run"
grep -q 'ended with status 6' "$dir/err" || fail "the login's status is lost"

# An entry that asks for a name and a password; the shell's parent is outside its namespace.
# shellcheck disable=SC2016
echo 'tty; echo $PPID' | run 0 -m pam_pidns -e login
printf '/dev/ttyS1\n0\n' | cmp -s - "$dir/out" || fail "no login through login"

# Refused, each in one line.
refuse() {
	words=$1
	shift
	run 2 "$@" </dev/null
	[ "$(wc -l <"$dir/err")" = 1 ] || fail "pamlab shell $*: not one line"
	grep -q "$words" "$dir/err" || fail "pamlab shell $*: not \"$words\""
}
refuse "did you mean 'sshd'" -e shhd
refuse 'no interactive login' -e pamtester
refuse 'needs a terminal' --root-console
refuse 'no module' -m pam_pidn
refuse 'private or shared' --root slave
echo 'shell: logins through su and login, piped; refusals'
