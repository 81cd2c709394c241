# shellcheck shell=bash disable=SC2154,SC2034
# SPDX-License-Identifier: Apache-2.0
# Who is compared, and how each is started. Uses $build, $here and $cpu (a number, or - for any).
#
#   floor          the bare loop, its memory populated and locked, FIFO, on the CPU
#   floor-lazy     its memory as the guest touches it, nothing else asked of the host
#   floor-filter   the floor under a seccomp filter
#   bulkhead       bulkhead run
#   microvm, pc    Debian's QEMU

# Guest memory, the same for all.
readonly memory_mib=64

# What KVM hides from a nested or emulated host may lack: the one feature QEMU insists on is taken out.
qemu_common=(-accel kvm -cpu "host,-arch-capabilities" -nodefaults -no-user-config -display none
	-no-reboot -device "isa-debug-exit,iobase=0xf4,iosize=4" -kernel "$build/probe/probe.elf")

# Sets command to what runs the probe with the words $2, the guest's output on standard output, as
# somebody would type it: time to the first byte and memory are what a user gets.
plain_command() { # CONTENDER WORDS
	local floor=("$build/bench/floor" -m "$memory_mib") pinned=()
	[[ $cpu == - ]] || pinned=(-c "$cpu")
	case $1 in
	floor) command=("${floor[@]}" -l "${pinned[@]}" -f 1 "$build/probe/probe.elf" "$2 exit=0") ;;
	floor-lazy) command=("${floor[@]}" -n "$build/probe/probe.elf" "$2 exit=0") ;;
	floor-filter) command=("${floor[@]}" -l -s -f 1 "$build/probe/probe.elf" "$2 exit=0") ;;
	bulkhead) command=("$build/bulkhead" run --memory "${memory_mib}M" --policy fifo:1 --exit-port
		--kernel "$build/probe/probe.elf" --cmdline "$2 exit=0") ;;
	microvm | pc) command=(qemu-system-x86_64 -M "$1" -m "${memory_mib}M" "${qemu_common[@]}" -serial stdio
		-append "$2 qemu=1") ;;
	esac
}

# The same with a vCPU thread that is SCHED_FIFO 1 on one CPU and memory that is there and locked, so
# that exits and timers compare like with like. The guest's output goes to the file $2.
tuned_command() { # CONTENDER OUTPUT WORDS
	case $1 in
	microvm | pc) command=("$here/qemu-fifo" "$cpu" "$2" -M "$1,memory-backend=memory" -m "${memory_mib}M"
		-object "memory-backend-memfd,id=memory,size=${memory_mib}M,prealloc=on" -overcommit mem-lock=on
		"${qemu_common[@]}" -append "$3 qemu=1") ;;
	*)
		plain_command "$1" "$3"
		# shellcheck disable=SC2016 # expanded by that shell
		command=(bash -c 'output=$1; shift; exec "$@" >"$output"' - "$2" "${command[@]}")
		;;
	esac
}

# The statuses that the probe's own end gives: exit=0 through the exit port, qemu=1 likewise.
readonly probe_status=1

# The programs that count as the contender, the first of them the VMM itself.
programs_of() { # CONTENDER
	case $1 in
	floor) echo floor ;;
	bulkhead) echo "bulkhead-vmm bulkhead" ;;
	microvm | pc) echo qemu-system-x86_64 ;;
	esac
}

binary_bytes() { # CONTENDER
	local bytes=0 name
	case $1 in
	floor) bytes=$(stat -Lc %s "$build/bench/floor") ;;
	bulkhead) bytes=$(($(stat -Lc %s "$build/bulkhead") + $(stat -Lc %s "$build/bulkhead-vmm"))) ;;
	microvm | pc) bytes=$(stat -Lc %s "$(command -v qemu-system-x86_64)") ;;
	esac
	echo "$bytes"
}
