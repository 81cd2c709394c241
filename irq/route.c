// SPDX-License-Identifier: Apache-2.0
#include "irq/route.h"

#include <linux/kvm.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/base/sys.h"
#include "core/kvm/vm.h"

int route_apply(const struct vm *vm, struct diag *why)
{
	struct {
		struct kvm_irq_routing head;
		struct kvm_irq_routing_entry entry[ROUTE_IOAPIC_PINS];
	} routes = {.head.nr = ROUTE_IOAPIC_PINS};
	int error;

	for (unsigned pin = 0; pin < ROUTE_IOAPIC_PINS; pin++)
		routes.entry[pin] = (struct kvm_irq_routing_entry){
			.gsi = pin,
			.type = KVM_IRQ_ROUTING_IRQCHIP,
			.u.irqchip = {.irqchip = KVM_IRQCHIP_IOAPIC, .pin = pin},
		};
	error = sys_ioctl(vm->fd, KVM_SET_GSI_ROUTING, &routes);
	if (error < 0)
		return diag_set(why, -error, "interrupts cannot be routed (%s)", strerror(-error));
	return 0;
}
