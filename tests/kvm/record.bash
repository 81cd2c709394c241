# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The launch record by hand, and the state page that a VMM keeps: exits by cause, and the seal.

# machine_file [PARTITION-LINE...] - a machine of one partition, in the file machine.yaml.
machine_file() {
	{
		printf 'machine: test\npartitions:\n  - name: one\n'
		printf '    %s\n' 'vcpus: 1' 'memory: {size: 32M}' 'schedule: {policy: other}' \
			'lock-memory: false' 'hold-cpu-dma-latency: false' "$@"
	} >machine.yaml
}

# record GUEST CMDLINE [PARTITION-LINE...] - its launch record, in the file record.
record() {
	machine_file "boot: {kernel: \"$guests/$1\", cmdline: \"$2\"}" "${@:3}"
	"$bulkhead" show --launch machine.yaml one >record 2>err || fail "no launch record"
}

# change KEY VALUE - a key of the record, to a value as JSON writes it.
change() {
	grep -q "^  \"$1\": " record || fail "the record has no key $1"
	sed -i "s|^  \"$1\": [^,]*\\(,\\{0,1\\}\\)\$|  \"$1\": $2\\1|" record
}

# launch - the record by hand, with the file state for a state page.
launch() {
	change state_fd 4
	rm -f state
	truncate -s 1M state
	echo "bulkhead-vmm --launch-fd 3 3<record" >told_command
	timeout --foreground -k 5 $((60 * slow)) "$vmm_program" --launch-fd 3 3<record 4<>state \
		>out 2>err <"${input:-/dev/null}"
	status=$?
	"$state_file" state >told 2>/dev/null
}

# expect_record_refused RECORD PATTERN - one line, status 2, and no guest.
expect_record_refused() {
	timeout --foreground -k 5 30 "$vmm_program" --launch-fd 3 3<"$1" >out 2>err </dev/null
	status=$?
	expect_refusal "$2"
	expect_match err '^bulkhead-vmm: '
}

test_record_by_hand() {
	record hello_pvh "by  hand"
	timeout 30 "$vmm_program" --launch-fd 3 3<record >out 2>err </dev/null
	status=$?
	expect_status 0
	expect_line out "hello pvh version=0x1 modules=0 cmdline=[by  hand]"
}

test_record_from_a_pipe() {
	record hello_pvh ""
	"$bulkhead" show --launch machine.yaml | timeout 30 "$vmm_program" --launch-fd 3 3<&0 >out 2>err </dev/null
	status=${PIPESTATUS[1]}
	expect_status 0
	expect_match out '^hello pvh'
}

test_record_refused() {
	local key
	record hello_pvh ""
	cp record good
	sed 's/^  "version": 2,/  "version": 1,/' good >record
	expect_record_refused record 'version.*; '
	sed 's/^  "version": 2,/  "version": 2, "colour": "red",/' good >record
	expect_record_refused record 'colour'
	while read -r key; do
		without_key "$key" good >record
		expect_record_refused record "$key"
	done < <(sed -n 's/^  "\([a-z_]*\)":.*/\1/p' good)
	cp good record && change memory_bytes 1
	expect_record_refused record 'memory_bytes'
	cp good record && change page_bytes 8192
	expect_record_refused record 'page_bytes'
	cp good record && change policy '"batch"'
	expect_record_refused record 'policy'
	cp good record && change priority -1
	expect_record_refused record 'priority'
	cp good record && change escape '"yes"'
	expect_record_refused record 'escape'
	cp good record && change name '"a/b"'
	expect_record_refused record 'name'
	cp good record && change console_input_fd 99999
	expect_record_refused record 'console_input_fd'
	sed 's/^  "escape": false/  "escape": false, "escape": true/' good >record
	expect_record_refused record 'duplicate'
}

