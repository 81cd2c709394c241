// SPDX-License-Identifier: Apache-2.0
/* Numbers that the probe's assembly and its C share. */
#pragma once

/* Where the start-up code of the other vCPUs is copied to: a page below 1 MiB, as SIPI wants it. */
#define AP_TRAMPOLINE 0x8000

#define VECTOR_TIMER 0x40
#define VECTOR_IPI_THERE 0x50
#define VECTOR_IPI_BACK 0x60
#define VECTOR_SPURIOUS 0x7f
#define VECTOR_COUNT 0x80

#define EXCEPTION_COUNT 32

#define SELECTOR_CODE32 0x08
#define SELECTOR_DATA 0x10
#define SELECTOR_CODE64 0x18

#define MULTIBOOT_LOADER_MAGIC 0x2badb002
#define PVH_MAGIC 0x336ec578
