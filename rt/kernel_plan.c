// SPDX-License-Identifier: Apache-2.0
#include "rt/kernel_plan.h"

#include <errno.h>
#include <linux/version.h>
#include <string.h>

#include "core/base/findings.h"
#include "core/config/machine.h"
#include "core/host/host.h"

static const unsigned oldest = KERNEL_VERSION(6, 1, 0);

static struct diag *begin(const struct machine_config *machine, enum finding_kind kind,
			  const char *rule, struct findings *findings)
{
	struct diag *diag = findings_add(findings, kind, rule, FINDING_MACHINE);

	diag_at(diag, machine->file, machine->kernel_at.line, machine->kernel_at.column);
	diag_key(diag, "host.kernel");
	return diag;
}

static void check_preempt_rt(const struct machine_config *machine, const struct host_facts *host,
			     struct findings *findings)
{
	const char *release = host->kernel.release;
	struct diag *diag;

	if (!machine->require_preempt_rt || host->kernel.preempt_rt == FACT_YES)
		return;
	if (host->kernel.preempt_rt == FACT_NO) {
		diag = begin(machine, FINDING_REFUSED, "kernel-preempt-rt", findings);
		diag_set(diag, ENOTSUP, "this host's kernel%s%s is not PREEMPT_RT (/sys/kernel/realtime "
			 "does not read 1)", *release == '\0' ? "" : " ", release);
		diag_remedy(diag, "boot a PREEMPT_RT kernel (Debian: linux-image-rt-amd64), or state "
			    "kernel: any");
		return;
	}
	diag = begin(machine, FINDING_UNKNOWN, "kernel-unknown", findings);
	diag_set(diag, ENODATA, "whether this host's kernel is PREEMPT_RT could not be read "
		 "(/sys/kernel/realtime, /proc/version)");
	diag_remedy(diag, "let one of them be read, or capture the host again with them");
}

static void check_version(const struct machine_config *machine, const struct host_facts *host,
			  struct findings *findings)
{
	const char *release = host->kernel.release;
	unsigned version = host->kernel.version;
	struct diag *diag;

	if (version >= oldest)
		return;
	if (version != 0) {
		diag = begin(machine, FINDING_REFUSED, "kernel-old", findings);
		diag_set(diag, ENOTSUP, "this host runs Linux %u.%u; partitions need 6.1 or later",
			 version >> 16, version >> 8 & 0xff);
		diag_got(diag, release, strlen(release));
		diag_remedy(diag, "boot Linux 6.1 or later");
		return;
	}
	diag = begin(machine, FINDING_NOTE, "kernel-unknown", findings);
	diag_set(diag, 0, "which kernel this host runs could not be read "
		 "(/proc/sys/kernel/osrelease): partitions need Linux 6.1 or later");
}

int kernel_plan(const struct machine_config *machine, const struct host_facts *host,
		struct findings *findings)
{
	check_version(machine, host, findings);
	check_preempt_rt(machine, host, findings);
	return 0;
}
