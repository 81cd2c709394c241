# shellcheck shell=bash disable=SC2154,SC2034,SC2119,SC2120
# SPDX-License-Identifier: Apache-2.0
# For the scenarios about the doctor: a host as good as this one can be made, a look at it, and all put
# back. CPUs 2 and 3 are the partition's, of package 1; 0 and 1 do the housekeeping.

kvm=$assets/rt/lib/modules/$(uname -r)/kernel/arch/x86/kvm
busybox=$assets/packages/root/bin/busybox
declare -A verdict    # of each check, in the last look: pass FAIL WARN UNKNOWN -
declare -A good       # the same, when all was good
declare -A original   # what a file said when the scenario began
declare -A mask       # the CPUs a thread was allowed when it began
settled=              # once: what threads were allowed before is known
looks=0 slowest=0 strange=
machine=("$work/machine.yaml") # for the doctor; () for none

# What depends on the half second that is looked at, and may differ from one look to the next.
window='P7-ipis|P7-ticks|P12-irq-pending|P21-smi'

cat >"$work/machine.yaml" <<-END_OF_FILE
	machine: lab
	partitions:
	  - name: control
	    cpus: 2-3
	    memory: {size: 256M, pages: 2M, node: 1}
	    schedule: {policy: fifo, priority: 1}
	    boot: {kernel: $assets/cloud/vmlinux}
END_OF_FILE

sed '/schedule:/s/{.*/{policy: deadline, runtime: 400us, period: 1ms}\n    exits: {disable: []}/' \
	"$work/machine.yaml" >"$work/deadline.yaml"

# Look at the host, by a command that may come before the doctor. Fills verdict; where the table, its
# last line and the exit status do not go together, or it does not end, notes that in strange.
look() { # [COMMAND...]
	local word id began took status counted
	local -A count=([FAIL]=0 [WARN]=0 [UNKNOWN]=0 [pass]=0 [-]=0)
	began=$(date +%s%3N)
	timeout 20 "$@" "$bulkhead" doctor --verbose "${machine[@]}" >"$work/table" 2>"$work/doctor.err" </dev/null
	status=$?
	took=$(($(date +%s%3N) - began))
	((took <= slowest)) || slowest=$took
	looks=$((looks + 1))
	echo "look $looks: $took ms" >&2
	verdict=()
	while read -r word id; do
		verdict[$id]=$word
		count[$word]=$((count[$word] + 1))
	done < <(sed -nE 's/^(FAIL|WARN|UNKNOWN|pass|-) +([A-Z][0-9]+-[a-z0-9-]+)[ :].*/\1 \2/p' "$work/table")
	counted="${count[FAIL]} fail, ${count[WARN]} warn, ${count[UNKNOWN]} unknown, ${count[pass]} pass, ${count[-]} not applicable"
	[[ $(tail -n 1 "$work/table") == "$counted" ]] || strange+="look $looks: counted $counted; "
	if ((count[FAIL] > 0)); then word=1; elif ((count[UNKNOWN] > 0)); then word=2; else word=0; fi
	((status == word)) || strange+="look $looks: status $status, not $word; "
	[[ ! -s $work/doctor.err ]] || strange+="look $looks: $(<"$work/doctor.err")"
}

said() { # CHECK: its lines
	grep -A2 -E "^[^ ]+ +$1[ :]" "$work/table"
}

# One thing is bad now: its check passed and does not. Others that changed are noted.
is_bad() { # CHECK WHAT
	local id others=
	look
	if [[ ${good[$1]:-} == pass && ${verdict[$1]:-} =~ ^(FAIL|WARN)$ ]]; then
		ok "$1: $2"
	else
		not_ok "$1: $2" "was: ${good[$1]:-nothing}" "is:  ${verdict[$1]:-nothing}" "$(said "$1")"
	fi
	for id in "${!verdict[@]}"; do
		[[ $id == "$1" || $id =~ ^($window)$ || ${verdict[$id]} == "${good[$id]:-}" ]] || others+=" $id ${verdict[$id]}"
	done
	[[ -z $others ]] || note "$1: $2: with it$others"
}

# Checks that pass now and did not when all was good, but for those that depend on the moment.
passes_anew() {
	local id
	for id in "${!verdict[@]}"; do
		[[ ${verdict[$id]} != pass || ${good[$id]:-} == pass || $id =~ ^($window)$ ]] || echo "$id"
	done
}

