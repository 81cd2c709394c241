# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What the threads of a VMM are, as /proc tells it: confined, placed, locked, small.

# task_of NAME - the folder under /proc of the VMM's thread of this name.
task_of() {
	local task
	for task in /proc/"$vmm"/task/*; do
		[ "$(<"$task/comm")" != "$1" ] || echo "$task"
	done
}

# own_tasks - the VMM's own threads. KVM's worker among them is the kernel's.
own_tasks() {
	local task
	for task in /proc/"$vmm"/task/*; do
		[[ $(<"$task/comm") == kvm-* ]] || echo "$task"
	done
}

# chrt_of TASK - "POLICY PRIORITY" as sched_getattr(2) says.
chrt_of() {
	chrt -p "${1##*/}" | sed -n 's/.*policy: //p; s/.*priority: //p' | paste -sd ' '
}

test_realtime_confined() {
	local task key
	start_settled_guest spin --cmdline how=halt --vcpus 3
	[ "$(own_tasks | wc -l)" -ge 4 ] || fail "fewer threads than vCPUs and one: $(own_tasks)"
	for task in $(own_tasks); do
		[ "$(status_field NoNewPrivs "$task/status")" = 1 ] ||
			fail "$(<"$task/comm"): new privileges may be had"
		[ "$(status_field Seccomp "$task/status")" = 2 ] || fail "$(<"$task/comm"): no filter"
		for key in CapEff CapPrm CapInh CapAmb; do
			[ "$((0x$(status_field $key "$task/status")))" -eq 0 ] ||
				fail "$(<"$task/comm"): $key is $(status_field $key "$task/status")"
		done
	done
	kill "$pid"
	finish
}

test_realtime_thread_names() {
	local i
	start_settled_guest spin --cmdline how=halt --vcpus 3
	for i in 0 1 2; do
		[ -n "$(task_of vcpu/$i)" ] || fail "no thread is called vcpu/$i"
	done
	[ "$(<"/proc/$vmm/task/$vmm/comm")" = bulkhead-vmm ] || fail "the main thread has another name"
	kill "$pid"
	finish
}

# expect_placed CPU - vCPU 0 on this CPU alone, all others elsewhere.
expect_placed() {
	local task
	[ "$(status_field Cpus_allowed_list "$(task_of vcpu/0)/status")" = "$1" ] ||
		fail "vCPU 0 may use CPUs $(status_field Cpus_allowed_list "$(task_of vcpu/0)/status"), not $1"
	for task in /proc/"$vmm"/task/*; do
		[ "$(<"$task/comm")" != vcpu/0 ] || continue
		if taskset -pc "${task##*/}" | sed 's/.*: //' | tr , '\n' |
			awk -F- -v cpu="$1" '{ if ($1 <= cpu && cpu <= $NF) found = 1 } END { exit !found }'; then
			fail "$(<"$task/comm") may run on the vCPU's CPU $1"
		fi
	done
}

needs_two_cpus() {
	[ "$(nproc)" -ge 2 ] || skip "one CPU leaves none to isolate"
	chrt -f 1 true 2>/dev/null || skip "SCHED_FIFO may not be used here"
}

# The default: SCHED_FIFO 1 on the highest CPU, and nobody else there.
test_realtime_fifo() {
	local task
	needs_two_cpus
	start_settled_guest spin --cmdline how=halt
	[ "$(chrt_of "$(task_of vcpu/0)")" = "SCHED_FIFO|SCHED_RESET_ON_FORK 1" ] ||
		[ "$(chrt_of "$(task_of vcpu/0)")" = "SCHED_FIFO 1" ] ||
		fail "vCPU 0 is $(chrt_of "$(task_of vcpu/0)")"
	for task in $(own_tasks); do
		[ "$(<"$task/comm")" = vcpu/0 ] || [[ $(chrt_of "$task") == SCHED_OTHER* ]] ||
			fail "$(<"$task/comm") is $(chrt_of "$task")"
	done
	expect_placed "$(status_field Cpus_allowed_list "$(task_of vcpu/0)/status")"
	kill "$pid"
	finish
}

test_realtime_stated_cpu_and_priority() {
	local cpu
	needs_two_cpus
	for cpu in 0 1; do
		start_settled_guest spin --cmdline how=halt --cpus $cpu --policy fifo:$((3 + cpu))
		[[ $(chrt_of "$(task_of vcpu/0)") == SCHED_FIFO*" $((3 + cpu))" ]] ||
			fail "vCPU 0 is $(chrt_of "$(task_of vcpu/0)")"
		expect_placed $cpu
		kill "$pid"
		finish
	done
}

