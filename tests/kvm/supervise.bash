# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Partitions in the background: started, found, asked, paused, attached to, stopped; and what becomes of them
# when somebody is killed, or somebody else is not honest.

readonly runs=/run/bulkhead

# needs_folder - and a name that no other test, nor another run of these, has at the same time: $name.
needs_folder() {
	[ "$(id -u)" -eq 0 ] || skip "only root makes folders in /run"
	name=t$BASHPID
	at_end+=("bring_down $name")
}

# Whatever a test left running or lying.
bring_down() {
	[ ! -e "$runs/$1" ] || "$bulkhead" stop "$1" >/dev/null 2>&1
}

# named_machine GUEST CMDLINE [PARTITION-LINE...] - a machine of the partition $name, in machine.yaml.
named_machine() {
	{
		printf 'machine: test\npartitions:\n  - name: %s\n' "$name"
		printf '    %s\n' 'vcpus: 1' 'memory: {size: 16M}' 'schedule: {policy: other}' \
			'lock-memory: false' 'hold-cpu-dma-latency: false' \
			"boot: {kernel: \"$guests/$1\", cmdline: \"$2\"}" "${@:3}"
	} >machine.yaml
}

# start_named GUEST CMDLINE [PARTITION-LINE...] - and `bulkhead start`, which is to succeed: $supervisor, $vmm.
start_named() {
	named_machine "$@"
	start_again
}

start_again() {
	run_command "$bulkhead" start machine.yaml "$name"
	expect_status 0
	supervisor=$(state_of pid)
	vmm=$(state_of vmm)
	[ -d "/proc/$supervisor" ] && [ -d "/proc/$vmm" ] || fail "no supervisor, or no VMM"
}

# state_of KEY - of the state file.
state_of() {
	sed -n "s/^ *\"$1\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}\$/\1/p" "$runs/$name/state"
}

state_is() {
	[ "$(state_of phase)" = "$1" ]
}

expect_nothing_left() {
	[ ! -e "$runs/$name" ] || fail "left in $runs/$name: $(ls -A "$runs/$name")"
	[ -z "$(programs_here)" ] || fail "processes left: $(programs_here)"
}

# Those of ours that this test started.
programs_here() {
	local process
	for process in $(left_behind "$PWD"); do
		! grep -qx 'bulkhead\(-vmm\)\?' "/proc/$process/comm" 2>/dev/null || echo "$process"
	done
}

# ask LINE... - over the control socket; replies in the file replies.
ask() {
	printf '%s\n' "$@" >questions
	rm -f replies
	timeout $((10 * slow)) "$local_socket" ask "$runs/$name/control" <questions >replies 2>/dev/null &
	local asker=$!
	wait_until $((5 * slow)) has_lines replies $# || fail "$(grep -c '' replies) replies, not $#"
	kill "$asker" 2>/dev/null
}

has_lines() {
	[ "$(grep -c '' "$1")" -ge "$2" ]
}

expect_answers() {
	ask '{"version": 1, "command": "status"}'
	grep -q '"ok":true.*"phase":"running"' replies || fail "it does not answer: $(<replies)"
}

test_supervise_start_and_stop() {
	needs_folder
	start_named spin ""
	[ "$(stat -c %a "$runs/$name")" = 750 ] || fail "the folder has mode $(stat -c %a "$runs/$name")"
	[ "$(stat -c %a%F "$runs/$name/control")" = 660socket ] || fail "no control socket of mode 660"
	[ "$(stat -c %a%F "$runs/$name/console")" = 660socket ] || fail "no console socket of mode 660"
	state_is running || fail "state $(state_of phase)"
	[ "$(state_of file)" = "$PWD/machine.yaml" ] || fail "of the file $(state_of file)"
	run_command "$bulkhead" list
	expect_status 0
	expect_match out "^$name +running +$supervisor "
	run_command "$bulkhead" status "$name"
	expect_status 0
	expect_match out "^$name: running since .*, process $supervisor, VMM $vmm\$"
	expect_match out '^  thread vcpu/0 '
	run_command "$bulkhead" status --json "$name"
	expect_status 0
	expect_match out '"held": true'
	run_command "$bulkhead" stop "$name"
	expect_status 0
	expect_nothing_left
	run_command "$bulkhead" list --json
	expect_status 0
	! grep -q "\"$name\"" out || fail "it is still listed"
	run_command "$bulkhead" stop "$name"
	expect_status 1
	run_command "$bulkhead" status "$name"
	expect_status 1
}

