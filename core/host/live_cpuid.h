// SPDX-License-Identifier: Apache-2.0
/* CPUID of the calling CPU. */
#pragma once

struct host_files;

/** live_cpuid() - put /bulkhead/cpuid. Returns 0 or -ENOMEM. */
int live_cpuid(struct host_files *files);
