// SPDX-License-Identifier: Apache-2.0
/* The bytes behind core/config/embedded.h. Assembled from the root of the tree. */

.macro embed symbol, path
	.global \symbol
	.global \symbol\()_end
	.type \symbol, %object
\symbol:
	.incbin "\path"
\symbol\()_end:
	.byte 0
	.size \symbol, . - \symbol
.endm

	.section .rodata
	embed profile_industrial_yaml, "configs/profiles/industrial.yaml"
	embed profile_nfv_yaml, "configs/profiles/nfv.yaml"
	embed profile_best_effort_yaml, "configs/profiles/best-effort.yaml"
	embed quickstart_yaml, "configs/quickstart.yaml"
	embed unit_slice, "configs/systemd/bulkhead.slice.in"
	embed unit_host, "configs/systemd/bulkhead-host.service.in"
	embed unit_partition, "configs/systemd/bulkhead-partition.service.in"
	embed unit_watch, "configs/systemd/bulkhead-watch.service.in"

	.section .note.GNU-stack, "", %progbits
