# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What a scenario is written with. A scenario is a piece of bash that runs as root in the lab's host
# and says what it found: ok, not_ok, is, holds, skip; note prints a figure. It does not exit.
#
# For it: $bulkhead, the program under test; $assets, the kernels and initrds; $work, a folder that
# stays beside the logs.

repo=$LAB_REPO
assets=$LAB_CACHE
# shellcheck disable=SC2153
bulkhead=$BULKHEAD
work=
# Words that make an emulated guest boot in half the time and change nothing that is asserted.
guest_words="console=ttyS0 quiet tsc=reliable no_timer_check random.trust_cpu=on i8042.noaux \
i8042.nokbd 8250.nr_uarts=1 mitigations=off nokaslr panic=-1"
declare -A guest_pid guest_status
hugepages_before=
held_vm=

ok() { echo "ok - $1"; }

not_ok() { # TEXT [DETAIL...]
	echo "not ok - $1"
	shift
	for detail; do
		# shellcheck disable=SC2001
		sed 's/^/#   /' <<<"$detail"
	done
}

skip() { echo "ok - $1 # SKIP $2"; }

note() { echo "# $*"; }

is() { # TEXT GOT WANT
	if [[ $2 == "$3" ]]; then ok "$1"; else not_ok "$1" "got:  $2" "want: $3"; fi
}

matches() { # TEXT GOT EXTENDED-REGEX
	if [[ $2 =~ $3 ]]; then ok "$1"; else not_ok "$1" "got:  $2" "want: $3"; fi
}

at_most() { # TEXT GOT LIMIT
	if [[ $2 =~ ^[0-9]+$ ]] && (($2 <= $3)); then ok "$1"; else not_ok "$1" "got:  $2" "want: at most $3"; fi
}

holds() { # TEXT COMMAND...
	local text=$1 said
	shift
	if said=$("$@" 2>&1); then ok "$text"; else not_ok "$text" "$*: status $?" "$said"; fi
}

# --- guests -----------------------------------------------------------------------------------------

# Start a guest under a name of this scenario's; what it prints goes to $work/NAME.out, what Bulkhead
# says to $work/NAME.err.
guest_start() { # NAME ARGUMENT-OF-RUN...
	local name=$1
	shift
	"$bulkhead" run "$@" </dev/null >"$work/$name.out" 2>"$work/$name.err" &
	guest_pid[$name]=$!
}

# Wait for its end; sets guest_status[NAME]. A guest that outlives SECONDS is ended: status 124.
guest_wait() { # NAME SECONDS
	local pid=${guest_pid[$1]} until=$((SECONDS + $2)) late=
	while kill -0 "$pid" 2>/dev/null; do
		if ((SECONDS >= until + 5)); then
			kill -KILL "$pid"
			break
		elif ((SECONDS >= until)) && [[ -z $late ]]; then
			late=1
			guest_stuck "$1" >"$work/$1.stuck"
			kill "$pid" 2>/dev/null
			until=$SECONDS
		fi
		sleep 0.2
	done
	wait "$pid"
	guest_status[$1]=$?
	[[ -z $late ]] || guest_status[$1]=124
	guest_log "$1"
}

# Lines "ADDRESS TEXT" as "TEXT FUNCTION", by the names of this kernel; right for guests that run the same.
in_functions() {
	{
		sed -E 's/^([^ ]+) . ([^ \t]+).*/\1 = \2/' /proc/kallsyms
		sed 's/ / ~ /'
	} | LC_ALL=C sort | awk '$2 == "=" { name = $3; next } { sub(/^[^ ]+ ~ /, ""); print $0, name }'
}

