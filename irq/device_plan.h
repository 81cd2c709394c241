// SPDX-License-Identifier: Apache-2.0
/* Devices that are passed through: whether they can be, alone, near, and with interrupts posted. */
#pragma once

struct findings;
struct host_facts;
struct machine_config;

/**
 * device_plan() - hold every device of the file against the host.
 * @findings: rules device-absent, device-twice, device-bridge, device-no-iommu, device-group (others share
 * the IOMMU group; bridges and devices of the same partition do not count), device-function (a virtual function
 * whose physical one is passed through as well), device-node, device-unknown,
 * posted-absent, posted-unknown.
 *
 * Pure. Stage: plan. Returns 0 or -ENOMEM.
 */
int device_plan(const struct machine_config *machine, const struct host_facts *host,
		struct findings *findings);
