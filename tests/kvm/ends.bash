# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Every way a run ends: its status, its one message, and nobody left.

# Port 0xf4, as with QEMU's isa-debug-exit: value v gives (v << 1) | 1, of which a status keeps 8 bits.
test_end_exit_port() {
	local value
	for value in 0 1 42 63 127 255; do
		guest exitport --exit-port --cmdline "value=$value"
		expect_status $(((value << 1 | 1) & 255))
		expect_line out "exit value=$value"
		expect_match err "the guest wrote $value to the exit port\$"
	done
}

# Test guests write it with outl as often as with outb.
test_end_exit_port_wide() {
	local width
	for width in 2 4; do
		guest exitport --exit-port --cmdline "value=42 width=$width"
		expect_status 85
	done
}

test_end_exit_port_not_asked_for() {
	guest exitport --cmdline value=42
	expect_status 0
	expect_line out "exit port did nothing"
}

test_end_reset() {
	local how
	for how in i8042 acpi cf9; do
		guest reset --cmdline "how=$how"
		expect_status 0
		expect_match err 'the guest rebooted$'
		[ "$(grep -c '^reset ' out)" -eq 1 ] || fail "it was started more than once"
	done
}

test_end_reset_restarts() {
	guest reset --cmdline how=i8042 --reboot restart --timeout $((2 * slow))s
	expect_status 2
	[ "$(grep -c '^reset how=i8042$' out)" -ge 3 ] ||
		fail "started $(grep -c '^reset how=i8042$' out) times"
	expect_match err 'ended by --timeout$'
}

# An end that is no reset is the end.
test_end_power_off_does_not_restart() {
	guest hello_pvh --reboot restart
	expect_status 0
	[ "$(grep -c '^hello pvh' out)" -eq 1 ] || fail "it was started more than once"
}

test_end_triple_fault() {
	guest reset --cmdline how=triple
	expect_status 1
	expect_match err 'the guest crashed: vCPU 0: triple fault'
}

test_end_internal_error() {
	guest crash
	expect_status 1
	expect_match err 'the guest crashed: vCPU 0: .* at rip 0xd0000000$'
	guest crash --reboot restart
	expect_status 1
}

test_end_timeout() {
	local start took
	start=$(now_ms)
	guest spin --timeout 1s
	took=$(($(now_ms) - start))
	expect_status 2
	expect_match err 'ended by --timeout$'
	# Start and end are part of it, on a machine that may be busy.
	((took >= 1000 && took <= 3000 * slow)) || fail "it took $took ms"
}

# end_by_signal SIGNAL GUEST-OPTION...
end_by_signal() {
	start_guest "${@:2}"
	kill -"$1" "$pid"
	finish $((5 * slow))
	expect_status 2
	[ ! -e "/proc/$vmm" ] || fail "its VMM outlived it"
}

test_end_signals() {
	local signal
	for signal in INT TERM HUP QUIT; do
		end_by_signal $signal spin
		expect_match err "stopped by signal $(kill -l $signal)\$"
		end_by_signal $signal spin --cmdline how=halt --vcpus 3
		expect_match err "stopped by signal $(kill -l $signal)\$"
	done
}

# Whenever it comes, also between two lives of a guest that reboots without pause.
test_end_signal_while_restarting() {
	local round
	for round in {1..25}; do
		start "$bulkhead" run "${modest[@]}" --kernel "$guests/reset" --cmdline how=i8042 --reboot restart
		wait_until $((20 * slow)) test -s out || fail "the guest said nothing"
		sleep "0.$(printf '%03d' $((RANDOM % 120)))"
		kill -TERM "$pid"
		finish $((5 * slow))
		expect_status 2
	done
}

# Memory that is still being prepared is no reason not to hear.
test_end_signal_while_starting() {
	start "$bulkhead" run "${modest[@]}" --kernel "$guests/spin" --memory 4G
	wait_until 5 vmm_of "$pid" >/dev/null || fail "no VMM"
	kill -TERM "$pid"
	finish $((10 * slow))
	expect_status 2
}

test_end_parent_killed() {
	local arguments
	for arguments in "spin" "spin --cmdline how=halt" "spin --vcpus 3"; do
		# shellcheck disable=SC2086 # words
		start_guest $arguments
		kill -KILL "$pid"
		wait_until 1 ended "$vmm" || fail "the VMM lives a second after its parent"
	done
}

test_end_vmm_killed() {
	start_guest spin
	kill -KILL "$vmm"
	finish $((5 * slow))
	expect_status 2
	expect_match err 'bulkhead-vmm died of signal 9'
	[ "$(grep -c '' err)" -eq 1 ] || fail "more than one line"
}

# Any thread's death is the VMM's.
test_end_vcpu_thread_killed() {
	local thread
	start_guest spin
	for thread in /proc/"$vmm"/task/*; do
		[ "$(<"$thread/comm")" != vcpu/0 ] || kill -KILL "${thread##*/}"
	done
	finish $((5 * slow))
	expect_status 2
	expect_match err 'bulkhead-vmm died of signal'
}

# A VMM that hears nothing is given a moment, and then killed.
test_end_vmm_that_hears_nothing() {
	start_guest spin
	kill -STOP "$vmm"
	kill -TERM "$pid"
	finish $((10 * slow))
	expect_status 2
	[ ! -e "/proc/$vmm" ] || fail "the VMM is still there"
	guest_that_stops_hearing --timeout $((3 * slow))s
}

guest_that_stops_hearing() {
	start_guest spin "$@"
	kill -STOP "$vmm"
	finish $((10 * slow))
	expect_status 2
	[ ! -e "/proc/$vmm" ] || fail "the VMM is still there after its time"
}
