// SPDX-License-Identifier: Apache-2.0
#include "core/kvm/spare_apic.h"

#include <linux/kvm.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/sys.h"

static int failed(int error, struct diag *why)
{
	diag_key(why, "KVM");
	return diag_set(why, -error, "a VM for a spare local APIC cannot be had (%s)", strerror(-error));
}

int spare_apic_open(int kvm, struct diag *why)
{
	struct kvm_enable_cap split = {.cap = KVM_CAP_SPLIT_IRQCHIP};
	_cleanup_close_ int vm = sys_ioctl_value(kvm, KVM_CREATE_VM, 0);
	int vcpu;
	int error;

	if (vm < 0)
		return failed(vm, why);
	/* Local APICs in the kernel, and nothing else. */
	error = sys_ioctl(vm, KVM_ENABLE_CAP, &split);
	if (error < 0)
		return failed(error, why);
	/* A vCPU keeps its VM. */
	vcpu = sys_ioctl_value(vm, KVM_CREATE_VCPU, 0);
	return vcpu < 0 ? failed(vcpu, why) : vcpu;
}
