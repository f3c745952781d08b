# What the drivers share. A driver spawns one entry and answers its questions; `probe entry` writes
# down when it started, when it returned and with what.

set timeout 60
set entry /usr/lib/pamlab/probe
set session /usr/lib/pamlab/session
log_user 1
# What encrypts a connection is not under test, and emulated processors are slow at it.
set light {-o KexAlgorithms=ecdh-sha2-nistp256 -o Ciphers=aes128-ctr}

# Starts the program that logs in.
proc start {args} {
	global entry spawn_id
	spawn -noecho $entry entry {*}$args
}

# The same as another user: sudo is for people who are not root.
proc start_as {user args} {
	global entry spawn_id
	spawn -noecho setpriv --reuid $user --regid $user --init-groups $entry entry {*}$args
}

# Waits for a question and answers it. A login that ends without asking is left to `probe entry`.
proc answer {question reply} {
	global spawn_id
	expect {
		-re $question { send -- "$reply\r" }
		eof {}
	}
}

# Waits until the entry has ended.
proc finish {} {
	global spawn_id
	expect eof
	wait
}
