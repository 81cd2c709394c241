# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The serial port on pipes and files: not a byte lost, added or changed.

# echo_data FILE BYTES - any bytes but q, which ends the echo guest.
echo_data() {
	head -c $(($2 + $2 / 50 + 100)) /dev/urandom | tr -d q | head -c "$2" >"$1"
	[ "$(stat -c %s "$1")" -eq "$2" ] || fail "not enough random bytes"
}

# expect_echo DATA FILE - the echo guest's output: DATA between its two lines.
expect_echo() {
	local bytes
	bytes=$(stat -c %s "$1")
	head -n 1 "$2" | grep -qx 'echo ready' || fail "the guest did not start"
	tail -c +12 "$2" | head -c "$bytes" | cmp -s - "$1" || fail "what came back is not what was sent"
	tail -c +$((12 + bytes)) "$2" | grep -qaE "^echoed bytes=$bytes interrupts=" ||
		fail "not $bytes bytes: $(tail -n 1 "$2")"
}

test_console_pipe() {
	echo_data data 100000
	mkfifo keys
	{
		cat data
		printf q
	} >keys &
	input=keys guest echo
	expect_status 0
	expect_echo data out
}

test_console_file() {
	echo_data data 20000
	{
		cat data
		printf q
	} >keys
	input=keys guest echo
	expect_status 0
	expect_echo data out
}

# One byte at a time, each answered before the next is sent.
test_console_byte_by_byte() {
	local i
	mkfifo keys
	exec 9<>keys
	input=keys start_guest echo
	for i in {1..20}; do
		printf x >&9
		wait_until $((5 * slow)) has_bytes out $((11 + i)) || fail "no answer to byte $i"
	done
	printf q >&9
	finish
	expect_status 0
	expect_match out '^echoed bytes=20 '
}

# A megabyte, as fast as a driver writes it, to a reader that sleeps, then takes little by little: the
# guest waits, and what it numbered arrives whole and in order.
test_console_slow_reader() {
	local lines=$((65536 / slow))
	mkfifo screen
	{
		sleep 1
		head -c 100000
		sleep 1
		head -c 100001
		sleep 1
		cat
	} <screen >received &
	timeout -k 5 $((60 * slow)) "$bulkhead" run "${modest[@]}" --kernel "$guests/flood" --cmdline lines=$lines \
		</dev/null >screen 2>err
	status=$?
	wait
	expect_status 0
	awk -v lines=$lines 'BEGIN { for (i = 0; i < lines; i++) printf "%015x\n", i }' >expected
	cmp -s expected received || fail "of $(stat -c %s expected) bytes $(stat -c %s received) came;" \
		"$(cmp expected received 2>&1)"
}

# The end of input is the end of nothing else, and costs nothing: the VMM waits.
expect_quiet_until_stopped() {
	local before after
	before=$(cpu_ticks "$vmm")
	sleep 1
	after=$(cpu_ticks "$vmm")
	[ $((after - before)) -le 20 ] || fail "$((after - before)) ticks of CPU time in a second of idleness"
	kill -TERM "$pid"
	finish
	expect_status 2
}

# Ticks that a process' main thread has run for.
cpu_ticks() {
	local line
	line=$(<"/proc/$1/task/$1/stat")
	# shellcheck disable=SC2086 # fields behind the name
	set -- ${line##*) }
	echo $((${12} + ${13}))
}

test_console_end_of_input() {
	printf abc >keys
	input=keys start_guest echo
	wait_until $((5 * slow)) grep -q abc out || fail "no echo"
	expect_quiet_until_stopped
}

test_console_no_input() {
	input=/dev/null start_guest echo
	expect_quiet_until_stopped
}

# Standard streams that are not open at all: whatever the programs open must not take their places.
test_console_closed_streams() {
	timeout -k 2 20 "$bulkhead" run "${modest[@]}" --kernel "$guests/hello_pvh" >&- 2>err </dev/null
	status=$?
	expect_status 0
	timeout -k 2 20 "$bulkhead" run "${modest[@]}" --kernel "$guests/hello_pvh" >out 2>err <&-
	status=$?
	expect_status 0
	expect_match out '^hello pvh'
	timeout -k 2 20 "$bulkhead" run "${modest[@]}" --kernel "$guests/hello_pvh" >out 2>&- </dev/null
	status=$?
	expect_status 0
	expect_match out '^hello pvh'
	timeout -k 2 20 "$bulkhead" run "${modest[@]}" --kernel "$guests/exitport" --exit-port --cmdline value=42 <&- >&- 2>&-
	status=$?
	expect_status 85
}

# A reader that went away does not take the guest with it.
test_console_reader_gone() {
	local statuses
	timeout -k 2 20 "$bulkhead" run "${modest[@]}" --kernel "$guests/exitport" --exit-port --cmdline value=42 2>err </dev/null | true
	statuses=("${PIPESTATUS[@]}")
	status=${statuses[0]}
	expect_status 85
}

# Bytes that are commands on a terminal are bytes here.
test_console_no_escape_on_a_pipe() {
	printf '\001xabc\001\001q' >keys
	input=keys guest echo
	expect_status 0
	expect_match out '^echoed bytes=7 '
}