test_supervise_twice() {
	needs_folder
	start_named spin ""
	for command in start "run --timeout 5s"; do
		# shellcheck disable=SC2086 # words
		run_command "$bulkhead" $command machine.yaml "$name"
		expect_refusal "$name: .* runs already, as process $supervisor; "
	done
	expect_answers
	run_command "$bulkhead" start machine.yaml --all
	expect_status 0
	expect_answers
}

# Every option that a command's help has is completed, and no other; and the manual page has it.
test_supervise_completion() {
	local command option COMP_CWORD=2
	# shellcheck source=completions/bulkhead.bash
	source "$tree/completions/bulkhead.bash"
	for command in $("$bulkhead" --help | sed -n 's/^  \([a-z]\+\)  .*/\1/p'); do
		"$bulkhead" "$command" --help >out 2>err
		grep -oE '^ +(-[a-z], )?--[a-z-]+' out | grep -oE -- '--[a-z-]+' | sort >has
		# shellcheck disable=SC2034 # what a completion is given
		COMP_WORDS=(bulkhead "$command" --)
		_bulkhead
		printf '%s\n' "${COMPREPLY[@]}" | sort | diff has - >differs ||
			fail "$command: $(grep '^[<>]' differs | tr '\n' ' ')"
		[ "$(grep -c . has)" -gt 0 ] || fail "$command has no options"
		while read -r option; do
			grep -qE -- "Fl \\\\${option#-}( |\$)" "$tree/man/bulkhead.1" ||
				[ "$command" = boot ] || fail "bulkhead.1 has no $option ($command)"
		done <has
	done
}

# What another one of this name had to say is not shown as this start's, and stays.
test_supervise_refused_after_crash() {
	needs_folder
	named_machine reset "how=triple"
	run_command "$bulkhead" start machine.yaml "$name"
	expect_status 0
	wait_until $((5 * slow)) state_is crashed || fail "state $(state_of phase)"
	wait_until 5 no_supervisor || fail "the supervisor is still there"
	sed -i "s/size: 16M/size: 1T/" machine.yaml
	run_command "$bulkhead" start machine.yaml "$name"
	[ "$status" -ne 0 ] || fail "it has 1T of memory"
	! grep -q 'triple fault' err || fail "the crash of before is told again"
	expect_match "$runs/$name/log" 'triple fault'
}

# A lock or a pipe of whoever starts a partition is neither the supervisor's nor the VMM's.
test_supervise_descriptors() {
	local process
	needs_folder
	exec 7>held 8>&7
	start_named spin ""
	for process in "$supervisor" "$vmm"; do
		! ls -l "/proc/$process/fd" | grep -q "$PWD/held" || fail "process $process has it open"
	done
	"$bulkhead" stop "$name" || fail "it could not be stopped"
	start "$bulkhead" run "${modest[@]}" --name "$name" --kernel "$guests/spin"
	wait_until $((20 * slow)) state_is running || fail "it does not run"
	! ls -l "/proc/$(state_of vmm)/fd" | grep -q "$PWD/held" || fail "the VMM has it open"
	exec 7>&- 8>&-
	"$bulkhead" stop "$name" || fail "it could not be stopped"
	finish
	expect_status 2
}

# Whoever waits for the end is not told of it sooner because others connect.
test_supervise_stop_among_many() {
	needs_folder
	start_named spin ""
	kill -STOP "$vmm"
	start "$bulkhead" stop "$name"
	wait_until 5 state_is stopping || fail "state $(state_of phase)"
	"$local_socket" deaf "$runs/$name/control" 40 </dev/null >deaf 2>/dev/null &
	at_end+=("kill $! 2>/dev/null")
	wait_until 5 test -s deaf || fail "40 clients could not connect"
	finish
	expect_status 0
	ended "$vmm" || fail "the VMM is still there"
	expect_nothing_left
}

