// SPDX-License-Identifier: Apache-2.0
/*
 * For each option leaf=L or leaf=L:S prints "cpuid L:S eax=0x.. ebx=0x.. ecx=0x.. edx=0x..", and
 * powers off.
 */
#include "interrupts.h"
#include "runtime.h"
#include "start_info.h"

void guest_main(const struct start_info *info)
{
	(void)info;
	for (const char *at = option_next("leaf", NULL); at != NULL; at = option_next("leaf", at)) {
		const char *end;
		uint32_t leaf = (uint32_t)number(at, &end);
		uint32_t subleaf = *end == ':' ? (uint32_t)number(end + 1, NULL) : 0;
		struct cpuid found = cpuid_read(leaf, subleaf);

		print("cpuid ");
		print_hex(leaf);
		print(":");
		print_hex(subleaf);
		print_field("eax", found.eax);
		print_field("ebx", found.ebx);
		print_field("ecx", found.ecx);
		print_field("edx", found.edx);
		print("\n");
	}
}
