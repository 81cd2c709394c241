# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# A user who may open /dev/kvm and has no privilege beside it.

readonly nobody=65534

# as_nobody COMMAND... - in a mount namespace where /dev/kvm is open to all. For run_command.
as_nobody() {
	# shellcheck disable=SC2016 # the inner shell expands it
	unshare --mount --propagation private bash -c '
		mount -t tmpfs none dev && mknod dev/kvm c 10 232 && chmod 666 dev/kvm &&
			mount --bind dev/kvm /dev/kvm || exit 99
		exec setpriv --reuid='$nobody' --regid='$nobody' --clear-groups "$@"' as_nobody "$@"
}

needs_nobody() {
	[ "$(id -u)" -eq 0 ] || skip "only root can become another user"
	mkdir -p dev
	if ! as_nobody test -x "$bulkhead" -a -r "$guests/hello_pvh" 2>/dev/null; then
		skip "no mount namespace, or the build folder is closed to other users"
	fi
	as_nobody bash -c 'exec 3<>/dev/kvm' 2>/dev/null || skip "no device can be made here"
}

# nobody_runs GUEST [OPTION...]
nobody_runs() {
	export -f as_nobody
	export nobody
	run_command bash -c 'as_nobody "$@"' nobody \
		"$bulkhead" run --kernel "$guests/$1" --timeout $((20 * slow))s "${@:2}"
}

test_user_best_effort() {
	needs_nobody
	nobody_runs hello_pvh --best-effort --cmdline unprivileged
	expect_status 0
	expect_match out 'cmdline=\[unprivileged\]$'
	grep -q '^bulkhead: ' err || fail "nothing is said of what could not be had"
}

test_user_asks_for_too_much() {
	needs_nobody
	nobody_runs hello_pvh --policy fifo:1 --memory 64M
	expect_refusal '; '
}

test_user_ends() {
	needs_nobody
	nobody_runs reset --best-effort --cmdline how=acpi
	expect_status 0
	nobody_runs exitport --best-effort --exit-port --cmdline value=3
	expect_status 7
}

# A file asks for locked memory, as every real-time partition does; this user may not lock that much.
test_user_memory_lock_limit() {
	needs_nobody
	[ $sanitized -eq 0 ] || skip "a sanitizer makes mlockall do nothing"
	ulimit -l 8192 2>/dev/null || skip "the limit on locked memory cannot be set"
	cat >machine.yaml <<-END
		machine: test
		partitions:
		  - name: one
		    vcpus: 1
		    memory: {size: 64M}
		    schedule: {policy: other}
		    hold-cpu-dma-latency: false
		    boot: {kernel: "$guests/hello_pvh"}
	END
	export -f as_nobody
	export nobody
	run_command bash -c 'as_nobody "$@"' nobody "$bulkhead" run machine.yaml
	expect_refusal 'lock.*; '
	run_command bash -c 'as_nobody "$@"' nobody "$bulkhead" run --best-effort machine.yaml
	expect_status 0
	expect_match err 'lock'
	expect_match out '^hello pvh'
}