test_realtime_deadline() {
	local vcpu
	needs_two_cpus
	start_settled_guest spin --cmdline how=halt --policy deadline:2ms/10ms
	vcpu=$(task_of vcpu/0)
	chrt -p "${vcpu##*/}" >schedule
	expect_match schedule 'policy: SCHED_DEADLINE'
	expect_match schedule 'parameters: 2000000/10000000/10000000$'
	kill "$pid"
	finish
}

# Unpinned, it may not be kept off the neighbour's CPU: the kernel admits it for all CPUs or none.
test_realtime_deadline_beside_a_neighbour() {
	needs_two_cpus
	cat >machine.yaml <<-END
		machine: test
		partitions:
		  - name: one
		    cpus: 1
		    memory: {size: 32M}
		    boot: {kernel: "$guests/spin"}
		  - name: two
		    vcpus: 1
		    memory: {size: 32M}
		    schedule: {policy: deadline, runtime: 2ms, period: 10ms}
		    boot: {kernel: "$guests/hello_pvh"}
	END
	run_command "$bulkhead" run machine.yaml two
	expect_status 0
	expect_match out '^hello pvh'
}

# Whoever started it may be real-time: that is for the vCPU threads alone.
test_realtime_nothing_inherited() {
	local task
	needs_two_cpus
	start chrt -f 5 "$bulkhead" run --kernel "$guests/spin" --cmdline how=halt --policy other
	wait_until 20 test -s out || fail "the guest said nothing"
	vmm=$(vmm_of "$pid")
	wait_until 20 settled || fail "the VMM still prepares memory"
	for task in $(own_tasks); do
		[[ $(chrt_of "$task") == SCHED_OTHER* ]] || fail "$(<"$task/comm") is $(chrt_of "$task")"
	done
	kill "$pid"
	finish
}

test_realtime_memory_locked() {
	local locked
	[ $sanitized -eq 0 ] || skip "a sanitizer makes mlockall do nothing"
	[ ${#modest[@]} -eq 0 ] || skip "memory is locked for real-time guests alone, which may not run here"
	start_settled_guest spin --cmdline how=halt --memory 96M
	locked=$(status_field VmLck "/proc/$vmm/status")
	[ "${locked% kB}" -ge 98304 ] || fail "$locked are locked, of 96 MiB of guest memory and the VMM"
	kill "$pid"
	finish
}

# 3 MiB beyond guest memory, of which all is resident: it is locked.
test_realtime_resident() {
	local resident
	[ $sanitized -eq 0 ] || skip "a sanitizer's own memory counts"
	start_settled_guest spin --cmdline how=halt --memory 64M
	resident=$(status_field VmHWM "/proc/$vmm/status")
	resident=$((${resident% kB} - 65536))
	echo "resident beyond guest memory: $resident kB"
	[ $resident -le 3072 ] || fail "$resident kB are resident beyond guest memory"
	kill "$pid"
	finish
}

# An idle partition wakes nobody but its own vCPUs.
test_realtime_idle_wakes_nobody() {
	local main before after
	start_settled_guest spin --cmdline how=halt
	main=/proc/$vmm/task/$vmm/status
	sleep 0.5
	before=$(status_field voluntary_ctxt_switches "$main")
	sleep 2
	after=$(status_field voluntary_ctxt_switches "$main")
	[ "$before" = "$after" ] || fail "the main thread woke $((after - before)) times in 2 s"
	kill "$pid"
	finish
}

# No fault, in the VMM as a whole, while a guest runs in memory it had from the start.
test_realtime_no_faults() {
	local before after
	[ $sanitized -eq 0 ] || skip "a sanitizer's own memory counts"
	start_settled_guest spin
	sleep 0.5
	before=$(faults)
	sleep 1
	after=$(faults)
	[ "$before" = "$after" ] || fail "minor and major faults went from $before to $after"
	kill "$pid"
	finish
}

faults() {
	local line
	line=$(<"$(task_of vcpu/0)/stat")
	# shellcheck disable=SC2086 # fields behind the name
	set -- ${line##*) }
	echo "$8 and ${10}"
}
