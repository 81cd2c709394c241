# shellcheck shell=bash disable=SC2154,SC2034
# SPDX-License-Identifier: Apache-2.0
# What is measured in the lab's deterministic host, where time is the number of instructions executed:
# one CPU, so that no vCPU has it alone; every vCPU thread is SCHED_FIFO, and nothing else runs. Its TSC
# counts nanoseconds, two for each instruction.

readonly rows="pio-min instructions 0.5 PIO exit, minimum
pio-mean instructions 0.5 PIO exit, mean
pio-p50 instructions 0.5 PIO exit, median
mmio-min instructions 0.5 MMIO exit, minimum
mmio-mean instructions 0.5 MMIO exit, mean
mmio-p50 instructions 0.5 MMIO exit, median
timer-p50 instructions 0.5 timer wake-up lateness, median
timer-p99 instructions 0.5 timer wake-up lateness, p99
timer-max instructions 0.5 timer wake-up lateness, maximum"

# Some period that is no multiple or part of the host's tick: a wake-up meets it at every phase alike.
readonly words="modes=pio:2000,mmio:2000,timer:8000 period_cycles=977111"

# What QEMU's microvm reads, where Debian puts it.
firmware() {
	local file
	for file in bios-microvm.bin qboot.rom pvh.bin linuxboot_dma.bin kvmvapic.bin; do
		[[ ! -e /usr/share/qemu/$file ]] || echo "/usr/share/qemu/$file"
	done
}

# The script that runs in that host: each contender in turn, its output between marks.
# Its path is always the same: the path, too, is executed.
script() {
	local round contender
	echo 'for applet in mkfifo mktemp grep sed sleep cat rm; do ln -sf busybox "/bin/$applet"; done'
	for ((round = 1; round <= rounds; round++)); do
		for contender in "${contenders[@]}"; do
			tuned_command "$contender" /tmp/guest "$words"
			[[ $contender == microvm ]] || plain_command "$contender" "$words"
			printf 'echo "== %s %s"\n' "$contender" "$round"
			printf '%q ' "${command[@]}"
			[[ $contender == microvm ]] && printf '; cat /tmp/guest'
			echo
		done
	done
	echo 'echo "=="; exit 0'
}

# Cuts one contender's output of one round out of the host's.
take() { # CONTENDER ROUND
	awk -v mark="== $1 $2" '/^==/ { on = $0 == mark; next } on' "$work/console" >"$work/guest"
	awk -f "$here/probe.awk" "$work/guest" >"$work/rows"
}

measure() {
	local round contender measurement statistic cycles files
	rounds=2
	cpu=-
	tsc_khz=1000000
	contenders=(floor floor-filter bulkhead)
	files=("$build/bench/floor" "$build/bulkhead" "$build/bulkhead-vmm" "$build/probe/probe.elf" "$build/bench/exact.sh")
	if command -v qemu-system-x86_64 >/dev/null && [[ -e /usr/share/qemu/bios-microvm.bin ]]; then
		contenders+=(microvm)
		mapfile -t -O "${#files[@]}" files < <(command -v qemu-system-x86_64 chrt; firmware)
		files+=("$here/qemu-fifo")
	else
		echo "skipped: microvm: QEMU's program or firmware is not installed"
	fi
	script >"$build/bench/exact.sh"
	"$repo/tests/lab/lab" --deterministic --files "${files[@]}" --exec "sh $build/bench/exact.sh" >"$work/console" ||
		refuse "the deterministic host did not run the contenders"
	for ((round = 1; round <= rounds; round++)); do
		for contender in "${contenders[@]}"; do
			if ! take "$contender" "$round"; then
				[[ $contender == microvm ]] || refuse "$contender: $(tail -n 3 "$work/guest")"
				echo "skipped: microvm: it does not run the probe there: $(tail -n 1 "$work/guest")"
				continue
			fi
			while read -r measurement statistic cycles; do
				value "$measurement-$statistic" "$contender" "$round" "$cycles"
			done <"$work/rows"
		done
	done
	target "PIO exit, minimum, at most 1.10 of the floor's" pio-min bulkhead ratio 1.10
	target "PIO exit, mean, at most 1.10 of the floor's" pio-mean bulkhead ratio 1.10
	target "timer lateness, median, at most 1.05 of the floor's" timer-p50 bulkhead ratio 1.05
	target "timer lateness, p99, at most 1.05 of the floor's" timer-p99 bulkhead ratio 1.05
	target "timer lateness, maximum, at most 1.5 of the floor's" timer-max bulkhead ratio 1.5
	note="deterministic host, 1 instruction = 2 ns, $rounds rounds in turn: emulated, counts and not latencies"
}
