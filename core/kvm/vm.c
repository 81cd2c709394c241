// SPDX-License-Identifier: Apache-2.0
#include "core/kvm/vm.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "core/base/diag.h"
#include "core/base/sys.h"
#include "core/kvm/memory.h"
#include "core/kvm/spare_apic.h"

/* Intel's real-mode TSS and identity page table live in the guest's address space, inside the hole. */
#define TSS_GPA UINT64_C(0xfffbd000)
#define IDENTITY_MAP_GPA UINT64_C(0xfffbc000)

static int open_kvm(struct diag *why)
{
	int fd = sys_open("/dev/kvm", O_RDWR);

	if (fd >= 0)
		return fd;
	diag_key(why, "/dev/kvm");
	diag_set(why, -fd, "cannot be opened (%s)", strerror(-fd));
	if (fd == -EACCES || fd == -EPERM)
		diag_remedy(why, "run as root or join the group kvm: usermod -aG kvm USER");
	else
		diag_remedy(why, "load the module (modprobe kvm-intel or kvm-amd) and enable "
			    "virtualization in the firmware");
	return fd;
}

static int kvm_failed(int error, const char *what, struct diag *why)
{
	diag_key(why, "KVM");
	return diag_set(why, -error, "%s failed (%s)", what, strerror(-error));
}

static int check_capabilities(const struct vm *vm, struct diag *why)
{
	static const struct {
		int number;
		const char *name;
	} needed[] = {
		{KVM_CAP_IRQCHIP, "KVM_CAP_IRQCHIP"},
		{KVM_CAP_IRQFD, "KVM_CAP_IRQFD"},
		{KVM_CAP_USER_MEMORY, "KVM_CAP_USER_MEMORY"},
		{KVM_CAP_TSC_DEADLINE_TIMER, "KVM_CAP_TSC_DEADLINE_TIMER"},
		{KVM_CAP_SET_TSS_ADDR, "KVM_CAP_SET_TSS_ADDR"},
		{KVM_CAP_MP_STATE, "KVM_CAP_MP_STATE"},
	};
	int version = sys_ioctl_value(vm->kvm, KVM_GET_API_VERSION, 0);

	diag_key(why, "KVM");
	if (version != KVM_API_VERSION)
		return diag_set(why, ENOTSUP, "/dev/kvm speaks API version %d, not %d", version,
				KVM_API_VERSION);
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		if (sys_ioctl_value(vm->kvm, KVM_CHECK_EXTENSION, (unsigned long)needed[i].number) <= 0)
			return diag_set(why, ENOTSUP, "this host's KVM lacks %s", needed[i].name);
	}
	return 0;
}

static int disable_exits(const struct vm *vm, unsigned exits, struct diag *why)
{
	int allowed = sys_ioctl_value(vm->fd, KVM_CHECK_EXTENSION, KVM_CAP_X86_DISABLE_EXITS);
	struct kvm_enable_cap cap = {.cap = KVM_CAP_X86_DISABLE_EXITS, .args = {exits}};
	int error;

	if (exits == 0)
		return 0;
	diag_key(why, "exits.disable");
	if (allowed < 0 || (exits & ~(unsigned)allowed) != 0) {
		diag_set(why, ENOTSUP, "this host's KVM can disable exits 0x%x, not 0x%x "
			 "(MWAIT 1, HLT 2, PAUSE 4, C-states 8)", allowed < 0 ? 0U : (unsigned)allowed,
			 exits);
		diag_remedy(why, "leave them out of exits.disable; on AMD with SMT the module "
			    "parameter kvm.mitigate_smt_rsb=0 or nosmt gives them back");
		return -ENOTSUP;
	}
	error = sys_ioctl(vm->fd, KVM_ENABLE_CAP, &cap);
	return error < 0 ? kvm_failed(error, "KVM_CAP_X86_DISABLE_EXITS", why) : 0;
}

