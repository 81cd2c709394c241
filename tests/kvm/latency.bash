# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# bulkhead latency: what it writes, and its three statuses. Nothing here asserts a latency.

readonly above_others=(--policy fifo:9 --best-effort)

# measure OPTION... - for two seconds, with the report in the file report.json. Wake-ups are so far apart
# that the guest seldom misses one, which would leave it without a verdict, and its priority is above that
# of other guests on this machine; where the CPU was taken away for that long, it is measured once more.
measure() {
	local attempt
	for attempt in 1 2 3 4; do
		rm -f report.json
		run_command "$bulkhead" latency --duration 2s --period 50ms --modes timer,pio:200 \
			--json report.json "$@"
		grep -qE '[1-9][0-9]* lost|has no sample|^Timer wake-up +0 ' out || break
		echo "attempt $attempt: the guest missed a wake-up"
	done
}

test_latency_report() {
	measure "${above_others[@]}" --html report.html
	expect_status 0
	expect_match report.json '"name": "timer"'
	expect_match report.json '"name": "pio"'
	[ "$(grep -cE '"samples": [1-9]' report.json)" -eq 2 ] || fail "not two measurements with samples"
	expect_match report.json '"result": "not asked"'
	expect_match report.json '"emulated": false'
	json_is_sound report.json
	expect_match out 'Timer wake-up +[0-9]+'
	grep -qi '<svg' report.html || fail "no plot in the page"
	! grep -qiE '(src|href)="?https?:' report.html || fail "the page asks the network"
}

# json_is_sound FILE - by a parser that is none of ours.
json_is_sound() {
	command -v jq >/dev/null || return 0
	jq -e '.measurements | length > 0 and all(.distribution.samples > 0)' "$1" >/dev/null ||
		fail "$1 is not what a parser of JSON takes for a report"
}

test_latency_all_modes() {
	run_command "$bulkhead" latency --duration 1s --vcpus 2 --policy other --json report.json \
		--modes timer,spin,ipi:100,pio:100,mmio:100,cpuid:100,idle
	expect_status 0
	local mode
	for mode in timer spin ipi pio mmio cpuid; do
		expect_match report.json "\"name\": \"$mode\""
	done
}

test_latency_budget_held() {
	measure "${above_others[@]}" --budget 10s
	expect_status 0
	expect_match report.json '"result": "held"'
}

test_latency_budget_missed() {
	measure "${above_others[@]}" --budget 1us
	expect_status 1
	expect_match report.json '"result": "did not hold"'
}

# What was not measured on the machine itself is never a pass.
test_latency_emulated() {
	measure "${above_others[@]}" --emulated --budget 10s
	expect_status 2
	expect_match report.json '"emulated": true'
}

test_latency_stopped() {
	local signal
	for signal in TERM INT KILL; do
		start "$bulkhead" latency --best-effort --duration 30s --modes timer --budget 10s --json report.json
		wait_until 10 vmm_of "$pid" >/dev/null || fail "no VMM"
		vmm=$(vmm_of "$pid")
		sleep 0.3
		kill -$signal "$pid"
		finish
		[ $signal = KILL ] || expect_status 2
		wait_until 2 ended "$vmm" || fail "the VMM outlived it"
		[ ! -e report.json ] || fail "a report of what was not measured"
	done
}

test_latency_vmm_killed() {
	start "$bulkhead" latency --best-effort --duration 30s --modes timer --budget 10s
	wait_until 10 vmm_of "$pid" >/dev/null || fail "no VMM"
	vmm=$(vmm_of "$pid")
	sleep 0.3
	kill -KILL "$vmm"
	finish
	expect_status 2
	expect_match err 'bulkhead-vmm died of signal 9'
}

test_latency_of_a_file() {
	cat >machine.yaml <<-END
		machine: test
		partitions:
		  - name: one
		    vcpus: 1
		    memory: {size: 32M}
		    boot: {kernel: "$guests/hello_pvh", cmdline: "not this"}
		    schedule: {policy: fifo, priority: 9}
		    latency: {budget: 10s}
	END
	measure --best-effort machine.yaml one
	expect_status 0
	expect_match report.json '"result": "held"'
	measure --best-effort machine.yaml --budget 1us
	expect_status 1
}

test_latency_refused() {
	run_command "$bulkhead" latency --modes timer,what
	expect_refusal 'what'
	run_command "$bulkhead" latency --duration 10
	expect_refusal 'duration'
	run_command "$bulkhead" latency --best-effort --duration 300ms --modes timer --json /nowhere/report.json
	expect_status 2
	expect_match err '/nowhere/report.json'
}
