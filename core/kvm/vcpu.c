// SPDX-License-Identifier: Apache-2.0
#include "core/kvm/vcpu.h"

#include <errno.h>
#include <linux/kvm.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/diag.h"
#include "core/base/sys.h"
#include "core/kvm/vm.h"

static int failed(int error, unsigned index, const char *what, struct diag *why)
{
	diag_key(why, "KVM");
	return diag_set(why, -error, "vCPU %u: %s failed (%s)", index, what, strerror(-error));
}

/* MTRRs off would make a guest that believes them run uncached; write-back is what firmware sets. */
static int set_msrs(const struct vcpu *vcpu)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entry[2];
	} msrs = {
		.head.nmsrs = 2,
		.entry = {
			{.index = 0x2ff, .data = 1U << 11 | 6}, /* IA32_MTRR_DEF_TYPE: enabled, WB */
			{.index = 0x1a0, .data = 1},            /* IA32_MISC_ENABLE: fast strings */
		},
	};
	int set = sys_ioctl(vcpu->runner.fd, KVM_SET_MSRS, &msrs);

	return set < 0 ? set : 0;
}

static int create(const struct vm *vm, unsigned index, struct vcpu *vcpu, struct diag *why)
{
	void *run = NULL;
	int error = sys_ioctl_value(vm->fd, KVM_CREATE_VCPU, index);

	if (error < 0)
		return failed(error, index, "KVM_CREATE_VCPU", why);
	vcpu->runner.fd = error;
	error = sys_map(vcpu->runner.fd, 0, vm->run_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, &run);
	if (error != 0)
		return failed(error, index, "mapping kvm_run", why);
	vcpu->runner.run = run;
	return 0;
}

int vcpu_open(const struct vm *vm, unsigned index, struct vcpu *ret, struct diag *why)
{
	struct vcpu vcpu = {.index = index, .run_bytes = vm->run_bytes, .runner.fd = -1};
	int error = create(vm, index, &vcpu, why);

	if (error != 0) {
		vcpu_done(&vcpu);
		return error;
	}
	*ret = vcpu;
	return 0;
}

void vcpu_done(struct vcpu *vcpu)
{
	if (vcpu->runner.run != NULL)
		munmap(vcpu->runner.run, vcpu->run_bytes);
	if (vcpu->runner.fd > 0)
		close(vcpu->runner.fd);
	*vcpu = (struct vcpu){.runner.fd = -1};
}

int vcpu_tsc_khz(const struct vcpu *vcpu, uint32_t *ret, struct diag *why)
{
	int khz = sys_ioctl_value(vcpu->runner.fd, KVM_GET_TSC_KHZ, 0);

	if (khz <= 0)
		return failed(khz < 0 ? khz : -EIO, vcpu->index, "KVM_GET_TSC_KHZ", why);
	*ret = (uint32_t)khz;
	return 0;
}

int vcpu_set_cpuid(const struct vcpu *vcpu, struct kvm_cpuid2 *cpuid, struct diag *why)
{
	int error = sys_ioctl(vcpu->runner.fd, KVM_SET_CPUID2, cpuid);

	if (error < 0)
		return failed(error, vcpu->index, "KVM_SET_CPUID2", why);
	error = set_msrs(vcpu);
	return error < 0 ? failed(error, vcpu->index, "KVM_SET_MSRS", why) : 0;
}

int vcpu_get_sregs(const struct vcpu *vcpu, struct kvm_sregs *ret, struct diag *why)
{
	int error = sys_ioctl(vcpu->runner.fd, KVM_GET_SREGS, ret);

	return error < 0 ? failed(error, vcpu->index, "KVM_GET_SREGS", why) : 0;
}

int vcpu_set_entry(const struct vcpu *vcpu, const struct kvm_regs *regs,
		   const struct kvm_sregs *sregs, struct diag *why)
{
	struct kvm_regs general = *regs;
	struct kvm_sregs special = *sregs;
	int error = sys_ioctl(vcpu->runner.fd, KVM_SET_SREGS, &special);

	if (error < 0)
		return failed(error, vcpu->index, "KVM_SET_SREGS", why);
	error = sys_ioctl(vcpu->runner.fd, KVM_SET_REGS, &general);
	return error < 0 ? failed(error, vcpu->index, "KVM_SET_REGS", why) : 0;
}

int vcpu_enter_once(const struct vcpu *vcpu, struct diag *why)
{
	int error;

	vcpu->runner.run->immediate_exit = 1;
	error = sys_ioctl_value(vcpu->runner.fd, KVM_RUN, 0);
	vcpu->runner.run->immediate_exit = 0;
	if (error < 0 && error != -EINTR)
		return failed(error, vcpu->index, "KVM_RUN", why);
	return 0;
}

uint64_t vcpu_rip(const struct vcpu *vcpu)
{
	struct kvm_regs regs = {0};

	return sys_ioctl(vcpu->runner.fd, KVM_GET_REGS, &regs) < 0 ? 0 : regs.rip;
}
