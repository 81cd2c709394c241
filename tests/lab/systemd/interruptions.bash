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
#   interruptions_table FILE FILE     both side by side, in lines that start with #
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

# Kworkers are told apart by whether they are bound to their CPU, what systemd is about to start not at all.
interruptions_histogram() { # KIND EVENT
	sed -nE 's/^\{ common_cpu: +([0-9]+) \} hitcount: +([0-9]+)$/\1\tNMI\t\2/p
		s/^\{ [a-z_]+: +(\[[0-9a-f]+\] )?(.*[^ ]) *, common_cpu: +([0-9]+) \} hitcount: +([0-9]+)$/\3\t\2\t\4/p' \
		"$tracing/events/$2/hist" |
		awk -F '\t' -v kind="$1" '{
			sub(" +\\[.*\\]$", "", $2) # the module of a function
			gsub(" ", "_", $2)
			sub("^kworker/u[0-9]+.*", "kworker/unbound", $2)
			sub("^kworker/[0-9]+:.*", "kworker/" $1, $2)
			sub("^\\(.*\\)$", "(started)", $2)
			count[$1 " " kind " " $2] += $3
		}
		END { for (what in count) print what, count[what] }'
}

interruptions_picture() {
	local kind event
	awk 'NR > 1 && NF > 4 {
		name = $1
		sub(":", "", name)
		what = name ~ /^[0-9]+$/ ? "device " $NF : "vector " name
		print 2, what, $4
		print 3, what, $5
	}' /proc/interrupts
	while read -r kind event _; do
		interruptions_histogram "$kind" "$event"
	done <<<"$histograms" | grep -vE '^[23] osnoise (swapper|vcpu)/'
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
