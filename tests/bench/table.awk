# SPDX-License-Identifier: Apache-2.0
# Lines "ROW CONTENDER ROUND VALUE" as one table: for each row and contender the median value and its
# ratio to the floor's, below them the spread. A ratio is the median of the ratios of single rounds,
# because what disturbs a shared machine disturbs neighbours in a round alike.
# The rows, in order, are the first file's lines "ROW UNIT SCALE TEXT". Variables: contenders, their names
# in order; results, the file for lines "ROW CONTENDER median|ratio MIDDLE LOWEST HIGHEST VALUES".

function sorted(list, n,   i, j, t) {
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && list[j - 1] > list[j]; j--) {
			t = list[j]; list[j] = list[j - 1]; list[j - 1] = t
		}
}

function median(list, n) {
	return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
}

# Sets middle, lowest, highest of a cell; 0 where it is empty.
function cell(row, who,   n, i, list) {
	n = 0
	for (i = 0; i <= rounds; i++)
		if ((row, who, i) in value)
			list[++n] = value[row, who, i]
	if (n == 0)
		return 0
	sorted(list, n)
	middle = median(list, n); lowest = list[1]; highest = list[n]
	return n
}

function ratio(row, who,   n, i, list) {
	n = 0
	for (i = 0; i <= rounds; i++)
		if ((row, who, i) in value && (row, "floor", i) in value && value[row, "floor", i] > 0)
			list[++n] = value[row, who, i] / value[row, "floor", i]
	if (n == 0)
		return 0
	sorted(list, n)
	middle = median(list, n); lowest = list[1]; highest = list[n]
	return n
}

function number(x) {
	return x >= 100 || x == int(x) ? sprintf("%.0f", x) : x >= 10 ? sprintf("%.1f", x) : sprintf("%.2f", x)
}

FNR == NR {
	order[++row_count] = $1
	unit[$1] = $2
	scale[$1] = $3
	$1 = $2 = $3 = ""
	text[order[row_count]] = substr($0, 4)
	next
}
{
	value[$1, $2, $3] = $4
	if ($3 > rounds)
		rounds = $3
}

END {
	count = split(contenders, name, " ")
	printf "%-46s", ""
	for (c = 1; c <= count; c++)
		printf " %22s", name[c]
	print ""
	for (r = 1; r <= row_count; r++) {
		row = order[r]
		line = sprintf("%-46s", text[row] ", " unit[row])
		below = sprintf("%-46s", "")
		there = 0
		for (c = 1; c <= count; c++) {
			top = low = ""
			n = cell(row, name[c])
			if (n > 0) {
				there = 1
				top = number(middle * scale[row])
				if (n > 1)
					low = number(lowest * scale[row]) ".." number(highest * scale[row])
				print row, name[c], "median", middle, lowest, highest, n > results
			}
			ratios = name[c] != "floor" ? ratio(row, name[c]) : 0
			if (ratios > 0) {
				top = top sprintf(" %7s", sprintf("%.*fx", middle < 10 ? 3 : 1, middle))
				print row, name[c], "ratio", middle, lowest, highest, ratios > results
			} else {
				top = top sprintf(" %7s", "")
			}
			line = line sprintf(" %22s", top)
			below = below sprintf(" %14s %7s", low, "")
		}
		if (there) {
			print line
			if (below ~ /[^ ]/)
				print below
		}
	}
}
