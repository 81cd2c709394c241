# SPDX-License-Identifier: Apache-2.0
# The probe's output (latency/probe/protocol.h) as lines "MEASUREMENT STATISTIC CYCLES": min, p50,
# p99, mean, max, and lost, a count. A percentile is the low end of its bucket, 1/64 wide at most.
# Also "guest tsc_khz N". Ends with 1 where the output is not whole.

function percentile(share,   i, seen) {
	for (i = 1; i <= buckets; i++) {
		seen += count[i]
		if (seen >= share * samples)
			return low[i]
	}
	return max
}

{ sub(/\r$/, "") }
$1 == "guest" && $2 == "tsc_khz" { print }
$1 == "mode" { buckets = 0; name = $2 }
$1 == "samples" { samples = $2 }
$1 == "min" { min = $2 }
$1 == "max" { max = $2 }
$1 == "sum" { sum = $2 }
$1 == "lost" { lost = $2 }
$1 == "bucket" { low[++buckets] = $2; count[buckets] = $3 }
$1 == "end" && $2 == name && samples > 0 {
	print name, "min", min
	print name, "p50", percentile(0.50)
	print name, "p99", percentile(0.99)
	printf "%s mean %.2f\n", name, sum / samples
	print name, "max", max
	print name, "lost", lost
}
$1 == "done" { whole = 1 }
END { exit !whole }
