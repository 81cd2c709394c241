// SPDX-License-Identifier: Apache-2.0
/* KVM's capabilities, asked of /dev/kvm itself: Documentation/virt/kvm/api.rst, 4.4 KVM_CHECK_EXTENSION. */
#include "core/host/live_kvm.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>

#include "core/base/cleanup.h"
#include "core/base/sys.h"
#include "core/host/files.h"

#define PATH "/bulkhead/kvm-capabilities"
#define CAPABILITY(name) {#name, KVM_CAP_##name}

static const struct {
	const char *name;
	unsigned number;
} capabilities[] = {
	CAPABILITY(ADJUST_CLOCK),
	CAPABILITY(BINARY_STATS_FD),
	CAPABILITY(CHECK_EXTENSION_VM),
	CAPABILITY(ENABLE_CAP_VM),
	CAPABILITY(EXT_CPUID),
	CAPABILITY(GET_TSC_KHZ),
	CAPABILITY(HALT_POLL),
	CAPABILITY(HYPERV),
	CAPABILITY(IMMEDIATE_EXIT),
	CAPABILITY(IOEVENTFD),
	CAPABILITY(IOEVENTFD_NO_LENGTH),
	CAPABILITY(IRQCHIP),
	CAPABILITY(IRQFD),
	CAPABILITY(IRQFD_RESAMPLE),
	CAPABILITY(IRQ_ROUTING),
	CAPABILITY(KVMCLOCK_CTRL),
	CAPABILITY(MAX_VCPUS),
	CAPABILITY(MAX_VCPU_ID),
	CAPABILITY(NR_MEMSLOTS),
	CAPABILITY(NR_VCPUS),
	CAPABILITY(PIT2),
	CAPABILITY(READONLY_MEM),
	CAPABILITY(SIGNAL_MSI),
	CAPABILITY(SPLIT_IRQCHIP),
	CAPABILITY(STEAL_TIME),
	CAPABILITY(SYNC_MMU),
	CAPABILITY(TSC_CONTROL),
	CAPABILITY(TSC_DEADLINE_TIMER),
	CAPABILITY(VM_DISABLE_NX_HUGE_PAGES),
	CAPABILITY(X2APIC_API),
	CAPABILITY(X86_DISABLE_EXITS),
	CAPABILITY(X86_NOTIFY_VMEXIT),
};

int live_kvm(struct host_files *files)
{
	_cleanup_close_ int registered = sys_open("/sys/devices/virtual/misc/kvm", O_PATH);
	_cleanup_close_ int fd = -1;
	char text[2048];
	size_t used = 0;

	/* Opening a node without a driver would have the kernel load one. */
	fd = sys_open("/dev/kvm", registered < 0 ? O_PATH : O_RDONLY);
	if (fd == -ENOENT)
		return 0;
	if (fd < 0 || registered < 0)
		return host_files_put_error(files, PATH, fd < 0 ? -fd : ENODEV);
	int version = sys_ioctl_value(fd, KVM_GET_API_VERSION, 0);
	if (version < 0)
		return host_files_put_error(files, PATH, -version);
	used = (size_t)snprintf(text, sizeof(text), "API_VERSION %d", version);
	for (size_t i = 0; i < sizeof(capabilities) / sizeof(capabilities[0]); i++) {
		int value = sys_ioctl_value(fd, KVM_CHECK_EXTENSION, capabilities[i].number);

		if (value < 0)
			continue;
		int written = snprintf(text + used, sizeof(text) - used, "\n%s %d", capabilities[i].name,
				       value);
		if (written < 0 || (size_t)written >= sizeof(text) - used)
			break;
		used += (size_t)written;
	}
	return host_files_put_bytes(files, PATH, text, used);
}