/* CPUID hides the PMU from the guest; where KVM can (Linux 5.18), it need not emulate one either. */
static int disable_pmu(const struct vm *vm, struct diag *why)
{
	int allowed = sys_ioctl_value(vm->fd, KVM_CHECK_EXTENSION, KVM_CAP_PMU_CAPABILITY);
	struct kvm_enable_cap cap = {.cap = KVM_CAP_PMU_CAPABILITY, .args = {KVM_PMU_CAP_DISABLE}};
	int error = 0;

	if (allowed > 0 && (allowed & KVM_PMU_CAP_DISABLE) != 0)
		error = sys_ioctl(vm->fd, KVM_ENABLE_CAP, &cap);
	return error < 0 ? kvm_failed(error, "KVM_CAP_PMU_CAPABILITY", why) : 0;
}

static int create(struct vm *vm, unsigned exits_disabled, struct diag *why)
{
	uint64_t identity_map = IDENTITY_MAP_GPA;
	int error = sys_ioctl_value(vm->kvm, KVM_CREATE_VM, 0);

	if (error < 0)
		return kvm_failed(error, "KVM_CREATE_VM", why);
	vm->fd = error;
	error = disable_exits(vm, exits_disabled, why);
	if (error == 0)
		error = disable_pmu(vm, why);
	if (error != 0)
		return error;
	error = sys_ioctl_value(vm->fd, KVM_SET_TSS_ADDR, TSS_GPA);
	if (error == 0)
		error = sys_ioctl(vm->fd, KVM_SET_IDENTITY_MAP_ADDR, &identity_map);
	if (error == 0)
		error = sys_ioctl_value(vm->fd, KVM_CREATE_IRQCHIP, 0);
	if (error != 0)
		return kvm_failed(error, "creating the interrupt chips", why);
	error = sys_ioctl_value(vm->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	if (error < 0)
		return kvm_failed(error, "KVM_GET_VCPU_MMAP_SIZE", why);
	vm->run_bytes = (uint32_t)error;
	error = sys_ioctl_value(vm->kvm, KVM_CHECK_EXTENSION, KVM_CAP_MAX_VCPUS);
	vm->vcpus_max = error > 0 ? (unsigned)error : 1;
	return 0;
}

int vm_open(unsigned exits_disabled, struct vm *ret, struct diag *why)
{
	struct vm vm = {.kvm = -1, .fd = -1, .spare_apic = -1};
	int error = open_kvm(why);

	if (error >= 0) {
		vm.kvm = error;
		error = check_capabilities(&vm, why);
	}
	if (error == 0)
		error = create(&vm, exits_disabled, why);
	if (error == 0) {
		vm.spare_apic = spare_apic_open(vm.kvm, why);
		error = vm.spare_apic < 0 ? vm.spare_apic : 0;
	}
	if (error != 0) {
		vm_done(&vm);
		return error;
	}
	if (why != NULL)
		why->key[0] = '\0';
	*ret = vm;
	return 0;
}

void vm_done(struct vm *vm)
{
	if (vm->spare_apic > 0)
		close(vm->spare_apic);
	if (vm->fd > 0)
		close(vm->fd);
	if (vm->kvm > 0)
		close(vm->kvm);
	*vm = (struct vm){.kvm = -1, .fd = -1, .spare_apic = -1};
}

int vm_set_memory(const struct vm *vm, const struct guest_memory *memory, struct diag *why)
{
	for (unsigned i = 0; i < memory->count; i++) {
		struct kvm_userspace_memory_region region = {
			.slot = i,
			.guest_phys_addr = memory->region[i].gpa,
			.memory_size = memory->region[i].bytes,
			.userspace_addr = (uint64_t)(uintptr_t)memory->region[i].host,
		};
		int error = sys_ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region);

		if (error != 0)
			return kvm_failed(error, "KVM_SET_USER_MEMORY_REGION", why);
	}
	return 0;
}

int vm_supported_cpuid(const struct vm *vm, struct kvm_cpuid2 *ret, struct diag *why)
{
	int error = sys_ioctl(vm->kvm, KVM_GET_SUPPORTED_CPUID, ret);

	return error < 0 ? kvm_failed(error, "KVM_GET_SUPPORTED_CPUID", why) : 0;
}
