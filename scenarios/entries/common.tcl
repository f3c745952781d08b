# What the drivers share. A driver spawns one entry and answers its questions; `probe entry` writes
# down when it started, when it returned and with what.

set timeout 60
set entry /usr/lib/pamlab/probe
set session /usr/lib/pamlab/session
log_user 1
# The client and how it encrypts are not under test, and an emulated processor pays for every line of
# code that runs for the first time: no configuration files, no host keys to look up, one key to
# offer, the cheapest algorithms of each kind.
set ssh {ssh -F none -o UserKnownHostsFile=/dev/null -o GlobalKnownHostsFile=/dev/null
	-o StrictHostKeyChecking=no -o CheckHostIP=no -o LogLevel=ERROR -o IdentitiesOnly=yes
	-o IdentityFile=/root/.ssh/id_rsa -o KexAlgorithms=ecdh-sha2-nistp256
	-o HostKeyAlgorithms=rsa-sha2-256 -o PubkeyAcceptedAlgorithms=rsa-sha2-256
	-o Ciphers=aes128-ctr -o MACs=umac-64-etm@openssh.com}

# Starts the program that logs in. A new terminal is sane: without -nottyinit expect has sh run stty
# to make it so.
proc start {args} {
	global entry spawn_id
	spawn -noecho -nottyinit $entry entry {*}$args
}

# The same as another user: sudo is for people who are not root.
proc start_as {user args} {
	global entry spawn_id
	spawn -noecho -nottyinit $entry entry -u $user {*}$args
}

# Waits for a question and answers it. A login that ends without asking is left to `probe entry`.
proc answer {question reply} {
	global spawn_id
	catch {
		expect {
			-re $question { send -- "$reply\r" }
			eof {}
		}
	}
}

# Waits until the entry has ended; the end may have been seen already, where a question was awaited, and
# its terminal may be closed meanwhile.
proc finish {} {
	global spawn_id
	catch {expect eof}
	catch {wait}
}

# Hangs up: the agent asks for it by SIGUSR1.
proc hang_up {} {
	global spawn_id
	catch {close -i $spawn_id}
}
