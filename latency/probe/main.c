// SPDX-License-Identifier: Apache-2.0
/*
 * The probe: a guest that measures how well it is run. What it takes and prints is in protocol.h.
 */
#include <stddef.h>
#include <stdint.h>

#include "latency/probe/apic.h"
#include "latency/probe/cpu.h"
#include "latency/probe/finish.h"
#include "latency/probe/layout.h"
#include "latency/probe/modes.h"
#include "latency/probe/options.h"
#include "latency/probe/serial.h"
#include "latency/probe/text.h"
#include "latency/probe/trap.h"

/* The start of PVH's hvm_start_info (Xen, arch-x86/hvm/start_info.h). */
struct pvh_start {
	uint32_t magic;
	uint32_t version;
	uint32_t flags;
	uint32_t module_count;
	uint64_t modules;
	uint64_t cmdline;
};

/* The start of Multiboot 1's information. */
struct multiboot_start {
	uint32_t flags;
	uint32_t memory_low, memory_high;
	uint32_t boot_device;
	uint32_t cmdline;
};

enum { MULTIBOOT_HAS_CMDLINE = 1 << 2 };

void probe_main(uint32_t magic, uint64_t start);

static char cmdline[PROBE_CMDLINE_MAX];
static struct options options;

/*
 * The command line of whichever loader it was; below 4 GiB, or the probe could not see it. PVH is
 * asked first: qboot, QEMU's microvm firmware, leaves Multiboot's magic in %eax for PVH guests too.
 */
static const char *loader_cmdline(uint32_t magic, uint64_t start)
{
	const struct multiboot_start *multiboot = (const struct multiboot_start *)start;
	const struct pvh_start *pvh = (const struct pvh_start *)start;

	if (pvh->magic == PVH_MAGIC)
		return (const char *)pvh->cmdline;
	if (magic != MULTIBOOT_LOADER_MAGIC || (multiboot->flags & MULTIBOOT_HAS_CMDLINE) == 0)
		return NULL;
	return (const char *)(uint64_t)multiboot->cmdline;
}

/* Copied, because the loader's memory may be where the other vCPUs start. */
static const char *options_read(uint32_t magic, uint64_t start)
{
	const char *text = loader_cmdline(magic, start);
	size_t length = text == NULL ? 0 : text_length(text);

	if (length >= sizeof(cmdline))
		length = sizeof(cmdline) - 1;
	bytes_copy(cmdline, text, length);
	return options_parse(cmdline, &options);
}

/* From CPUID 0x15 or KVM's 0x40000010; 0 where neither tells. */
static uint64_t tsc_khz(void)
{
	struct cpuid ratio = cpuid_read(0x15);

	if (cpuid_read(0).eax >= 0x15 && ratio.eax != 0 && ratio.ebx != 0 && ratio.ecx != 0)
		return (uint64_t)ratio.ecx * ratio.ebx / ratio.eax / 1000;
	if (cpuid_read(1).ecx >> 31 != 0 && cpuid_read(0x40000000).eax >= 0x40000010)
		return cpuid_read(0x40000010).eax;
	return 0;
}

static void guest_print(void)
{
	struct cpuid id = cpuid_read(0);
	uint32_t vendor[4] = {id.ebx, id.edx, id.ecx, 0};

	serial_text("guest vendor ");
	serial_text((const char *)vendor);
	serial_text("\nguest apic ");
	serial_text(apic_is_x2apic() ? "x2apic" : "xapic");
	serial_text("\n");
	serial_field("guest tsc_deadline", apic_has_tsc_deadline());
	serial_field("guest tsc_khz", tsc_khz());
}

/* Called by entry.S with what the loader left in %eax and %ebx. */
void probe_main(uint32_t magic, uint64_t start)
{
	const char *wrong;

	serial_start();
	wrong = options_read(magic, start);
	finish_setup(&options);
	trap_setup();
	if (wrong != NULL) {
		serial_text("error ");
		serial_text(wrong);
		serial_text("\n");
		finish(FINISH_FAILED);
	}
	apic_setup();
	guest_print();
	for (unsigned i = 0; i < options.mode_count; i++)
		mode_run(&options.mode[i], &options);
	serial_done();
	finish(FINISH_DONE);
}
