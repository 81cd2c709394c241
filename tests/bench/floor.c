// SPDX-License-Identifier: Apache-2.0
/*
 * The floor: the least that runs the probe guest on KVM, and so the limit that a VMM can come near.
 * One thread, one vCPU, one loop; no statistics, no table of traps, no seccomp, no checks of a guest
 * that is our own. What costs time in the kernel is done as bulkhead does it, so that what remains is
 * the difference of the two programs: guest memory is a shared memfd mapping, all of it populated
 * (bulkhead does that beside its bring-up, here it comes first; -n: not at all), everything is locked
 * (-l), the vCPU pinned (-c) and SCHED_FIFO (-f).
 *
 * usage: floor [-m MIB] [-n] [-l] [-c CPU] [-f PRIORITY] [-s] PROBE.ELF [CMDLINE]
 *   -s  the loop under a seccomp filter that allows what it calls, and nothing else in addition
 */
#include <elf.h>
#include <err.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/kvm.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "latency/probe/protocol.h"

enum { START_INFO = 0x1000, CMDLINE = 0x2000, PAGE = 4096, CPUID_MAX = 256 };

/* Failure ends the run: a floor that limps measures nothing. */
#define must(call) ({ long got_ = (long)(call); if (got_ < 0) err(2, "%s", #call); (int)got_; })

static uint8_t *guest_memory(size_t bytes, int prefault)
{
	int fd = must(memfd_create("guest-memory", MFD_CLOEXEC));

	must(ftruncate(fd, (off_t)bytes));
	uint8_t *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		err(2, "mmap");
	if (prefault)
		must(madvise(memory, bytes, MADV_POPULATE_WRITE));
	return memory;
}

/* Segments to where they ask, command line and start information (Xen, hvm_start_info) low. */
static uint32_t load(uint8_t *memory, const char *path, const char *cmdline)
{
	int fd = must(open(path, O_RDONLY | O_CLOEXEC));
	uint64_t start_info[] = {0x336ec578 | 1ULL << 32, 0, 0, CMDLINE, 0, 0, 0};
	Elf64_Ehdr elf;
	Elf64_Phdr segment;

	must(pread(fd, &elf, sizeof(elf), 0));
	for (unsigned i = 0; i < elf.e_phnum; i++) {
		must(pread(fd, &segment, sizeof(segment), (off_t)(elf.e_phoff + i * sizeof(segment))));
		if (segment.p_type == PT_LOAD)
			must(pread(fd, memory + segment.p_paddr, segment.p_filesz, (off_t)segment.p_offset));
	}
	close(fd);
	memcpy(memory + START_INFO, start_info, sizeof(start_info));
	strncpy((char *)memory + CMDLINE, cmdline, PROBE_CMDLINE_MAX);
	return (uint32_t)elf.e_entry; /* the probe's is its PVH entry too */
}

static void set_cpuid(int kvm, int vcpu)
{
	struct kvm_cpuid2 *cpuid = calloc(1, sizeof(*cpuid) + CPUID_MAX * sizeof(cpuid->entries[0]));

	cpuid->nent = CPUID_MAX;
	must(ioctl(kvm, KVM_GET_SUPPORTED_CPUID, cpuid));
	for (unsigned i = 0; i < cpuid->nent; i++) {
		if (cpuid->entries[i].function != 1)
			continue;
		cpuid->entries[i].ebx &= 0x00ffffff;        /* APIC id 0 */
		cpuid->entries[i].ecx |= 1 << 21 | 1 << 24; /* x2APIC, TSC deadline */
	}
	must(ioctl(vcpu, KVM_SET_CPUID2, cpuid));
}

