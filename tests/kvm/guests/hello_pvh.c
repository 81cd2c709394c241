// SPDX-License-Identifier: Apache-2.0
/*
 * Prints "hello pvh version=0x1 modules=N cmdline=[...]", for each module
 * "module bytes=N cmdline=[...] first=[up to 16 bytes]", and powers off.
 */
#include "runtime.h"
#include "start_info.h"

void guest_main(const struct start_info *info)
{
	const struct start_module *module = (const struct start_module *)info->modules;

	print("hello pvh");
	print_field("version", info->version);
	print_count("modules", info->module_count);
	print(" cmdline=[");
	print(guest_cmdline);
	print("]\n");
	for (uint32_t i = 0; i < info->module_count; i++) {
		print("module");
		print_count("bytes", module[i].bytes);
		print(" cmdline=[");
		if (module[i].cmdline != 0)
			print((const char *)module[i].cmdline);
		print("] first=[");
		print_bytes((const void *)module[i].address,
			    module[i].bytes < 16 ? module[i].bytes : 16);
		print("]\n");
	}
}
