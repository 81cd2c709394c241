# shellcheck shell=bash disable=SC2154,SC2034
# SPDX-License-Identifier: Apache-2.0
# What is measured on this machine's /dev/kvm.

readonly rows="first-byte ms 1e-6 exec to first byte
first-byte-lazy ms 1e-6 the same, floor without prefault
resident MiB 9.5367e-7 resident beyond guest memory, VMM
resident-all MiB 9.5367e-7 resident beyond guest memory, all
pio-min us cycles PIO exit, minimum
pio-p50 us cycles PIO exit, median
mmio-min us cycles MMIO exit, minimum
mmio-p50 us cycles MMIO exit, median
timer-p50 us cycles timer wake-up lateness, median
timer-p99 us cycles timer wake-up lateness, p99
wakeups /s 1 wake-ups of an idle VMM, no vCPUs
binary KiB 9.765625e-4 binary size"

readonly idle_rounds=2

# The CPU that bulkhead, too, chooses for one vCPU: the highest of those we may use.
last_cpu() {
	taskset -cp $$ | sed 's/.*[ ,-]//'
}

# Runs command, at most 60 s, what it says beside the guest kept; its status is the probe's own or none.
run_command() {
	timeout 60 "${command[@]}" 2>"$work/said" </dev/null
	local status=$?
	((status == probe_status)) && return 0
	echo "status $status$(sed -n '$s/^/: /p' "$work/said")" >"$work/why"
	return 1
}

first_byte() { # CONTENDER ROUND
	plain_command "$1" "modes=cpuid samples=1"
	command=("$build/bench/first_byte" "$work/guest" "${command[@]}")
	run_command >"$work/ns" || return 1
	[[ $1 == floor-lazy ]] || value first-byte "$1" "$2" "$(<"$work/ns")"
	case $1 in
	floor) ;;
	floor-lazy) value first-byte-lazy floor "$2" "$(<"$work/ns")" ;;
	*) value first-byte-lazy "$1" "$2" "$(<"$work/ns")" ;;
	esac
}

exits_and_timer() { # CONTENDER ROUND
	local measurement statistic cycles
	tuned_command "$1" "$work/guest" "modes=pio:2000,mmio:2000,timer:1000 period_cycles=$tsc_khz"
	run_command || return 1
	echo "the probe's output is not whole" >"$work/why"
	awk -f "$here/probe.awk" "$work/guest" >"$work/rows" || return 1
	while read -r measurement statistic cycles; do
		value "$measurement-$statistic" "$1" "$2" "$cycles"
	done <"$work/rows"
}

# All processes from $1 down.
tree_of() { # PID
	local child
	echo "$1"
	for child in $(pgrep -P "$1"); do
		tree_of "$child"
	done
}

# The processes of $1's tree that run the program $2; a name is cut to 15 letters by the kernel.
running() { # PID PROGRAM
	local pid
	for pid in $(tree_of "$1"); do
		[[ $(cat "/proc/$pid/comm" 2>/dev/null) == "${2:0:15}" ]] && echo "$pid"
	done
}

# Peak resident bytes less those of the guest's memory, which is the mapping of its size.
resident_beyond() { # PID
	awk -v guest_kib=$((memory_mib * 1024)) '
		/^VmHWM:/ { peak = $2 }
		/^Size:/ { guest = $2 == guest_kib }
		/^Rss:/ && guest { less += $2 }
		END { print (peak - less) * 1024 }' "/proc/$1/status" "/proc/$1/smaps"
}

# Voluntary context switches so far of all threads that are no vCPU. The floor's one thread is.
wakeups() { # CONTENDER PID...
	local task name total=0
	[[ $1 == floor ]] && echo 0 && return
	for task in "${@:2}"; do
		for task in "/proc/$task/task"/*; do
			name=$(<"$task/comm")
			[[ $name == vcpu/* || $name == CPU*/KVM ]] ||
				total=$((total + $(awk '/^voluntary/ { print $2 }' "$task/status")))
		done
	done
	echo "$total"
}

idle() { # CONTENDER ROUND
	local runner pids=() program before after bytes=0 name=resident
	plain_command "$1" "modes=idle duration_cycles=$((tsc_khz * 4000))"
	timeout 60 "${command[@]}" >"$work/guest" 2>"$work/said" </dev/null &
	runner=$!
	until grep -q "^start idle" "$work/guest"; do
		kill -0 "$runner" 2>/dev/null || break
		sleep 0.1
	done
	sleep 1
	for program in $(programs_of "$1"); do
		for pid in $(running "$runner" "$program"); do
			pids+=("$pid")
			bytes=$((bytes + $(resident_beyond "$pid")))
		done
		value $name "$1" "$2" "$bytes"
		name=resident-all
	done
	[[ $name == resident-all && $1 == bulkhead ]] || value resident-all "$1" "$2" "$bytes"
	before=$(wakeups "$1" "${pids[@]}")
	sleep 2
	after=$(wakeups "$1" "${pids[@]}")
	wait "$runner"
	((${#pids[@]} > 0)) && value wakeups "$1" "$2" "$(awk "BEGIN { print ($after - $before) / 2 }")"
}

# Everybody once, uncounted: files are in the page cache then, and who cannot run here is left out.
warm_up() {
	local contender
	for contender in floor bulkhead microvm pc; do
		if [[ $contender == microvm || $contender == pc ]] && ! command -v qemu-system-x86_64 >/dev/null; then
			echo "skipped: $contender: qemu-system-x86_64 is not installed"
			continue
		fi
		plain_command "$contender" "modes=cpuid samples=1"
		if run_command >"$work/guest"; then
			contenders+=("$contender")
			[[ $contender != bulkhead ]] || tsc_khz=$(awk '/^guest tsc_khz/ { print $3 + 0 }' "$work/guest")
		elif [[ $contender == microvm || $contender == pc ]]; then
			echo "skipped: $contender: it does not run the probe here ($(<"$work/why"))"
		else
			refuse "$contender does not run the probe: $(<"$work/why")"
		fi
	done
	((${tsc_khz:-0} > 0)) || refuse "bulkhead did not tell its guest the TSC's frequency"
}

measure() {
	local round contender
	if ! { : <>/dev/kvm; } 2>/dev/null; then
		refuse "skipped: /dev/kvm cannot be opened; is KVM loaded, and may you use it?"
	fi
	cpu=$(last_cpu)
	contenders=()
	warm_up
	for ((round = 1; round <= rounds; round++)); do
		for contender in floor-lazy "${contenders[@]}"; do
			first_byte "$contender" "$round" || refuse "$contender: $(<"$work/why")"
		done
		for contender in "${contenders[@]}"; do
			exits_and_timer "$contender" "$round" || refuse "$contender: $(<"$work/why")"
		done
	done
	for contender in "${contenders[@]}"; do
		for ((round = 1; round <= idle_rounds; round++)); do
			idle "$contender" "$round"
		done
		value binary "$contender" 1 "$(binary_bytes "$contender")"
	done
	target "exec to first byte at most 1.3 of the floor's" first-byte bulkhead ratio 1.3
	target "bulkhead-vmm at most 3 MiB resident beyond guest memory" resident bulkhead median $((3 << 20))
	note="$rounds rounds in turn, median (lowest..highest), ratio to the floor; CPU $cpu, $tsc_khz kHz TSC"
}