/* 32-bit protected mode, flat, as the PVH entry wants it. */
static void set_registers(int vcpu, uint32_t entry)
{
	struct kvm_segment code = {.limit = UINT32_MAX, .selector = 8, .type = 11, .present = 1,
				   .db = 1, .s = 1, .g = 1};
	struct kvm_segment data = code;
	struct kvm_regs regs = {.rip = entry, .rbx = START_INFO, .rflags = 2};
	struct kvm_sregs sregs;

	data.selector = 16;
	data.type = 3;
	must(ioctl(vcpu, KVM_GET_SREGS, &sregs));
	sregs.cs = code;
	sregs.ds = sregs.es = sregs.fs = sregs.gs = sregs.ss = data;
	sregs.cr0 = 0x11;
	must(ioctl(vcpu, KVM_SET_SREGS, &sregs));
	must(ioctl(vcpu, KVM_SET_REGS, &regs));
}

static void filter_self(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_write, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {.len = sizeof(code) / sizeof(code[0]), .filter = code};

	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	must(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program));
}

/* Until the guest ends itself; returns the status that its way of ending stands for. */
static int run(int vcpu, struct kvm_run *kvm_run)
{
	for (;;) {
		must(ioctl(vcpu, KVM_RUN, 0));
		if (kvm_run->exit_reason == KVM_EXIT_MMIO)
			continue;
		if (kvm_run->exit_reason != KVM_EXIT_IO)
			return 1;
		uint8_t *data = (uint8_t *)kvm_run + kvm_run->io.data_offset;
		if (kvm_run->io.direction == KVM_EXIT_IO_IN)
			*data = kvm_run->io.port == PROBE_PORT_SERIAL + 5 ? 0x60 : 0xff;
		else if (kvm_run->io.port == PROBE_PORT_SERIAL)
			must(write(STDOUT_FILENO, data, 1));
		else if (kvm_run->io.port == PROBE_PORT_EXIT)
			return *data << 1 | 1;
		else if (kvm_run->io.port == PROBE_PORT_SLEEP && *data == PROBE_SLEEP_S5)
			return 0;
	}
}

int main(int argc, char **argv)
{
	size_t bytes = 64 << 20;
	long cpu = -1;
	int prefault = 1, lock = 0, filter = 0;
	struct sched_param fifo = {0};

	for (int option; (option = getopt(argc, argv, "+m:c:f:nls")) != -1;) {
		switch (option) {
		case 'm': bytes = strtoul(optarg, NULL, 10) << 20; break;
		case 'c': cpu = atol(optarg); break;
		case 'f': fifo.sched_priority = atoi(optarg); break;
		case 'n': prefault = 0; break;
		case 'l': lock = 1; break;
		case 's': filter = 1; break;
		default: return 2;
		}
	}
	if (optind >= argc)
		errx(2, "usage: floor [-m MIB] [-n] [-l] [-c CPU] [-f PRIORITY] [-s] PROBE.ELF [CMDLINE]");

	uint8_t *memory = guest_memory(bytes, prefault);
	int kvm = must(open("/dev/kvm", O_RDWR | O_CLOEXEC));
	int vm = must(ioctl(kvm, KVM_CREATE_VM, 0));
	must(ioctl(vm, KVM_SET_TSS_ADDR, 0xfffbd000));
	must(ioctl(vm, KVM_CREATE_IRQCHIP, 0));
	struct kvm_userspace_memory_region slot = {.memory_size = bytes,
						   .userspace_addr = (uintptr_t)memory};
	must(ioctl(vm, KVM_SET_USER_MEMORY_REGION, &slot));
	int vcpu = must(ioctl(vm, KVM_CREATE_VCPU, 0));
	struct kvm_run *kvm_run = mmap(NULL, (size_t)must(ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0)),
				       PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	if (kvm_run == MAP_FAILED)
		err(2, "mmap of kvm_run");
	set_cpuid(kvm, vcpu);
	set_registers(vcpu, load(memory, argv[optind], optind + 1 < argc ? argv[optind + 1] : ""));

	if (lock)
		must(mlockall(MCL_CURRENT | MCL_FUTURE));
	if (cpu >= 0) {
		cpu_set_t set;

		CPU_ZERO(&set);
		CPU_SET((size_t)cpu, &set);
		must(sched_setaffinity(0, sizeof(set), &set));
	}
	if (fifo.sched_priority > 0)
		must(sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &fifo));
	if (filter)
		filter_self();
	return run(vcpu, kvm_run);
}
