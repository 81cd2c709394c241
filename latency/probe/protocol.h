// SPDX-License-Identifier: Apache-2.0
/*
 * What the probe guest and its host agree on: the command line the probe takes, the ports it uses,
 * the text it prints. Freestanding: no libc.
 *
 * The command line: words separated by blanks, each NAME=VALUE, numbers decimal or 0x hexadecimal.
 *
 *   modes=LIST          what to measure, comma separated, in this order; each one of
 *                         timer      lateness of a TSC-deadline wake-up from sti;hlt
 *                         pio        one OUT to port 0x80
 *                         mmio       one 4-byte read of unbacked memory at 0xd0000000
 *                         cpuid      one CPUID instruction
 *                         hypercall  one VMCALL or VMMCALL of an unknown number (KVM answers -KVM_ENOSYS)
 *                         spin       the time between two readings of the TSC in a tight loop
 *                         ipi        fixed IPI from the boot vCPU to a second one; also measures
 *                                    ipi-round-trip, there and back
 *                         idle       no samples: sti;hlt for duration_cycles and one wake-up
 *                       or MODE:SAMPLES to give one mode its own number. Default: timer.
 *   samples=N           end a mode after N samples; 0 for no bound. Default 10000.
 *   duration_cycles=N   end a mode after N TSC cycles; 0 for no bound, refused where neither bounds a
 *                       mode. idle and spin need it: spin has no other bound, and samples= is not
 *                       one. Default 0.
 *   period_cycles=N     timer: from one deadline to the next, at least 10000. Default 1000000.
 *   seal=1              write 1 to port 0xf5 just before each measuring phase and 0 just after it.
 *                       (QEMU's isa-debug-exit takes 0xf5 too, unless told iosize=1.)
 *   exit=V              at the end, write V (0 to 255) to port 0xf4; where nothing comes of it, or
 *                       without this option, power off through port 0x600 (ACPI sleep control, S5),
 *                       and last by a triple fault. A run that failed writes 0x7f in place of V.
 *   qemu=1              at the end, write 0 to port 0xf4 (isa-debug-exit: status 1), then power off as
 *                       QEMU's pc and q35 do, then triple fault (use with -no-reboot).
 *
 * The program name that some loaders put first is skipped: a first word without "=" is not an option.
 * Anything else that is not listed ends the run with an error line. A mode runs past
 * its bounds by no more than one sample; WARMUP_SAMPLES (modes.h) come on top of samples=.
 *
 * The output, one line each, ended by \n; numbers decimal; times in TSC cycles:
 *
 *   bulkhead-probe 1                      banner and version; its first byte is written by the first
 *                                         instructions of the guest
 *   guest KEY VALUE                       what the guest sees: vendor, tsc_khz (0: not told), apic
 *                                         (x2apic|xapic), tsc_deadline (0|1)
 *   start MODE                            about to measure; nothing is printed until it is over
 *   mode MEASUREMENT                      a result; these follow, in this order:
 *     clock NAME                          tsc-deadline; lapic-one-shot where the timer mode had to fall
 *                                         back; tsc for everything else
 *     cycles N                            how long the phase took
 *     warmup N                            samples discarded at its beginning
 *     floor N, below N                    samples under the floor are counted, not bucketed
 *     samples N, min N, max N, sum N, overflow N, lost N
 *     bucket LOW COUNT                    each bucket used, ascending; LOW as bucket_low() says
 *     end MEASUREMENT
 *   unsupported MEASUREMENT REASON...     it could not be measured here, and why
 *   error REASON...                       the run failed; done does not follow
 *   done LINES CHECKSUM                   lines printed before this one, and the FNV-1a 32 of their
 *                                         bytes, newlines included, eight hexadecimal digits
 *
 * idle prints a result whose only sample is the lateness of its one wake-up.
 */
#pragma once

#include <stdint.h>

#define PROBE_BANNER "bulkhead-probe 1"

enum {
	PROBE_VERSION = 1,
	PROBE_LINE_MAX = 160, /* bytes in a line, newline included */
	PROBE_CMDLINE_MAX = 1024,

	PROBE_PORT_PIO = 0x80,
	PROBE_PORT_EXIT = 0xf4,
	PROBE_PORT_SEAL = 0xf5,
	PROBE_PORT_SERIAL = 0x3f8,
	PROBE_PORT_SLEEP = 0x600,
	PROBE_SLEEP_S5 = 5 << 2 | 1 << 5,
	PROBE_EXIT_FAILED = 0x7f,
};

#define PROBE_MMIO_ADDRESS UINT64_C(0xd0000000)
#define PROBE_FNV_START UINT32_C(2166136261)
#define PROBE_FNV_PRIME UINT32_C(16777619)

/** enum probe_measurement - everything that can be measured; a mode measures one, ipi two. */
enum probe_measurement {
	PROBE_TIMER,
	PROBE_PIO,
	PROBE_MMIO,
	PROBE_CPUID,
	PROBE_HYPERCALL,
	PROBE_SPIN,
	PROBE_IPI,
	PROBE_IPI_ROUND_TRIP,
	PROBE_IDLE,
	PROBE_MEASUREMENT_COUNT,
};

/* The names on the wire, in the order of the enum. */
#define PROBE_MEASUREMENT_NAMES \
	"timer", "pio", "mmio", "cpuid", "hypercall", "spin", "ipi", "ipi-round-trip", "idle"