user_threads() {
	local task
	for task in /proc/[0-9]*/task/[0-9]*; do
		[[ ! -e ${task%/task/*}/exe ]] || echo "${task##*/}"
	done
}

# Kernel threads that may be moved and are allowed on CPU 2 or 3.
movable_threads() {
	awk '/^Pid:/ { pid = $2 } /^PPid:/ { parent = $2 } /^Cpus_allowed_list:/ && (parent == 2 || pid == 2) && $2 ~ /^(0-3|2-3)$/ { print pid }' \
		/proc/[0-9]*/status 2>/dev/null
}

# Every thread that may be moved, off CPU 2 and 3. What comes online or changes a cpuset undoes it.
settle() {
	local thread round
	for round in 1 2; do # twice: some have children meanwhile
		for thread in $(user_threads) $(movable_threads); do
			[[ -n $settled || -n ${mask[$thread]:-} ]] || mask[$thread]=$(taskset -p "$thread" 2>/dev/null | sed 's/.*: //')
			taskset -pc 0-1 "$thread" >/dev/null 2>&1
		done
	done
	settled=1
}

# An interrupt that never comes never moves; a CPU that goes offline gives all of its interrupts away. And
# where a cpuset partition was, kworkers that it left with too many CPUs have their workqueue's again once one of
# those has been offline.
drain() {
	local cpu irq
	for irq in /proc/irq/[0-9]*; do
		original[$irq/smp_affinity_list]=$(<"$irq/smp_affinity_list")
		echo 0-1 >"$irq/smp_affinity_list"
	done 2>/dev/null
	for cpu in 1 2 3; do
		echo 0 >/sys/devices/system/cpu/cpu$cpu/online
		echo 1 >/sys/devices/system/cpu/cpu$cpu/online
	done
}

kvm_load() { # PARAMETER-OF-KVM...
	vm_release
	"$busybox" rmmod kvm_amd 2>/dev/null
	"$busybox" rmmod kvm 2>/dev/null
	"$busybox" insmod "$kvm/kvm.ko" "$@"
	"$busybox" insmod "$kvm/kvm-amd.ko"
	vm_hold
}

put() { # FILE VALUE
	[[ -n ${original[$1]+set} ]] || original[$1]=$(<"$1")
	echo "$2" >"$1"
}

# CHECK GOOD BAD FILE
values="
P1-nx-huge-pages N force /sys/module/kvm/parameters/nx_huge_pages
P12-default-affinity 3 f /proc/irq/default_smp_affinity
P26-ksm 0 1 /sys/kernel/mm/ksm/run
P26-stat-interval 10 1 /proc/sys/vm/stat_interval
P32-throttling -1 950000 /proc/sys/kernel/sched_rt_runtime_us
K3-clocksource tsc acpi_pm /sys/devices/system/clocksource/clocksource0/current_clocksource
K5-soft-watchdog 0-1 0-3 /proc/sys/kernel/watchdog_cpumask
K6-timer-migration 0 1 /proc/sys/kernel/timer_migration
K7-hung-task 600 30 /proc/sys/kernel/hung_task_timeout_secs
K8-workqueues 3 f /sys/devices/virtual/workqueue/cpumask
K9-machine-check-polling 1 0 /sys/devices/system/machinecheck/machinecheck0/ignore_ce
K10-rcu-normal 1 0 /sys/kernel/rcu_normal
"
values=$(sed '/^$/d' <<<"$values")

# What this emulated machine cannot be given, or only at boot: another text in the file's place.
instead() { # FILE TEXT
	echo "$2" >"$work/instead.${1//\//.}"
	mount --bind "$work/instead.${1//\//.}" "$1"
}

words="console=ttyS0 isolcpus=managed_irq,2-3 nohz_full=2-3 rcu_nocbs=2-3 irqaffinity=0-1 skew_tick=1 tsc=reliable"
command_line_checks="C1-isolcpus C2-managed-irq C4-rcu-nocbs C5-irqaffinity C6-cpu-lists C7-skew-tick
C8-tsc-reliable C9-scaling-driver C10-idle-poll C12-machine-checks P16-isolcpus P25-misplaced-parameters"

good_host() {
	local value file
	kvm_load kvmclock_periodic_sync=0
	drain
	while read -r _ value _ file; do
		put "$file" "$value"
	done <<<"$values"
	cp "$assets/rt/boot/config-$(uname -r)" /boot/
	mount -o remount,favordynmods /sys/fs/cgroup
	good_command_line
	good_processor
	settle
}

good_command_line() { instead /proc/cmdline "$words"; }

good_processor() { instead /proc/cpuinfo "$(sed 's/ constant_tsc/& nonstop_tsc/' /proc/cpuinfo)"; }

# The look that all others are held against.
look_good() {
	local id
	look
	for id in "${!verdict[@]}"; do
		good[$id]=${verdict[$id]}
	done
	cp "$work/table" "$work/good"
	cat "$work/good" >&2
}

# What every scenario about the doctor ends with.
looks_end() {
	is "every exit status and every count follows from the table" "$strange" ""
	note "$looks looks; the slowest took $slowest ms of emulated time"
}

host_as_it_was() {
	local thread file
	settle
	umount /proc/cmdline /proc/cpuinfo
	rm "/boot/config-$(uname -r)"
	mount -t cgroup2 -o remount cgroup2 /sys/fs/cgroup
	kvm_load
	for thread in "${!mask[@]}"; do
		[[ ! -e /proc/$thread ]] || taskset -p "${mask[$thread]}" "$thread" >/dev/null
	done
	for file in "${!original[@]}"; do
		echo "${original[$file]}" >"$file"
	done 2>/dev/null
}
