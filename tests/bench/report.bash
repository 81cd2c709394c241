# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: Apache-2.0
# The table, the targets, the JSON file and the exit status.

wanted=() # TEXT|ROW|CONTENDER|STATISTIC|MOST

# What is promised: the statistic (median or ratio) of a cell is at most MOST, in the values' unit.
target() { # TEXT ROW CONTENDER STATISTIC MOST
	wanted+=("$1|$2|$3|$4|$5")
}

# Prints "held|missed|untold GOT" for a cell of the table.
verdict() { # ROW CONTENDER STATISTIC MOST
	awk -v row="$1" -v who="$2" -v what="$3" -v most="$4" '
		$1 == row && $2 == who && $3 == what { got = $4; there = 1 }
		END { print !there ? "untold -" : (got <= most ? "held " : "missed ") got }' "$work/results"
}

# What a cycle is in the unit of the rows is known only now.
rows_scaled() {
	sed "s/ cycles / $(awk "BEGIN { print 1000 / ${tsc_khz:-1000000} }") /" <<<"$rows"
}

report_targets() {
	local line text row who statistic most word got missed=0 untold=0
	for line in "${wanted[@]}"; do
		IFS='|' read -r text row who statistic most <<<"$line"
		read -r word got < <(verdict "$row" "$who" "$statistic" "$most")
		printf '%-7s %s (%s, at most %s)\n' "$word" "$text" "$(shorter "$got")" "$(shorter "$most")"
		printf '%s|%s|%s|%s\n' "$word" "$text" "$got" "$most" >>"$work/targets"
		[[ $word != missed ]] || missed=$((missed + 1))
		[[ $word != untold ]] || untold=$((untold + 1))
	done
	((missed == 0)) || return 1
	((untold == 0)) || return 2
}

shorter() { # NUMBER
	awk -v x="$1" 'BEGIN { if (x == "-") print x; else if (x >= 1024) printf "%.2f MiB\n", x / 1048576; else printf "%.3f\n", x }'
}

write_json() { # FILE
	{
		printf '{\n  "mode": "%s",\n  "rounds": %s,\n  "tsc_khz": %s,\n  "kernel": "%s",\n  "qemu": "%s",\n  "cells": [\n' \
			"$([[ -n $exact ]] && echo exact || echo live)" "$rounds" "${tsc_khz:-0}" "$(uname -r)" \
			"$(qemu-system-x86_64 --version 2>/dev/null | sed -n '1{s/["\\]//g;p}')"
		awk '{ printf "%s    {\"row\": \"%s\", \"contender\": \"%s\", \"statistic\": \"%s\", \"middle\": %s, \"lowest\": %s, \"highest\": %s, \"values\": %s}",
			(NR > 1 ? ",\n" : ""), $1, $2, $3, $4, $5, $6, $7 }' "$work/results"
		printf '\n  ],\n  "targets": [\n'
		awk -F'|' '{ printf "%s    {\"verdict\": \"%s\", \"target\": \"%s\", \"got\": %s, \"at_most\": %s}",
			(NR > 1 ? ",\n" : ""), $1, $2, ($3 == "-" ? "null" : $3), $4 }' "$work/targets"
		printf '\n  ]\n}\n'
	} >"$1" || refuse "$1 cannot be written"
}

report() {
	local status
	echo "$note"
	awk -v contenders="${contenders[*]}" -v results="$work/results" -f "$here/table.awk" <(rows_scaled) "$work/values"
	report_targets
	status=$?
	[[ -z $json ]] || write_json "$json"
	exit "$status"
}
