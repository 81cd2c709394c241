# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The three ways into a guest: what it is given arrives as it was given.

# Two blanks, quotes, a backslash, and words that look like options: a command line is not parsed.
odd_cmdline=' two  blanks "quoted" back\slash --launch-fd=3 console=ttyS0,115200 # end '

test_boot_pvh() {
	guest hello_pvh --cmdline "$odd_cmdline"
	expect_status 0
	expect_line out "hello pvh version=0x1 modules=0 cmdline=[$odd_cmdline]"
	expect_match err 'guest: the guest powered off$'
}

test_boot_pvh_modules() {
	printf 'first module, of 33 bytes in all\n' >first
	printf 'second' >second
	guest hello_pvh --initrd first --initrd second
	expect_status 0
	expect_match out '^hello pvh version=0x1 modules=2 cmdline=\[\]$'
	expect_match out '^module bytes=33 cmdline=\[[^]]*\] first=\[first module, of\]$'
	expect_match out '^module bytes=6 cmdline=\[[^]]*\] first=\[second\]$'
}

test_boot_multiboot() {
	guest hello_multiboot --cmdline "$odd_cmdline"
	expect_status 0
	expect_line out "hello multiboot modules=0 cmdline=[$odd_cmdline]"
	expect_line out "memory lower_kib=639 upper_kib=64512"
}

test_boot_multiboot_modules() {
	local i options=()
	for i in {1..16}; do
		printf 'module %d' "$i" >"module-$i"
		options+=(--initrd "module-$i")
	done
	guest hello_multiboot "${options[@]}"
	expect_status 0
	expect_match out '^hello multiboot modules=16 cmdline=\[\]$'
	for i in {1..16}; do
		expect_match out "^module bytes=$((7 + ${#i})) string=\\[.*\\] first=\\[module $i\\]$"
	done
}

test_boot_bzimage() {
	guest hello_bzimage --cmdline "$odd_cmdline"
	expect_status 0
	expect_line out "hello bzimage entry=64 loader=0xff cmdline=[$odd_cmdline]"
	expect_line out "initrd bytes=0 sum=0x0"
	expect_line out "e820 base=0x100000 bytes=0x3f00000 type=0x1"
}

test_boot_bzimage_initrd() {
	local sum
	head -c 1000001 /dev/urandom >initrd
	sum=$(od -An -v -w1 -tu1 initrd | awk '{ sum += $1 } END { printf "0x%x", sum }')
	guest hello_bzimage --initrd initrd
	expect_status 0
	expect_line out "initrd bytes=1000001 sum=$sum"
}

# The longest command line a partition takes, and one byte more.
test_boot_cmdline_longest() {
	local line kernel
	line=$(head -c 2047 /dev/zero | tr '\0' x)
	for kernel in hello_pvh hello_multiboot hello_bzimage; do
		guest $kernel --cmdline "$line"
		expect_status 0
		grep -qF "cmdline=[$line]" out || fail "$kernel did not get all of its 2047 bytes"
	done
	guest hello_pvh --cmdline "${line}x"
	expect_refusal 'cmdline'
}

# The TSC's frequency stands where guests look for it, and no time but the TSC's is promised.
test_boot_cpuid() {
	guest cpuid --cmdline 'leaf=0x15 leaf=0x40000010 leaf=1 leaf=6'
	expect_status 0
	expect_match out '^cpuid 0x15:0x0 eax=0x[1-9a-f]'
	expect_match out '^cpuid 0x40000010:0x0 eax=0x[1-9a-f]'
	# Leaf 1 ECX: x2APIC, TSC-deadline timer and hypervisor present; no VMX.
	local ecx
	ecx=$(($(grep '^cpuid 0x1:' out | sed 's/.*ecx=\(0x[0-9a-f]*\).*/\1/')))
	((ecx >> 21 & 1)) || fail "no x2APIC in CPUID"
	((ecx >> 24 & 1)) || fail "no TSC-deadline timer in CPUID"
	((ecx >> 31 & 1)) || fail "no hypervisor bit in CPUID"
	((!(ecx >> 5 & 1))) || fail "VMX shows in CPUID"
	ecx=$(($(grep '^cpuid 0x6:' out | sed 's/.*ecx=\(0x[0-9a-f]*\).*/\1/')))
	((!(ecx & 1))) || fail "APERF and MPERF show in CPUID"
}

test_boot_clock() {
	local told now
	guest rtc
	expect_status 0
	told=$(date -ud "$(sed -n 's/^rtc //p' out)" +%s) || fail "no date"
	now=$(date +%s)
	((now - told >= 0 && now - told <= 30)) ||
		fail "the guest's clock is $((now - told)) s behind the host's"
	guest rtc --cmdline set=1
	expect_match out '^rtc (1999-12-31 23:59:5[89]|2000-01-01 00:00:0[0-9])$'
}

test_boot_timer() {
	guest timer --cmdline 'ticks=200 us=500'
	expect_status 0
	expect_match out '^timer ticks=200 early=0 '
}
