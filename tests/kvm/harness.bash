# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What every test uses: running programs under test, and saying what was expected of them.

passed=0 failed=0 skipped=0 number=0

# harness_open BUILD - settle what is tested and where.
harness_open() {
	build=$(realpath "$1")
	bulkhead=$build/bulkhead
	vmm_program=$build/bulkhead-vmm
	guests=$build/guests
	work=$(mktemp -d "${TMPDIR:-/tmp}/bulkhead-kvm.XXXXXX") || exit 2
	# Other users start programs and read guests here.
	chmod 755 "$work"
	sanitized=0
	! grep -q -e '-fsanitize=' "$build/flags" 2>/dev/null || sanitized=1
	# A sanitizer's programs take several times as long.
	slow=$((1 + 3 * sanitized))
	no_kvm=""
	if [ ! -e /dev/kvm ]; then
		no_kvm="there is no /dev/kvm"
	elif ! (exec 3<>/dev/kvm) 2>/dev/null; then
		no_kvm="/dev/kvm may not be opened by $(id -un)"
	fi
	# Who may not use SCHED_FIFO tests all that does not take it.
	modest=()
	chrt -f 1 true 2>/dev/null || modest=(--policy other)
	state_file=$work/state_file
	local_socket=$work/local_socket
	build_tools || exit 2
	# shellcheck disable=SC2034 # for the tests
	readonly build bulkhead vmm_program guests work sanitized slow no_kvm modest state_file local_socket
}

# The tools of ours that take a compiler.
build_tools() {
	"${CC:-gcc}" -std=gnu17 -O1 -D_GNU_SOURCE -iquote "$tree" -o "$state_file" \
		"$here/state_file.c" "$tree/core/vmm/state.c" "$tree/core/kvm/statistics.c" &&
		"${CC:-gcc}" -std=gnu17 -O1 -D_GNU_SOURCE -o "$local_socket" "$here/local_socket.c"
}

harness_close() {
	rm -rf "$work"
}

# Processes whose working folder is FOLDER: what a test started and did not see end.
left_behind() {
	find /proc -mindepth 2 -maxdepth 2 -path '/proc/[0-9]*/cwd' -lname "$1" 2>/dev/null |
		cut -d/ -f3
}

# Ends what the test left, after a moment for what was ending anyway; false when there was something.
clean_up() {
	local folder=$1 left
	for _ in {1..500}; do
		left=$(left_behind "$folder")
		[ -n "$left" ] || return 0
		sleep 0.02
	done
	# shellcheck disable=SC2086 # a list of numbers
	ps -o pid=,stat=,args= -p ${left//$'\n'/,} >"$folder/left" 2>/dev/null
	# shellcheck disable=SC2086
	kill -KILL $left 2>/dev/null
	return 1
}

# harness_run NAME - one test, one line of verdict; what failed is shown behind it.
harness_run() {
	local name=$1 folder=$work/$1 start=${EPOCHREALTIME/[.,]/} status verdict seconds
	number=$((number + 1))
	mkdir -m 777 "$folder"
	if [ -n "$no_kvm" ]; then
		echo "$no_kvm" >"$folder/reason"
		status=77
	else
		(cd "$folder" && in_test "$name") >"$folder/log" 2>&1
		status=$?
	fi
	if ! clean_up "$folder"; then
		echo "processes left behind: $(<"$folder/left")" >>"$folder/log"
		[ "$status" -ne 0 ] || status=1
	fi
	printf -v seconds '%d.%01d' $(((${EPOCHREALTIME/[.,]/} - start) / 1000000)) \
		$(((${EPOCHREALTIME/[.,]/} - start) / 100000 % 10))
	case $status in
	0)
		passed=$((passed + 1))
		verdict="ok $number - $name ($seconds s)"
		;;
	77)
		skipped=$((skipped + 1))
		verdict="ok $number - $name # SKIP $(<"$folder/reason")"
		;;
	*)
		failed=$((failed + 1))
		verdict="not ok $number - $name ($seconds s)"
		;;
	esac
	echo "$verdict"
	[ "$status" -eq 0 ] || [ "$status" -eq 77 ] || sed 's/^/#   /' "$folder/log"
	# Large files of one test are not to wait for the end of all.
	rm -rf "$folder"
}

# In the test's own shell: whatever ends it, what it put into $at_end is done, the last first.
in_test() {
	at_end=()
	trap end_test EXIT
	"test_$1"
}

