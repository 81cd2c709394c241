# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Many vCPUs, whatever the host has.

smp_guest() {
	guest smp --vcpus "$1" --cmdline "seconds=$((10 * slow))"
	expect_status 0
	expect_line out "smp cpus=$1 started=$1"
}

test_smp_1() {
	smp_guest 1
}

test_smp_2() {
	smp_guest 2
}

test_smp_3() {
	smp_guest 3
}

test_smp_64() {
	smp_guest 64
}

test_smp_too_many() {
	guest smp --vcpus 65
	expect_refusal '65'
	guest smp --vcpus 0
	expect_refusal '"0"'
}

# Fewer CPUs than vCPUs: it runs where it can, and says so.
test_smp_says_that_no_cpu_is_free() {
	guest smp --vcpus 64
	[ "$(nproc)" -le 64 ] || skip "this host has more than 64 CPUs"
	expect_match err '^bulkhead: note: 64 vCPUs and [0-9]+ CPUs?: none is left to isolate'
}