# What a guest that does not end is at: its threads, what KVM counts, and where its vCPUs exit from. Twice, for
# what moves between.
guest_stuck() { # NAME
	local vmm task look threads tracing=/sys/kernel/debug/tracing
	vmm=$(guest_vmm "$1")
	[[ -n $vmm ]] || {
		echo "its VMM is gone"
		return
	}
	for look in 1 2; do
		threads=
		for task in "/proc/$vmm/task"/*; do
			threads+="$(<"$task/comm") $(sed 's/.*) //' "$task/stat" | cut -d ' ' -f 1,12,13) $(<"$task/wchan"), "
		done 2>/dev/null
		echo "look $look: $threads"
		(cd /sys/kernel/debug/kvm && grep -E '^[1-9]' "$vmm"-*/*{exits,injections,wakeup}) 2>/dev/null |
			sed 's,.*/,,' | paste -s -d ' '
		echo 1 >"$tracing/events/kvm/kvm_exit/enable"
		sleep 0.5
		echo 0 >"$tracing/events/kvm/kvm_exit/enable"
		sed -nE 's/.*kvm_exit: *vcpu ([0-9]+).*reason ([^ ]+).*rip 0x([0-9a-f]+).*/\3 vcpu\1 \2/p' "$tracing/trace" |
			in_functions | sort | uniq -c | sort -rn | head -n 8 | tr -s ' ' | paste -s -d , | sed 's/^/exits:/'
		echo >"$tracing/trace"
	done
}

# QEMU's multi-threaded emulation can miss a write to code that another CPU is translating: the guest, whose kernel
# patches itself as it boots, then runs a breakpoint for ever that its memory no longer holds (hold_vm.c has the
# same of the host). For guests that run this kernel.
emulator_missed_write() { # NAME
	[[ ${guest_status[$1]} == 124 && $(grep -c '^exits:.*int3' "$work/$1.stuck") == 2 ]]
}

guest_log() { # NAME: into this scenario's log
	{
		echo "--- $1: status ${guest_status[$1]:-running}; it printed:"
		tr -d '\r' <"$work/$1.out" | tail -n 60
		echo "--- $1: bulkhead said:"
		cat "$work/$1.err"
		[[ ! -e $work/$1.stuck ]] || sed "s/^/--- $1: stuck: /" "$work/$1.stuck"
	} >&2
}

guest_run() { # NAME SECONDS ARGUMENT-OF-RUN...
	guest_start "$1" "${@:3}"
	guest_wait "$1" "$2"
}

guest_until() { # NAME SECONDS REGEX: wait for a line; false when it did not come
	local until=$((SECONDS + $2))
	while ! grep -qE "$3" "$work/$1.out"; do
		((SECONDS < until)) && kill -0 "${guest_pid[$1]}" 2>/dev/null || return 1
		sleep 0.2
	done
}

guest_said() { # NAME WORD: the rest of the line "lab-guest: WORD ..."
	tr -d '\r' <"$work/$1.out" | sed -n "s/^lab-guest: $2 //p" | tail -n 1
}

# The VMM of a guest: the process that bulkhead started for it.
guest_vmm() { # NAME
	local pid
	for pid in $(<"/proc/${guest_pid[$1]}/task/${guest_pid[$1]}/children"); do
		echo "$pid"
		return
	done
}

# cyclictest's JSON out of what the guest printed, into $work/NAME.json.
guest_json() { # NAME
	tr -d '\r' <"$work/$1.out" |
		sed -n '/^lab-guest: json begin$/,/^lab-guest: json end$/{/^lab-guest: json /d;p}' >"$work/$1.json"
}

json() { # FILE KEY...
	"$assets/json_value" "$@"
}

# Run one of Debian's kernels, unmodified, to its userspace; cyclictest in it; power-off. One check
# for each thing that must be so.
linux_guest() { # KERNEL VCPUS CPUS IMAGE: rt or cloud; 1; 2; bzImage or vmlinux
	local kernel=$1 vcpus=$2 cpus=$3 loops=200
	local arguments=(--kernel "$assets/$kernel/$4" --initrd "$assets/guest.img" --memory 256M
		--cpus "$cpus" --policy fifo:1
		--cmdline "$guest_words lab.cyclictest=-m,-p80,-i1000,-d0,-l$loops,-a,-t$vcpus lab.end=poweroff")
	guest_run guest 100 "${arguments[@]}"
	if [[ $kernel == rt ]] && ((vcpus > 1)) && emulator_missed_write guest; then
		note "QEMU missed a write to the guest's code; once more"
		guest_run guest 100 "${arguments[@]}"
	fi
	is "bulkhead run ends with 0 on power-off" "${guest_status[guest]}" 0
	is "the guest's kernel is Debian's $kernel kernel" "$(guest_said guest kernel)" "$(<"$assets/$kernel/release")"
	is "the guest finds $vcpus CPU(s)" "$(guest_said guest cpus)" "$vcpus"
	if [[ $kernel == rt ]]; then
		is "the guest's kernel is real-time" "$(guest_said guest realtime)" 1
	fi
	note "clocksource of the guest: $(guest_said guest clocksource)"
	cyclictest_ran guest "$vcpus" "$loops"
}

