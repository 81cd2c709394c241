// SPDX-License-Identifier: Apache-2.0
#include "core/base/borrow.h"

#include <errno.h>

#include "core/base/diag.h"

int borrow_write(const struct change *change, const char *text, struct diag *why)
{
	(void)change, (void)text;
	return diag_set(why, ENOSYS, "nothing is written");
}

int borrow_remove(const struct change *change, struct diag *why)
{
	(void)change;
	return diag_set(why, ENOSYS, "nothing is removed");
}

int borrow_apply(const struct borrow *borrow, const struct changes *changes,
		 struct borrow_result *ret, struct diag *why)
{
	(void)borrow, (void)changes, (void)ret;
	return diag_set(why, ENOSYS, "nothing is written");
}

int borrow_add(const struct borrow *borrow, const struct changes *changes,
	       struct borrow_result *ret, struct diag *why)
{
	(void)borrow, (void)changes, (void)ret;
	return diag_set(why, ENOSYS, "nothing is written");
}

int borrow_revert(const struct borrow *borrow, struct borrow_result *ret, struct diag *why)
{
	(void)borrow, (void)ret;
	return diag_set(why, ENOSYS, "nothing is written");
}

int borrow_list(const struct borrow *borrow, struct changes *ret, bool *ret_finished,
		struct diag *why)
{
	(void)borrow, (void)ret, (void)ret_finished;
	return diag_set(why, ENOSYS, "nothing is read");
}
