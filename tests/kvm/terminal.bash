# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# A terminal: raw while the guest runs, as it was whatever ended it.

# on_terminal COMMAND... - on a terminal of its own, where its output ends in the file screen and its
# messages in err. Keys go to descriptor 9. Sets $pid, that of COMMAND.
on_terminal() {
	command -v script >/dev/null || skip "there is no script(1)"
	cat >session <<'END'
tty >terminal
stty -g >before
bash -c 'echo $$ >pid; exec "$@"' command "$@" 2>err
status=$?
# A VMM whose parent was killed puts the terminal back by itself, a moment later.
for _ in {1..100}; do
	[ "$(stty -g)" != "$(<before)" ] || break
	sleep 0.02
done
stty -g >after
echo $status >status
END
	mkfifo keys
	exec 9<>keys
	script -qfc "$(printf '%q ' bash session "$@")" /dev/null <keys >screen 2>&1 &
	at_end+=("kill $! 2>/dev/null")
	wait_until 10 test -s pid || fail "nothing runs on the terminal"
	pid=$(<pid)
}

# guest_on_terminal NAME [OPTION...] - until the guest said its first word.
guest_on_terminal() {
	echo "$*" >told_command
	on_terminal "$bulkhead" run "${modest[@]}" --kernel "$guests/$1" "${@:2}"
	wait_until $((20 * slow)) grep -qE 'ready|spinning' screen || fail "the guest said nothing"
	vmm=$(vmm_of "$pid")
	wait_until 5 is_raw || fail "the terminal is not raw: $(stty -F "$(<terminal)" -a)"
}

is_raw() {
	local modes
	modes=$(stty -F "$(<terminal)" -a)
	[[ $modes == *-icanon* && $modes == *-isig* && $modes == *" -echo "* ]]
}

# expect_restored STATUS - the session has ended with it, and left the terminal as it was.
expect_restored() {
	wait_until $((10 * slow)) test -s status || fail "the session has not ended"
	status=$(<status)
	expect_status "$1"
	[ "$(<before)" = "$(<after)" ] || fail "the terminal was $(<before), and is $(<after)"
}

test_terminal_left() {
	guest_on_terminal spin
	printf '\001x' >&9
	expect_restored 0
	expect_match err 'left by Ctrl-A x'
}

test_terminal_power_off() {
	guest_on_terminal echo
	printf q >&9
	expect_restored 0
}

test_terminal_input() {
	guest_on_terminal echo
	# Ctrl-C and Ctrl-Z are the guest's; Ctrl-A twice is one of the guest's; Ctrl-A y passes y.
	printf 'abc\003\032\001\001de\001y' >&9
	wait_until $((5 * slow)) grep -qaP 'abc\x03\x1a.*de' screen || fail "no echo"
	printf q >&9
	expect_restored 0
	grep -qaP '^abc\x03\x1a\x01dey' screen || fail "not what was typed: $(cat -v screen)"
}

test_terminal_crash() {
	on_terminal "$bulkhead" run "${modest[@]}" --kernel "$guests/crash"
	expect_restored 1
}

test_terminal_timeout() {
	guest_on_terminal spin --timeout 1s
	expect_restored 2
}

test_terminal_signals() {
	local signal
	for signal in TERM INT; do
		rm -f keys pid status after
		guest_on_terminal spin
		kill -$signal "$pid"
		expect_restored 2
	done
}

test_terminal_vmm_killed() {
	guest_on_terminal spin
	kill -KILL "$vmm"
	expect_restored 2
}

test_terminal_parent_killed() {
	guest_on_terminal spin
	kill -KILL "$pid"
	expect_restored 137
	wait_until 1 ended "$vmm" || fail "the VMM lives on"
}

test_terminal_refusal() {
	: >empty
	on_terminal "$bulkhead" run "${modest[@]}" --kernel empty
	expect_restored 2
	[ "$(grep -c '' err)" -eq 1 ] || fail "more than one line of refusal: $(cat err)"
}

# Between two lives of a partition, and after them.
test_terminal_restart() {
	on_terminal "$bulkhead" run "${modest[@]}" --kernel "$guests/reset" --cmdline how=i8042 --reboot restart \
		--timeout $((2 * slow))s
	expect_restored 2
	[ "$(grep -c 'reset how' screen)" -ge 2 ] || fail "it did not restart"
}