# Asked while it comes up, or goes, a partition has not crashed.
test_supervise_asked_all_the_time() {
	local i asker
	needs_folder
	named_machine spin "how=halt"
	while [ ! -e enough ]; do
		"$bulkhead" status "$name"
	done >told 2>refused &
	asker=$!
	for ((i = 0; i < 20; i++)); do
		"$bulkhead" start machine.yaml "$name" >out 2>err || fail "start $i failed"
		"$bulkhead" stop "$name" >out 2>err || fail "stop $i failed"
	done
	: >enough
	wait "$asker"
	grep -q ': running' told || fail "it was never seen to run"
	! grep crashed told || fail "it has not crashed"
	! grep -v 'no such partition runs' refused || fail "another refusal"
}

# What cannot be started says why, and leaves nothing.
test_supervise_start_refused() {
	needs_folder
	named_machine spin ""
	sed -i "s|$guests/spin|$PWD/nothing|" machine.yaml
	run_command "$bulkhead" start machine.yaml "$name"
	expect_status 2
	expect_match err 'nothing'
	expect_nothing_left
	run_command "$bulkhead" start machine.yaml other
	expect_refusal 'no partition has this name'
	run_command "$bulkhead" start machine.yaml "../$name"
	expect_refusal 'no partition has this name'
}

# Names are no paths.
test_supervise_names() {
	local command bad
	for command in stop status console pause resume; do
		for bad in ../x a/b . .. "" host "$(printf 'x%.0s' {1..40})" $'a\nb' 1a; do
			run_command "$bulkhead" $command "$bad"
			expect_status 2
			[ "$(grep -c '' err)" -eq 1 ] || fail "$command $bad: not one line of refusal"
		done
	done
}

test_supervise_one_off() {
	needs_folder
	start "$bulkhead" run "${modest[@]}" --name "$name" --kernel "$guests/spin"
	wait_until $((20 * slow)) state_is running || fail "it does not run"
	run_command "$bulkhead" status "$name"
	expect_status 0
	run_command "$bulkhead" console "$name"
	expect_refusal 'standard input and output'
	"$bulkhead" stop "$name" || fail "it could not be stopped"
	finish
	expect_status 2
	expect_nothing_left
}

# Whoever read its messages is gone: it ends as it would have, and leaves nothing.
test_supervise_unread() {
	needs_folder
	mkfifo messages
	exec 9<>messages
	"$bulkhead" run "${modest[@]}" --name "$name" --timeout 2s --kernel "$guests/spin" </dev/null >out 2>messages 9<&- &
	pid=$!
	wait_until $((20 * slow)) state_is running || fail "it does not run"
	exec 9<&-
	finish
	expect_status 2
	expect_nothing_left
}

# The last output is kept for who comes later, and keys go the other way.
test_supervise_console() {
	needs_folder
	mkfifo keys
	exec 9<>keys
	start_named echo ""
	input=keys start "$bulkhead" console "$name"
	wait_until $((5 * slow)) grep -q '^echo ready' out || fail "what was said before is not shown"
	printf 'first' >&9
	wait_until $((5 * slow)) grep -q first out || fail "no answer"
	# Of two that read the same keys, one would wait for those that the other has got.
	kill -TERM "$pid"
	finish
	expect_status 0
	run_command timeout 1 "$bulkhead" console "$name"
	expect_match out '^first'
	input=keys start "$bulkhead" console "$name"
	wait_until $((5 * slow)) grep -q first out || fail "what was said before is not shown again"
	printf 'q' >&9
	finish
	expect_status 0
	expect_match out '^firstechoed bytes=5 |echoed bytes=5 '
	wait_until $((5 * slow)) test ! -e "$runs/$name" || fail "it has ended, and left something"
}

