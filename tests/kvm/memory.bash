# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Guest memory: its size, its hole below 4 GiB, its pages, and what the tables say of it.

# Memory that is no RAM below 1 MiB: from the EBDA at 0x9fc00 up.
readonly below_1m=$((0x100000 - 0x9fc00))

# memory_guest MIB [OPTION...] - the map adds up, ACPI is sound, every 2 MiB is there once.
memory_guest() {
	local mib=$1 high=0 available words
	available=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo)
	[ "$available" -gt $((mib + 1024)) ] || [ $# -gt 1 ] ||
		skip "$available MiB are available, and $((mib + 1024)) are wanted"
	[ "$mib" -le 3072 ] || high=$((mib - 3072))
	limit=$((120 * slow)) guest memmap --memory "${mib}M" "${@:2}"
	expect_status 0
	expect_match out "^ram total=$(printf '0x%x' $(((mib << 20) - below_1m))) above_4g=$(printf '0x%x' $((high << 20)))\$"
	expect_match out "^memory base=0x100000 bytes=$(printf '0x%x' $((((mib - high) << 20) - 0x100000))) type=0x1\$"
	[ $high -eq 0 ] ||
		expect_line out "memory base=0x100000000 bytes=$(printf '0x%x' $((high << 20))) type=0x1"
	expect_line out "acpi cpus=1 ioapics=1 ioapic=0xfec00000"
	# The first and the last word of every 2 MiB; the first is cut in two by the hole below 1 MiB.
	words=$((mib + 2))
	expect_line out "touched words=$words wrong=0"
	expect_line out "hole value=0xffffffff"
	# RAM ends where it says: no entry of RAM reaches into the hole.
	if grep -E '^memory .*type=0x1$' out | grep -qE 'base=0x[c-f][0-9a-f]{7} '; then
		fail "RAM between 3 and 4 GiB"
	fi
}

test_memory_16m() {
	memory_guest 16
}

test_memory_64m() {
	memory_guest 64
}

test_memory_exactly_to_the_hole() {
	memory_guest 3072
}

test_memory_just_past_the_hole() {
	memory_guest 3074
}

test_memory_5g() {
	memory_guest 5120
}

# The map of the other two protocols agrees.
test_memory_maps_agree() {
	local kernel
	for kernel in hello_multiboot hello_bzimage; do
		guest $kernel --memory 3074M
		expect_status 0
		expect_match out '^(memory|e820) base=0x100000 bytes=0xbff00000 type=0x1$'
		expect_match out '^(memory|e820) base=0x100000000 bytes=0x200000 type=0x1$'
	done
}

# reserve SIZE_KB COUNT - hugepages, given back when the test ends. Skips where the host has none to give.
reserve() {
	local file=/sys/kernel/mm/hugepages/hugepages-$1kB/nr_hugepages old
	[ -w "$file" ] || skip "$file cannot be written"
	old=$(<"$file")
	at_end+=("echo $old >$file")
	echo $((old + $2)) >"$file" || skip "the host refuses to reserve hugepages"
	[ "$(<"$file")" -ge $((old + $2)) ] ||
		skip "the host reserves $(($(<"$file") - old)) of $2 hugepages of $1 kB"
}

free_hugepages() {
	cat "/sys/kernel/mm/hugepages/hugepages-$1kB/free_hugepages"
}

hugepages_are_free() {
	[ "$(free_hugepages "$1")" -eq "$2" ]
}

test_memory_512m_of_2m_pages() {
	local free
	reserve 2048 256
	free=$(free_hugepages 2048)
	memory_guest 512 --pages 2M
	[ "$(free_hugepages 2048)" -eq "$free" ] || fail "hugepages are not given back"
	start_guest spin --memory 512M --pages 2M
	wait_until $((10 * slow)) hugepages_are_free 2048 $((free - 256)) || fail "the guest's memory is not of hugepages"
	kill -TERM "$pid"
	finish
	[ "$(free_hugepages 2048)" -eq "$free" ] || fail "hugepages are not given back after SIGTERM"
}

test_memory_1g_page() {
	reserve 1048576 1
	memory_guest 1024 --pages 1G
}

test_memory_no_hugepages_left() {
	local free
	free=$(free_hugepages 2048)
	guest spin --memory $(((free + 32) * 2))M --pages 2M
	expect_refusal 'nr_hugepages'
}
