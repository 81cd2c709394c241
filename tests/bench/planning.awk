# SPDX-License-Identifier: Apache-2.0
# Table and targets of tests/bench/planning. Lines: COMMAND CPUS PARTITIONS WALL-us PROCESSOR-us.

function held(text, got, most) {
	printf "%-7s %s (%.3g, at most %g)\n", got <= most ? "held" : "missed", text, got, most
	if (got > most)
		missed = 1
}

# The slope between two sizes, both axes logarithmic: 1 is linear, 2 is square.
function exponent(command, from, to) {
	return log(processor[command, to] / processor[command, from]) / log(to / from)
}

{
	if (!($1 in known))
		command[++commands] = $1
	known[$1] = 1
	if (!($2 in partitions))
		size[++sizes] = $2
	if (!($2 in partitions) || $3 > partitions[$2])
		partitions[$2] = $3
	wall[$1, $2] = $4 / 1000
	processor[$1, $2] = $5 / 1000
}

END {
	last = size[sizes]
	quarter = last / 4
	printf "%6s %10s", "CPUs", "partitions"
	for (i = 1; i <= commands; i++)
		printf " %17s", command[i]
	printf "\n"
	for (j = 1; j <= sizes; j++) {
		printf "%6d %10d", size[j], partitions[size[j]]
		for (i = 1; i <= commands; i++)
			printf " %17s", sprintf("%.1f [%.1f]", processor[command[i], size[j]], wall[command[i], size[j]])
		printf "\n"
	}
	printf "%17s", "growth, n to the"
	for (i = 1; i <= commands; i++)
		printf " %17.2f", exponent(command[i], quarter, last)
	printf "   (from %d to %d CPUs)\n", quarter, last
	held("check of " last " CPUs and " partitions[last] " partitions, user and system, ms",
	     processor["check", last], limit_ms)
	held("the same from start to end, ms", wall["check", last], limit_ms)
	held("its growth from " quarter " CPUs, exponent", exponent("check", quarter, last), limit_exponent)
	exit missed
}