# A guest that says much does not wait for who does not listen, who is dropped; the last 64K are there.
test_supervise_console_flood() {
	needs_folder
	named_machine flood "lines=20000"
	run_command "$bulkhead" start machine.yaml "$name"
	expect_status 0
	"$local_socket" deaf "$runs/$name/console" 20 </dev/null >deaf 2>/dev/null &
	at_end+=("kill $! 2>/dev/null")
	wait_until $((120 * slow)) test ! -e "$runs/$name" || fail "the guest waits for somebody"
}

test_supervise_console_detach() {
	needs_folder
	start_named spin ""
	on_terminal "$bulkhead" console "$name"
	wait_until $((10 * slow)) grep -q spinning screen || fail "nothing is shown"
	wait_until 5 is_raw || fail "the terminal is not raw"
	printf '\001x' >&9
	expect_restored 0
	expect_answers
}

vmm_stopped() {
	[[ $(<"/proc/$vmm/stat") =~ \)\ T ]]
}

test_supervise_pause() {
	local before
	needs_folder
	start_named spin ""
	run_command "$bulkhead" resume "$name"
	expect_refusal 'is running'
	run_command "$bulkhead" pause "$name"
	expect_status 0
	wait_until 5 vmm_stopped || fail "the VMM is not stopped"
	before=$(cut -d' ' -f14,15 "/proc/$vmm/stat")
	sleep 0.3
	[ "$(cut -d' ' -f14,15 "/proc/$vmm/stat")" = "$before" ] || fail "a paused vCPU runs"
	state_is paused || fail "state $(state_of phase)"
	run_command "$bulkhead" status "$name"
	expect_status 1
	expect_match out "^$name: paused "
	run_command "$bulkhead" pause "$name"
	expect_refusal 'is paused'
	run_command "$bulkhead" resume "$name"
	expect_status 0
	wait_until 5 runs_on || fail "the vCPU does not go on"
	expect_answers
	run_command "$bulkhead" pause "$name"
	expect_status 0
	run_command "$bulkhead" stop "$name"
	expect_status 0
	expect_nothing_left
}

runs_on() {
	[ "$(cut -d' ' -f14,15 "/proc/$vmm/stat")" != "$before" ]
}

# Its VMM dies with it, also one that is stopped; and the next of that name starts.
test_supervise_supervisor_killed() {
	local paused
	needs_folder
	named_machine spin ""
	for paused in no yes; do
		start_again
		[ $paused = no ] || "$bulkhead" pause "$name" || fail "it could not be paused"
		kill -KILL "$supervisor"
		wait_until $((2 * slow)) ended "$vmm" || fail "the VMM outlives its supervisor (paused: $paused)"
		run_command "$bulkhead" list
		expect_match out "^$name +crashed "
		run_command "$bulkhead" status "$name"
		expect_status 1
		expect_match out "^$name: crashed"
	done
	start_again
	expect_answers
	kill -KILL "$supervisor"
	wait_until $((2 * slow)) ended "$vmm" || fail "the VMM outlives its supervisor"
	run_command "$bulkhead" stop "$name"
	expect_status 0
	expect_nothing_left
}

test_supervise_crash() {
	needs_folder
	named_machine reset "how=triple"
	run_command "$bulkhead" start machine.yaml "$name"
	expect_status 0
	wait_until $((5 * slow)) state_is crashed || fail "state $(state_of phase)"
	expect_match "$runs/$name/log" 'triple fault'
	wait_until 5 no_supervisor || fail "the supervisor is still there"
	run_command "$bulkhead" list
	expect_match out "^$name +crashed "
	run_command "$bulkhead" stop "$name"
	expect_status 0
	expect_nothing_left
}

no_supervisor() {
	! kill -0 "$(state_of pid)"
}