# without_key KEY FILE - the record without a key, whatever its value spans.
without_key() {
	awk -v key="  \"$1\":" 'index($0, key) == 1 { skip = 1 }
		!skip { print }
		skip && /(,|[^[,])$/ && !/\[$/ && !/^    / { skip = 0 }' "$2" |
		awk '{ line[NR] = $0 }
		END { for (i = 1; i <= NR; i++) {
			if (line[i + 1] == "}") sub(/,$/, "", line[i])
			print line[i] } }'
}

test_record_truncated() {
	local bytes size
	record hello_pvh ""
	size=$(stat -c %s record)
	for bytes in 0 1 2 $((size / 2)) $((size - 3)); do
		head -c "$bytes" record >part
		expect_record_refused part 'launch record|JSON'
	done
	head -c 70000 /dev/zero | tr '\0' ' ' >part
	cat record >>part
	expect_record_refused part 'larger than'
	head -c 60000 /dev/zero | tr '\0' '[' >part
	expect_record_refused part 'JSON'
	head -c 5000 /dev/urandom >part
	expect_record_refused part 'JSON'
	printf '[]' >part
	expect_record_refused part 'JSON object'
}

# Descriptors of the record that are not open, or are no state page.
test_record_bad_descriptors() {
	record hello_pvh ""
	change state_fd 9
	expect_record_refused record 'descriptor 9|state page'
	record hello_pvh ""
	change state_fd 0
	expect_record_refused record 'descriptor 0|state page'
	record hello_pvh ""
	change console_output_fd 77
	expect_record_refused record 'descriptor 77|console_output_fd'
	record hello_pvh ""
	change running_fd 78
	expect_record_refused record 'descriptor 78'
	record hello_pvh ""
	sed -i '/^  "vcpu_groups"/{n;s/-1/79/}' record
	expect_record_refused record 'descriptor 79'
}

test_record_bad_calls() {
	local arguments
	for arguments in "" "--launch-fd" "--launch-fd x" "--launch-fd -1" "--launch-fd 99999" \
		"--launch-fd 3 more" "--what"; do
		# shellcheck disable=SC2086 # words
		run_command "$vmm_program" $arguments
		expect_status 2
		[ ! -s out ] || fail "words on standard output"
		[ -s err ] || fail "no word of what is wrong"
	done
	run_command "$vmm_program" --launch-fd 9
	expect_refusal 'launch record'
	run_command "$vmm_program" --version
	expect_status 0
	expect_match out '^bulkhead-vmm [0-9]'
	run_command "$vmm_program" --help
	expect_status 0
}

# What the page says when the run is over.
test_state_of_each_end() {
	record hello_pvh ""
	launch
	expect_status 0
	expect_line told "state ended"
	expect_line told "end power-off"
	expect_line told "console_dropped 0"
	expect_line told "first_run_known 1"
	record reset how=acpi
	launch
	expect_line told "end reset"
	record reset how=triple
	launch
	expect_line told "end crashed"
	expect_match told '^text the guest crashed: vCPU 0: triple fault'
	record exitport value=42 "exit-port: true"
	launch
	expect_status 85
	expect_line told "end exit port"
	expect_line told "end_value 42"
	record hello_pvh ""
	change kernel '"/nowhere"'
	launch
	expect_status 2
	expect_line told "end refused"
	expect_line told "first_run_known 0"
	expect_match told '^text .*/nowhere'
}

# told_value KEY - of the state page.
told_value() {
	sed -n "s/^$1 //p" told
}

# Every exit is counted once by its reason, and each PIO and MMIO once by its address.
test_state_counts_exits() {
	record seal "then=pio count=25" "seal: {port: true}"
	launch
	expect_status 0
	expect_line told "vcpu0 port write 0x80 25"
	expect_line told "vcpu0 port write 0xf5 2"
	[ "$(told_value 'vcpu0 exits')" = "$(told_value 'vcpu0 reasons')" ] ||
		fail "$(told_value 'vcpu0 exits') exits, and $(told_value 'vcpu0 reasons') by reason"
	[ "$(told_value 'vcpu0 exits')" = "$(told_value 'vcpu0 accesses')" ] ||
		fail "$(told_value 'vcpu0 exits') exits, and $(told_value 'vcpu0 accesses') by address"
	record memmap ""
	launch
	expect_line told "vcpu0 address read 0xd0000000 1"
}

test_seal_by_port() {
	record seal "then=pio count=25" "seal: {port: true}"
	launch
	expect_line told "was_sealed 1"
	expect_line told "sealed 0"
	expect_line told "vcpu0 sealed_exits 25"
	# The first past a budget of none, with its reason (KVM_EXIT_IO) and its port.
	expect_line told "vcpu0 over_budget 2"
	expect_line told "vcpu0 over_budget_address 0x80"
}

test_seal_within_budget() {
	record seal "then=pio count=25" "seal: {port: true}" "exits: {budget: 25}"
	launch
	expect_line told "vcpu0 sealed_exits 25"
	expect_line told "vcpu0 over_budget 4294967295"
}

# A guest that waits for its own timer, or computes, is not to be seen from outside.
test_seal_without_exits() {
	local then
	for then in idle spin; do
		record seal "then=$then ms=500" "seal: {port: true}"
		launch
		expect_status 0
		expect_line told "was_sealed 1"
		expect_line told "vcpu0 sealed_exits 0"
	done
}

# Not asked for, the port is like any other.
test_seal_port_not_asked_for() {
	record seal "then=pio count=3" "seal: {port: false}"
	launch
	expect_status 0
	expect_line told "was_sealed 0"
	expect_line told "vcpu0 sealed_exits 0"
}

test_seal_after_a_time() {
	record timer "ticks=1000 us=1000" "seal: {after: 300ms}"
	launch
	expect_status 0
	expect_line told "was_sealed 1"
	expect_line told "sealed 1"
	# What it printed when it was done.
	[ "$(told_value 'vcpu0 sealed_exits')" -gt 0 ] || fail "no exit after the seal"
	record spin "how=halt" "seal: {after: 300ms}"
	change state_fd 4
	rm -f state
	truncate -s 1M state
	"$vmm_program" --launch-fd 3 3<record 4<>state >out 2>err </dev/null &
	pid=$!
	wait_until $((5 * slow)) state_says "state sealed" || fail "not sealed: $(<told)"
	kill "$pid"
	finish
	expect_status 2
	"$state_file" state >told
	expect_line told "end stopped"
	expect_line told "vcpu0 sealed_exits 0"
}

state_says() {
	"$state_file" state >told && grep -qxF "$1" told
}

# However early the guest seals itself: no page of its memory is still to come then.
test_seal_waits_for_memory() {
	local resident
	[ ${#modest[@]} -eq 0 ] || skip "memory may not be locked here"
	record seal "then=stay" "seal: {port: true}"
	change memory_bytes $((1536 << 20))
	change lock_memory true
	change state_fd 4
	rm -f state
	truncate -s 1M state
	"$vmm_program" --launch-fd 3 3<record 4<>state >out 2>err </dev/null &
	pid=$!
	wait_until $((30 * slow)) state_says "state sealed" || fail "not sealed: $(<told)"
	resident=$(status_field RssShmem "/proc/$pid/status")
	kill "$pid"
	[ "${resident% kB}" -ge $((1536 << 10)) ] || fail "sealed with $resident of 1536 MiB resident"
	finish
}

# A run says by itself that a partition broke its budget, and at what.
test_seal_broken_is_said() {
	machine_file "boot: {kernel: \"$guests/seal\", cmdline: then=pio}" "seal: {port: true}"
	run_command "$bulkhead" run machine.yaml one
	expect_status 0
	expect_match err 'one: vCPU 0 made 10 exits to the VMM while sealed, 0 allowed; .* port write 0x80$'
}
