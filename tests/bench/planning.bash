# shellcheck shell=bash disable=SC1090,SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# Hosts of any even number of CPUs from 64 on, and machines that fill them. Uses $fixtures and
# $looked_for of its caller.

# Each CPU with all of its files, as a capture has them: cores of two threads, eight on a last-level
# cache, 64 to a node, two nodes to a package.
host_make() { # CPUS FOLDER
	local number half=$(($1 / 2)) files
	for files in write machine kernel threads devices; do
		. "$fixtures/$files.bash"
	done
	name=planning-$1
	for ((number = 0; number < half; number++)); do
		core $((number / 128)) $((number / 64)) $((number / 8)) "$number" "$number" $((number + half))
	done
	caches 32 32 1024 8 32768 16
	for ((number = 0; number * 64 < half; number++)); do
		node "$number" 262144 2:65536:65536 1024:64:64
	done
	machine
	processor AuthenticAMD 25 17 1 'A processor of 128 cores' 'constant_tsc nonstop_tsc arat svm'
	kernel 6.1.0-37-rt-amd64 '#1 SMP PREEMPT_RT Debian 6.1.140-1 (2025-05-22)' 'iommu=pt hugepages=65536'
	kvm kvm_amd avic=Y npt=1 nested=1 nrips=1
	cpuid '0 0 10 68747541 444d4163 69746e65' '1 0 a10f11 200800 7ed8320b 178bfbff' \
		'80000007 0 0 3b 0 6799'
	ivhd 16 0 25bf732fa2295afe:1d
	for ((number = 0; number * 64 < half; number++)); do
		pci "$(printf '%02x' $((16 + 24 * number))):00.0" 020000 15b3 101d "$number" $((100 + number)) mlx5_core
	done
	interrupt 9 IR-IO-APIC 9-fasteoi acpi 0
	interrupt_files
	threads
	write_all "$2"
}

# A partition of two cores for every four CPUs, but for the last two, which have one each; cores 0 and 1
# do the housekeeping. Most spin on their CPUs; every eighth says what its guest's tasks need.
machine_make() { # CPUS PARTITIONS FILE
	local cores=$(($1 / 2)) i first last
	{
		echo "machine: planning-$1"
		echo "host: {housekeeping: '0-1,$cores-$((cores + 1))', kernel: preempt-rt}"
		echo "partitions:"
		for ((i = 0; i < $2; i++)); do
			first=$((2 + 2 * i)) last=$((3 + 2 * i))
			((i < $2 - 2)) || first=$((cores - $2 + i)) last=$((cores - $2 + i))
			echo "  - name: p$i"
			echo "    profile: industrial"
			echo "    cpus: '$first-$last,$((first + cores))-$((last + cores))'"
			echo "    memory: {size: 256M, pages: 2M}"
			echo "    boot: {kernel: /boot/vmlinuz}"
			((i % 8 == 7)) || continue
			echo "    schedule: {policy: deadline}"
			echo "    exits: {disable: []}"
			echo "    tasks:"
			echo "      order: fixed-priority"
			echo "      exit-cost: 10us"
			echo "      set:"
			echo "        - {name: control, period: 1ms, budget: 200us, priority: 30}"
			echo "        - {name: fieldbus, period: 4ms, budget: 400us, priority: 20}"
			echo "        - {name: log, period: 20ms, budget: 1ms, priority: 10}"
		done
	} >"$3"
}
