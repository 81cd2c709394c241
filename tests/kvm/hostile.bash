# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Guests that read and write whatever there is: the VMM answers, and lives.

test_hostile_guest() {
	local seed
	for seed in 1 2 3 $RANDOM; do
		guest hostile --cmdline "seed=$seed seconds=2"
		expect_status 0
		grep -qaE '^hostile accesses=[0-9]+' out || fail "seed $seed did not come to its end"
	done
}

# With the ports that only exist when asked for, and several vCPUs' worth of threads beside it.
test_hostile_guest_all_ports() {
	local seed
	for seed in 4 $RANDOM; do
		guest hostile --cmdline "seed=$seed seconds=2" --exit-port --vcpus 3
		expect_status 0
		grep -qaE '^hostile accesses=[0-9]+' out || fail "seed $seed did not come to its end"
	done
}

# Its input is as hostile: random bytes come in while it reads and writes the port's registers.
test_hostile_guest_and_input() {
	local status_of_guest
	timeout 30 head -c 5000000 /dev/urandom |
		timeout -k 5 $((60 * slow)) "$bulkhead" run "${modest[@]}" --kernel "$guests/hostile" \
			--cmdline "seed=$RANDOM seconds=3" >out 2>err
	status_of_guest=${PIPESTATUS[1]}
	status=$status_of_guest
	expect_status 0
	grep -qaE '^hostile accesses=[0-9]+' out || fail "it did not come to its end"
}
