// SPDX-License-Identifier: Apache-2.0
/*
 * A host as it was before apply changed it, as far as targets follow from what is there: an interrupt that a
 * partition drove off a CPU shall come back to it once that is nobody's any longer.
 */
#pragma once

struct changes;
struct host_facts;

/**
 * cut_before() - give settings of the kernel, interrupts and threads in a snapshot the values that the journal has
 * of them, and take the facts anew.
 * @borrowed: of borrow_list().
 *
 * Hugepages, cache and control groups are planned from what is there. Pure. Returns 0 or -ENOMEM.
 */
int cut_before(struct host_facts *host, const struct changes *borrowed);

/**
 * cut_before_undo() - in a list that was planned so, say what is there now, and what holds.
 * @now: the list that comes of the host as it is.
 *
 * Pure. Its @lost tells of want of memory.
 */
void cut_before_undo(struct changes *changes, const struct changes *now);