# A limit of its own on each CPU where the kernel has one, put back by whoever comes next.
test_supervise_idle_limit() {
	local latency cpu before
	needs_folder
	[ ${#modest[@]} -eq 0 ] || skip "SCHED_FIFO is refused here"
	cpu=$(($(nproc --all) - 1))
	latency=/sys/devices/system/cpu/cpu$cpu/power/pm_qos_resume_latency_us
	[ -w "$latency" ] || skip "CPUs have no limit of their own here"
	[ "$cpu" -gt 0 ] || skip "there is one CPU"
	before=$(<"$latency")
	named_machine spin ""
	sed -i "s/vcpus: 1/cpus: $cpu/; s/policy: other/policy: fifo, priority: 1/
		s/lock-memory: false/lock-memory: true/; s/hold-cpu-dma-latency: false/hold-cpu-dma-latency: true/" machine.yaml
	start_again
	[ "$(<"$latency")" = n/a ] || fail "CPU $cpu may take $(<"$latency") us to wake"
	! ls -l "/proc/$vmm/fd" | grep -q cpu_dma_latency || fail "the VMM keeps every CPU awake"
	"$bulkhead" stop "$name"
	[ "$(<"$latency")" = "$before" ] || fail "$(<"$latency") us is left, of $before"
	start_again
	kill -KILL "$supervisor"
	wait_until $((2 * slow)) ended "$vmm" || fail "the VMM outlives its supervisor"
	start_again
	[ "$(<"$latency")" = n/a ] || fail "CPU $cpu may take $(<"$latency") us to wake"
	"$bulkhead" stop "$name"
	[ "$(<"$latency")" = "$before" ] || fail "$(<"$latency") us is left, of $before"
}

test_supervise_hostile_requests() {
	needs_folder
	start_named spin ""
	ask '' 'x' '{' '[]' 'null' '{"version": 1}' '{"command": "stop"}' '{"version": 2, "command": "stop"}' \
		'{"version": "1", "command": "stop"}' '{"version": 1, "command": "STOP"}' \
		'{"version": 1, "command": "stop", "now": true}' '{"version": 1, "command": "stop", "timeout": 5}' \
		'{"version": 1, "command": "stop", "timeout": "-1s"}' \
		'{"version": 1, "command": "pause", "timeout": "1s"}' \
		'{"version": 1, "version": 1, "command": "stop"}' $'\xff\xfe' \
		'{"version": 1, "command": "stop\u0000"}'
	[ "$(grep -c '"ok":false' replies)" -eq 17 ] || fail "not all was refused: $(<replies)"
	expect_answers
	head -c 1000000 /dev/zero | tr '\0' x |
		timeout 10 "$local_socket" ask "$runs/$name/control" >replies 2>/dev/null || fail "it was not dropped"
	grep -q '"ok":false.*4096' replies || fail "a line without end was not refused: $(<replies)"
	expect_answers
	# Half a message, and gone.
	printf '{"version": 1, "comm' | timeout 0.3 "$local_socket" ask "$runs/$name/control" >/dev/null 2>&1
	expect_answers
	printf '{"version": 1, "command": "status"}\n' |
		"$local_socket" deaf "$runs/$name/control" 40 >deaf 2>/dev/null &
	at_end+=("kill $! 2>/dev/null")
	wait_until 10 test -s deaf || fail "40 clients could not connect"
	expect_answers
	[ "$(ls "/proc/$supervisor/fd" | wc -l)" -lt 40 ] || fail "it keeps them all"
}

# start_as_service [OPTION...] - `bulkhead run` with a service manager that writes the file notes.
start_as_service() {
	"$local_socket" notes "$PWD/manager" >notes &
	at_end+=("kill $! 2>/dev/null")
	wait_until 5 test -S manager || fail "no service manager"
	start env NOTIFY_SOCKET="$PWD/manager" "${@:2}" "$bulkhead" run machine.yaml "$1"
	wait_until $((20 * slow)) grep -q '^READY=1' notes || fail "nobody said that it runs"
}

test_supervise_service() {
	needs_folder
	named_machine spin ""
	start_as_service "$name"
	[ "$(head -n 1 notes)" = "STATUS=starting" ] || fail "first said: $(head -n 1 notes)"
	state_is running || fail "READY=1 while $(state_of phase)"
	[ -S "$runs/$name/console" ] || fail "a service has no console socket"
	grep -qE "^STATUS=running( on CPU [0-9,-]+)?, VMM $(state_of vmm)\$" notes || fail "it does not say what runs"
	! grep -q '^STOPPING=1' notes || fail "STOPPING=1 while it runs"
	kill -TERM "$pid"
	finish
	expect_status 0
	expect_nothing_left
	wait_until 5 grep -q '^STATUS=stopping' notes || fail "nobody said that it is being stopped"
	[ "$(grep -c '^STOPPING=1' notes)" -eq 1 ] || fail "STOPPING=1 is not said once"
	[ "$(grep -c '^READY=1' notes)" -eq 1 ] || fail "READY=1 is not said once"
	# It ends as the guest does.
	named_machine reset "how=triple"
	rm -f manager
	start_as_service "$name"
	finish
	expect_status 1
}

test_supervise_service_refused() {
	needs_folder
	named_machine spin ""
	"$local_socket" notes "$PWD/manager" >notes &
	at_end+=("kill $! 2>/dev/null")
	wait_until 5 test -S manager || fail "no service manager"
	printf 'plan\n' >broken
	sed -i 's/boot:.*/boot: {kernel: broken}/' machine.yaml
	start env NOTIFY_SOCKET="$PWD/manager" "$bulkhead" run machine.yaml "$name"
	finish
	expect_status 2
	! grep -q '^READY=1' notes || fail "READY=1 for a guest that never ran"
	grep -q '^STATUS=' notes || fail "it says nothing at all"
}

test_supervise_watchdog() {
	local fed
	needs_folder
	named_machine spin ""
	start_as_service "$name" WATCHDOG_USEC=400000
	vmm=$(state_of vmm)
	wait_until $((5 * slow)) has_fed 3 || fail "the watchdog is not fed"
	kill -STOP "$vmm"
	sleep 0.5
	fed=$(grep -c '^WATCHDOG=1' notes)
	sleep 1
	[ "$(grep -c '^WATCHDOG=1' notes)" -eq "$fed" ] || fail "fed for a VMM that hears nothing"
	kill -CONT "$vmm"
	wait_until $((5 * slow)) has_fed $((fed + 2)) || fail "the watchdog is not fed again"
	kill -TERM "$pid"
	finish
	expect_status 0
}

has_fed() {
	[ "$(grep -c '^WATCHDOG=1' notes)" -ge "$1" ]
}

# Nothing but an event wakes the supervisor, nor the VMM's main thread.
test_supervise_idle() {
	local before
	needs_folder
	start_named spin ""
	sleep 1
	before=$(wakes)
	sleep 3
	[ "$(wakes)" = "$before" ] || fail "woken: $before, then $(wakes)"
}

wakes() {
	status_field voluntary_ctxt_switches "/proc/$supervisor/status"
	status_field voluntary_ctxt_switches "/proc/$vmm/task/$vmm/status"
}

# A hundred lives beside one that stays, and is asked each time.
test_supervise_cycles() {
	local neighbour=t${BASHPID}n fds i
	needs_folder
	at_end+=("bring_down $neighbour")
	named_machine spin "how=halt"
	sed "s/- name: $name/- name: $neighbour/" machine.yaml >neighbour.yaml
	"$bulkhead" start neighbour.yaml "$neighbour" 2>/dev/null || fail "no neighbour"
	supervisor=$(sed -n 's/^ *"pid": \([0-9]*\),$/\1/p' "$runs/$neighbour/state")
	fds=$(ls "/proc/$supervisor/fd" | wc -l)
	for ((i = 0; i < 100; i++)); do
		"$bulkhead" start machine.yaml "$name" >out 2>err || fail "start $i failed"
		"$bulkhead" status "$neighbour" >out 2>err || fail "the neighbour does not run at $i"
		"$bulkhead" stop "$name" >out 2>err || fail "stop $i failed"
		[ ! -e "$runs/$name" ] || fail "cycle $i left its folder"
	done
	[ "$(ls "/proc/$supervisor/fd" | wc -l)" -eq "$fds" ] || fail "the neighbour has more descriptors"
	[ "$(programs_here | wc -l)" -eq 2 ] || fail "processes left: $(programs_here)"
	"$bulkhead" stop "$neighbour" || fail "the neighbour does not end"
}
