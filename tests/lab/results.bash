# shellcheck shell=bash disable=SC2154,SC2034
# SPDX-License-Identifier: Apache-2.0
# What the checks of scenarios came to: TAP on standard output, JUnit to a file, and the counts. Uses
# $here of its caller.

number=0
passed=0
failed=0
skipped=0
untold=0
shown=0 # second of the last sign of life
cases=  # of the JUnit file
output= # of the JUnit file

xml() {
	local text=${1//&/"&amp;"} # quoted: a bare & in a replacement stands for the match
	text=${text//</"&lt;"}
	text=${text//>/"&gt;"}
	text=${text//\"/"&quot;"}
	printf '%s' "$text" | tr -d '\000-\010\013\014\016-\037'
}

# One check. RESULT is passed, failed, skipped or untold (neither: nothing is known).
result() { # RESULT SCENARIO TEXT [REASON]
	local line='' inner=''
	number=$((number + 1))
	case $1 in
	passed) line="ok $number - $2: $3" passed=$((passed + 1)) ;;
	failed) line="not ok $number - $2: $3" failed=$((failed + 1)) inner="<failure message=\"$(xml "$3")\"/>" ;;
	skipped) line="ok $number - $2: $3 # SKIP ${4:-}" skipped=$((skipped + 1)) inner="<skipped message=\"$(xml "${4:-}")\"/>" ;;
	untold) line="not ok $number - $2: $3 # could not tell" untold=$((untold + 1)) inner="<error message=\"$(xml "$3")\"/>" ;;
	esac
	echo "$line"
	cases+="<testcase classname=\"lab.$2\" name=\"$(xml "$3")\">$inner</testcase>"$'\n'
}

scenario_timeout() { # NAME: seconds
	local seconds
	seconds=$(sed -n 's/^# timeout: \([0-9]*\)$/\1/p' "$here/scenarios/$1")
	echo "${seconds:-120}"
}

# The checks that a scenario has made, which are lines of TAP without numbers.
checks() { # FOLDER NAME
	local line
	while IFS= read -r line; do
		case $line in
		'ok - '*' # SKIP '*)
			line=${line#ok - }
			result skipped "$2" "${line%% # SKIP *}" "${line#* # SKIP }"
			;;
		'ok - '*) result passed "$2" "${line#ok - }" ;;
		'not ok - '*) result failed "$2" "${line#not ok - }" ;;
		*) echo "$line" ;;
		esac
	done <"$1/$2.tap"
	output+="<system-out>$(xml "$(<"$1/$2.tap")")</system-out>"$'\n'
}

# A sign of life of a scenario that takes its time: what it has come to, twice a minute.
progress_show() { # NAME FILE
	local last
	((SECONDS >= shown + 30)) || return 0
	shown=$SECONDS
	last=$(grep -E '^(not )?ok ' "$2" 2>/dev/null | tail -n 1)
	echo "# $1: at work${last:+, after: $last}"
}

# What there is to find the cause by.
logs_show() { # FOLDER NAME
	sed 's/^/# log: /' "$1/$2.log"
	console_show "$1"
}

report() { # FOLDER NAME: a scenario that has ended
	local status seconds before=$failed
	read -r status seconds <"$1/$2.status"
	checks "$1" "$2"
	case $status in
	0) ;;
	124 | 137) result failed "$2" "ends within $(scenario_timeout "$2") s" ;;
	*) result failed "$2" "runs to its end (status $status)" ;;
	esac
	echo "# $2: $seconds s"
	((failed == before)) || logs_show "$1" "$2"
}

junit_write() {
	local all=$((passed + failed + skipped + untold))
	{
		echo '<?xml version="1.0" encoding="UTF-8"?>'
		echo "<testsuite name=\"lab\" tests=\"$all\" failures=\"$failed\" errors=\"$untold\" skipped=\"$skipped\" time=\"$SECONDS\">"
		printf '%s' "$cases$output"
		echo '</testsuite>'
	} >"$1"
}
