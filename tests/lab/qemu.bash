# shellcheck shell=bash disable=SC2154,SC2034
# SPDX-License-Identifier: Apache-2.0
# Starting, watching and ending the one QEMU of a lab. Uses $cache and $out of its caller.

qemu=        # pid of the QEMU that is running
qemu_status= # of the one that has ended; 124 where it had to be ended

qemu_end() {
	local wait
	[[ -n $qemu ]] || return 0
	kill "$qemu" 2>/dev/null
	for wait in {1..20}; do
		kill -0 "$qemu" 2>/dev/null || break
		sleep 0.2
	done
	((wait < 20)) || kill -KILL "$qemu" 2>/dev/null
	wait "$qemu" 2>/dev/null
	qemu=
}

# Common to both hosts. KVM on an RT kernel wants constant_tsc, which QEMU's software CPU cannot
# announce; the VMware way of detecting the TSC sets it (vmport, a VMware serial, no hypervisor bit).
machine=(-machine "pc,vmport=on" -smbios "type=1,serial=VMware-1" -display none -monitor none
	-no-reboot -net none)
# Less what TCG cannot do, so that it need not say so.
cpu="EPYC-v1,+svm,+npt,-hypervisor,-nrip-save,-xsavec,-rdseed,-sha-ni,-fxsr-opt,-misalignsse,\
-3dnowprefetch,-osvw,-topoext"
kernel_words="console=ttyS0 panic=-1 quiet tsc=reliable no_timer_check random.trust_cpu=on \
i8042.noaux i8042.nokbd 8250.nr_uarts=1 mitigations=off nokaslr"

# What L1 is made of, in host_machine: 4 CPUs in 2 packages, each a NUMA node of its own; the machine's
# root, and the folder $1, which becomes its /run/lab; more shares may follow.
host_machine_set() { # FOLDER
	local megabytes=$((${LAB_MEMORY:-3000} / 2))
	host_machine=(-accel "tcg,thread=multi" "${machine[@]}"
		-cpu "$cpu" -smp "4,sockets=2,cores=2" -m "$((megabytes * 2))"
		-object "memory-backend-ram,id=node0,size=${megabytes}M" -numa "node,cpus=0-1,memdev=node0"
		-object "memory-backend-ram,id=node1,size=${megabytes}M" -numa "node,cpus=2-3,memdev=node1"
		-fsdev "local,id=root,path=/,security_model=none,readonly=on,multidevs=remap"
		-device "virtio-9p-pci,fsdev=root,mount_tag=hostroot"
		-fsdev "local,id=lab,path=$1,security_model=none"
		-device "virtio-9p-pci,fsdev=lab,mount_tag=labshare")
}

# Start L1 over the folder $1; $1/start is what it runs. The console goes to $1/console.log, or to the
# terminal. Hugepages are guest memory: they halve a guest's boot.
qemu_start() { # FOLDER [terminal]
	local serial=file:$1/console.log shares=() host_machine
	[[ ${2:-} == terminal ]] && serial=mon:stdio
	if [[ -n $out ]]; then
		shares=(-fsdev "local,id=out,path=$out,security_model=none"
			-device "virtio-9p-pci,fsdev=out,mount_tag=outshare")
	fi
	host_machine_set "$1"
	set -- "$1" qemu-system-x86_64 "${host_machine[@]}" "${shares[@]}" -serial "$serial" \
		-kernel "$cache/rt/vmlinux" -initrd "$cache/l1.img" \
		-append "$kernel_words nohz_full=2-3 rcu_nocbs=2-3 rcutree.kthread_prio=10 hugepages=${LAB_HUGEPAGES:-400}"
	if [[ $serial == mon:stdio ]]; then
		"${@:2}"
	else
		"${@:2}" </dev/null >"$1/qemu.log" 2>&1 &
		qemu=$!
	fi
}

# Start L1 with systemd over the folder $1 from the disk $2, whose own command line is $3.
qemu_start_disk() { # FOLDER DISK WORDS
	local host_machine
	host_machine_set "$1"
	qemu-system-x86_64 "${host_machine[@]}" -serial "file:$1/console.log" \
		-drive "file=$2,format=raw,if=none,id=disk,cache=unsafe" -device "virtio-blk-pci,drive=disk" \
		-kernel "$cache/rt/vmlinux" -initrd "$cache/systemd.img" -append "$3 $kernel_words" \
		</dev/null >"$1/qemu.log" 2>&1 &
	qemu=$!
}

# Start the deterministic host. Time is the count of instructions (2 ns each): two runs of the same
# initrd give the same bytes on the console. One CPU; no device, no entropy, no clock of the machine.
qemu_start_exact() { # FOLDER INITRD
	qemu-system-x86_64 -accel "tcg,thread=single" -icount "shift=1,sleep=off" -seed 1 \
		-rtc "base=2026-01-01T00:00:00,clock=vm" -uuid 6f1d2a0e-5a0c-4a7e-9d57-0c1f2b3a4d5e \
		"${machine[@]}" -nodefaults -smp 1 -cpu "$cpu,-rdrand" -m "${LAB_MEMORY:-1500}" \
		-serial "file:$1/console.log" -kernel "$cache/rt/vmlinux" -initrd "$2" \
		-append "$kernel_words hugepages=${LAB_HUGEPAGES:-64}" </dev/null >"$1/qemu.log" 2>&1 &
	qemu=$!
}

# Wait for QEMU to end, or end it at second DEADLINE; the function may end it too.
qemu_wait() { # FOLDER DEADLINE [FUNCTION called meanwhile]
	while [[ -n $qemu ]] && kill -0 "$qemu" 2>/dev/null; do
		((SECONDS < $2)) || qemu_end
		[[ -z ${3:-} ]] || "$3" "$1"
		sleep 0.3
	done
	qemu_status=124
	[[ -n $qemu ]] || return 0
	wait "$qemu"
	qemu_status=$?
	qemu=
}

# QEMU's emulation of SVM can fail an assertion of its own; that says nothing about what ran in it.
qemu_aborted() { # FOLDER
	((qemu_status != 0)) && grep -q 'assertion failed' "$1/qemu.log" 2>/dev/null
}

console_show() { # FOLDER: what L1 and QEMU had to say, as diagnostics
	sed 's/^/# qemu: /' "$1/qemu.log" 2>/dev/null
	tail -n 150 "$1/console.log" 2>/dev/null | tr -d '\r' | sed 's/\x1b[[(][0-9;?]*[A-Za-z]//g; s/^/# console: /'
}