end_test() {
	local i
	for ((i = ${#at_end[@]} - 1; i >= 0; i--)); do
		eval "${at_end[i]}"
	done
}

# fail WHY... - end the test. What the programs said is shown with it.
fail() {
	local file
	echo "$*"
	for file in told_command out err; do
		[ -s "$file" ] || continue
		echo "$file:"
		head -c 2000 "$file" | cat -v | head -n 40 | cut -c 1-200 | sed 's/^/  /'
	done
	exit 1
}

# skip WHY... - end the test, which cannot be run here.
skip() {
	echo "$*" >reason
	exit 77
}

# run_command COMMAND... - to its end, which is waited for at most $limit seconds, with standard input
# from $input; leaves out, err and $status.
run_command() {
	echo "$*" >told_command
	timeout --foreground -k 5 "${limit:-$((60 * slow))}" "$@" >out 2>err <"${input:-/dev/null}"
	status=$?
}

# guest NAME [OPTION...] - `bulkhead run` of a guest.
guest() {
	run_command "$bulkhead" run "${modest[@]}" --kernel "$guests/$1" "${@:2}"
}

# start COMMAND... - in the background, with standard input from $input: $pid.
start() {
	echo "$*" >told_command
	# Nothing of an earlier run is to be taken for this one's.
	rm -f out err
	"$@" >out 2>err <"${input:-/dev/null}" &
	pid=$!
}

# start_guest NAME [OPTION...] - `bulkhead run` in the background, until the guest says something:
# $pid of bulkhead, $vmm of its bulkhead-vmm.
start_guest() {
	start "$bulkhead" run "${modest[@]}" --kernel "$guests/$1" "${@:2}"
	wait_until $((20 * slow)) test -s out || fail "the guest said nothing"
	vmm=$(vmm_of "$pid")
	[ -n "$vmm" ] || fail "bulkhead has no bulkhead-vmm"
}

# start_settled_guest NAME [OPTION...] - and until the VMM has all its memory, and no thread but those
# that stay.
start_settled_guest() {
	start_guest "$@"
	wait_until $((20 * slow)) settled || fail "the VMM still prepares memory"
}

settled() {
	! cat /proc/"$vmm"/task/*/comm | grep -qx populate
}

# The bulkhead-vmm that a bulkhead started.
vmm_of() {
	pgrep -P "$1" -x bulkhead-vmm
}

# finish - wait for what start began, at most $1 seconds (20): $status.
finish() {
	wait_until "${1:-$((20 * slow))}" ended "$pid" || fail "process $pid has not ended"
	wait "$pid"
	status=$?
}

# Ended, though perhaps not waited for.
ended() {
	local line
	{ line=$(<"/proc/$1/stat"); } 2>/dev/null || return 0
	[[ ${line##*) } == [ZX]* ]]
}

# wait_until SECONDS COMMAND... - until the command says yes; false when it never did.
wait_until() {
	local end=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000))
	shift
	until "$@" 2>/dev/null; do
		[ "${EPOCHREALTIME/[.,]/}" -lt $end ] || return 1
		sleep 0.02
	done
}

now_ms() {
	echo $((${EPOCHREALTIME/[.,]/} / 1000))
}

expect_status() {
	[ "$status" -eq "$1" ] || fail "status $status, not $1"
}

# expect_line FILE LINE - the file has exactly this line.
expect_line() {
	grep -qxF -e "$2" "$1" || fail "$1 has no line: $2"
}

# expect_match FILE PATTERN - a line of the file matches the extended regular expression.
expect_match() {
	grep -qE -e "$2" "$1" || fail "$1 has nothing that matches: $2"
}

# expect_refusal PATTERN - status 2, nothing on standard output, and one line that matches and says
# what would do.
expect_refusal() {
	expect_status 2
	[ ! -s out ] || fail "a refusal with something on standard output"
	[ "$(grep -c '' err)" -eq 1 ] || fail "$(grep -c '' err) lines of refusal, not one"
	expect_match err "$1"
}

# field NAME FILE - the first value of " NAME=VALUE" in a guest's output.
field() {
	grep -ohaE "(^| )$1=[^ ]*" "$2" | head -n 1 | cut -d= -f2
}

# status_field NAME FILE - a value of a /proc/.../status file.
status_field() {
	sed -n "s/^$1:[[:space:]]*//p" "$2"
}

# has_bytes FILE COUNT - that many, or more.
has_bytes() {
	[ "$(stat -c %s "$1")" -ge "$2" ]
}
