# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: Apache-2.0
# What comes between guests and the CPUs that are theirs, 2 and 3, counted by kind, in the host: from
# /proc/interrupts, from the scheduler's switches, and as the osnoise tracer accounts for it, without a
# workload of its own. The kernel counts in histograms: nothing is lost, and nothing is written while guests
# run. Uses lib.bash.
#
#   interruptions_arm                 set the tracer up; changes kernel text, so before what is counted
#   interruptions_count NAME COMMAND...  what comes while COMMAND runs: lines "CPU KIND WHAT COUNT" in
#                                     $work/NAME.counts
#   interruptions_of FILE KIND [CPU]  its lines of this kind, "WHAT COUNT", summed up over the CPUs
#   interruptions_lost                how much the tracer had no room for; 0 where the counts are true
#   interruptions_table FILE FILE     both side by side, in lines that start with #
#   interruptions_summary FILE FILE   the same, one line for each kind
#
# Kinds: device (rows of /proc/interrupts with a number), vector (its other rows: timers, other CPUs), thread
# (times that it was switched to), timer (functions that high-resolution timers called), work (functions that
# kworkers ran), osnoise (times that osnoise saw it, vCPU and idle thread left out).

tracing=/sys/kernel/tracing
# KIND EVENT KEY
histograms="thread sched/sched_switch next_comm
timer timer/hrtimer_expire_entry function.sym
work workqueue/workqueue_execute_start function.sym
osnoise osnoise/irq_noise desc
osnoise osnoise/thread_noise comm
osnoise osnoise/softirq_noise vector
osnoise osnoise/nmi_noise common_cpu"

interruptions_arm() {
	local event key
	echo 2-3 >$tracing/osnoise/cpus
	echo NO_OSNOISE_WORKLOAD >$tracing/osnoise/options
	echo 0 >$tracing/tracing_on # histograms count all the same
	echo osnoise >$tracing/current_tracer
	while read -r _ event key; do
		[[ $key == common_cpu ]] || key+=,common_cpu
		echo "hist:keys=$key:size=8192 if CPU>=2" >"$tracing/events/$event/trigger"
	done <<<"$histograms"
}

# All that has been counted so far: "CPU KIND WHAT COUNT". Kworkers are told apart by whether they are bound to
# their CPU, what systemd is about to start not at all.
interruptions_picture() {
	local kind event files=(kind=interrupts /proc/interrupts)
	while read -r kind event _; do
		files+=("kind=$kind" "$tracing/events/$event/hist")
	done <<<"$histograms"
	awk '
		function add(cpu, kind, what, count) {
			gsub(" ", "_", what)
			sum[cpu " " kind " " what] += count
		}
		function value(name) { # of a row of a histogram, from here to the next blank
			return substr($0, index($0, name ":") + length(name) + 1) + 0
		}
		kind == "interrupts" && $1 ~ /:$/ && NF > 4 {
			name = substr($1, 1, length($1) - 1)
			for (cpu = 2; cpu <= 3; cpu++)
				if (name ~ /^[0-9]+$/)
					add(cpu, "device", $NF, $(cpu + 2))
				else
					add(cpu, "vector", name, $(cpu + 2))
		}
		kind != "interrupts" && /^[{] / {
			cpu = value("common_cpu")
			what = $0
			if (what ~ /^[{] common_cpu:/)
				what = "NMI"
			sub(/^[{] [a-z_]+: +/, "", what)
			sub(/ *, common_cpu:.*/, "", what)
			sub(/^\[[0-9a-f]+\] /, "", what) # address of a function
			sub(/ +\[.*\]$/, "", what) # its module
			sub(/^kworker\/u[0-9]+.*/, "kworker/unbound", what)
			sub(/^kworker\/[0-9]+:.*/, "kworker/" cpu, what)
			sub(/^\(.*\)$/, "(started)", what)
			if (kind != "osnoise" || what !~ /^(swapper|vcpu)\//)
				add(cpu, kind, what, value("hitcount"))
		}
		END { for (what in sum) print what, sum[what] }' "${files[@]}"
}

# Rows that a histogram had no room for.
interruptions_lost() {
	local event
	while read -r _ event _; do
		sed -n 's/^ *Dropped: //p' "$tracing/events/$event/hist"
	done <<<"$histograms" | awk '{ lost += $1 } END { print lost + 0 }'
}

interruptions_count() { # NAME COMMAND...
	local name=$1
	shift
	interruptions_picture >"$work/$name.before"
	"$@"
	interruptions_picture >"$work/$name.after"
	awk '{ what = $1 " " $2 " " $3 }
		NR == FNR { before[what] = $4; next }
		$4 > before[what] { print what, $4 - before[what] }' \
		"$work/$name.before" "$work/$name.after" | sort -k2,2 -k4,4nr >"$work/$name.counts"
}

interruptions_of() { # FILE KIND [CPU]
	awk -v kind="$2" -v cpu="${3:-}" '$2 == kind && (cpu == "" || $1 == cpu) { count[$3] += $4 }
		END { for (what in count) print what, count[what] }' "$1" | sort -k2,2nr
}

interruptions_table() { # WITHOUT WITH
	awk '{ what = $2 " " $3 }
		!(what in seen) { seen[what] = 1; order[++rows] = what }
		NR == FNR { without[what] += $4; next }
		{ with[what] += $4 }
		END {
			printf "# %-32s %10s %10s\n", "on CPUs 2-3", "without", "with"
			for (i = 1; i <= rows; i++)
				printf "# %-32s %10d %10d\n", order[i], without[order[i]], with[order[i]]
		}' "$1" "$2"
}

# The same summed up, without what guests and their own timers are.
interruptions_summary() { # WITHOUT WITH
	awk '
		function row(text, kind) {
			printf "# | %-44s %10d %10d\n", text, without[kind], with[kind]
		}
		$2 " " $3 ~ /^(thread (vcpu|swapper)\/|timer apic_timer_fn$|vector LOC$|osnoise local_timer$)/ { next }
		NR == FNR { without[$2] += $4; next }
		{ with[$2] += $4 }
		END {
			printf "# | %-44s %10s %10s\n", "on CPUs 2-3", "without", "with"
			row("interrupts of devices", "device")
			row("other interrupts, but for local timers", "vector")
			row("context switches, but to guests and idle", "thread")
			row("timers of the host", "timer")
			row("work on kworkers", "work")
			row("osnoise, but for local timers", "osnoise")
		}' "$1" "$2"
}
