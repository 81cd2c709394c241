// SPDX-License-Identifier: Apache-2.0
/* What /dev/kvm says of itself. */
#pragma once

struct host_files;

/** live_kvm() - put /bulkhead/kvm-capabilities, or why it could not be told; nothing where there is no KVM. Returns 0 or -ENOMEM. */
int live_kvm(struct host_files *files);