# cyclictest 2.4 writes a stray colon into two of its keys ("rt_test_version:"), and ends all threads
# when the first has made its cycles.
cyclictest_ran() { # NAME THREADS CYCLES
	local thread cycles most=0
	guest_json "$1"
	is "$1: cyclictest ended with 0" "$(guest_said "$1" 'cyclictest status')" 0
	matches "$1: cyclictest's JSON came out" "$(json "$work/$1.json" 'rt_test_version:' 2>&1)" '^[0-9]+\.'
	is "$1: cyclictest ran $2 thread(s)" "$(json "$work/$1.json" thread 2>&1)" "$2"
	for ((thread = 0; thread < $2; thread++)); do
		cycles=$(json "$work/$1.json" thread "$thread" cycles 2>/dev/null)
		((${cycles:-0} <= most)) || most=$cycles
		is "$1: thread $thread made half its cycles or more" "$((${cycles:-0} * 2 >= $3))" 1
		note "$1: thread $thread: $cycles cycles; emulated us: min $(json "$work/$1.json" thread "$thread" min)" \
			"avg $(json "$work/$1.json" thread "$thread" avg) max $(json "$work/$1.json" thread "$thread" max)"
	done
	is "$1: a thread made all $3 cycles" "$most" "$3"
}

# A value of the VMM's state page; reading it wakes nobody.
state() { # PID KEY
	"$assets/state_page" "$1" 2>&1 | sed -n "s/^$2 //p"
}

# --- threads, read from /proc ---------------------------------------------------------------------------

threads() { # PID: "TID NAME" of each
	local task
	for task in "/proc/$1/task"/*; do
		echo "${task##*/} $(<"$task/comm")"
	done
}

vcpu_threads() { threads "$1" | awk '$2 ~ /^vcpu\// { print $1 }'; }
other_threads() { threads "$1" | awk '$2 !~ /^vcpu\// { print $1 }'; }

# Wait until the thread that makes guest memory resident has ended: all that are left then stay.
guest_settled() { # PID SECONDS
	local until=$((SECONDS + $2))
	while threads "$1" 2>/dev/null | grep -q ' populate$'; do
		((SECONDS < until)) || return 1
		sleep 0.2
	done
}

thread_status() { # PID TID KEY: a line of /proc/PID/task/TID/status
	sed -n "s/^$3:[[:space:]]*//p" "/proc/$1/task/$2/status"
}

# Fields of stat counted as proc(5) does; those after the name, which may hold spaces.
thread_stat() { # PID TID FIELD
	sed 's/.*) //' "/proc/$1/task/$2/stat" | cut -d ' ' -f "$(($3 - 2))"
}

# --- begin and end ----------------------------------------------------------------------------------------

# A virtual machine is kept open meanwhile; hold_vm.c says why. Who unloads KVM lets go of it first.
vm_hold() {
	taskset -c 0-1 "$assets/hold_vm" &
	held_vm=$!
}

vm_release() {
	kill "$held_vm"
	wait "$held_vm"
	held_vm=
} 2>/dev/null

scenario_begin() { # NAME
	work=/run/lab/$1.files
	mkdir "$work"
	hugepages_before=$(awk '/^HugePages_Free/ { print $2 }' /proc/meminfo)
	dmesg --clear
	cd "$repo" || exit 2
	trap 'kill $(jobs -p) 2>/dev/null' EXIT
	vm_hold
}

# True of every scenario: nothing is left behind, and the host's kernel has nothing to complain of.
scenario_end() {
	local left
	left=$(pgrep -l bulkhead)
	is "no process is left" "$left" ""
	is "no hugepage is left in use" "$(awk '/^HugePages_Free/ { print $2 }' /proc/meminfo)" "$hugepages_before"
	kernel_log_clean
}

kernel_log_clean() {
	local complaints
	complaints=$(dmesg | grep -E 'WARNING|BUG|Oops|general protection|\<stall|blocked for more|lockdep' | head -n 20)
	is "the host's kernel log is clean" "$complaints" ""
}
