// SPDX-License-Identifier: Apache-2.0
#include "core/base/findings.h"

#include <stdlib.h>

static bool findings_grow(struct findings *findings)
{
	size_t room = findings->room == 0 ? 16 : findings->room * 2;
	struct finding *item;

	if (findings->count < findings->room)
		return true;
	if (findings->count == FINDINGS_MAX)
		return false;
	item = realloc(findings->item, room * sizeof(*item));
	if (item == NULL)
		return false;
	findings->item = item;
	findings->room = room;
	return true;
}

struct diag *findings_add(struct findings *findings, enum finding_kind kind, const char *rule,
			  int partition)
{
	struct finding *finding;

	if (!findings_grow(findings)) {
		findings->lost = true;
		findings->spare = (struct diag){0};
		return &findings->spare;
	}
	finding = &findings->item[findings->count++];
	*finding = (struct finding){.kind = kind, .rule = rule, .partition = partition};
	return &finding->diag;
}

size_t findings_count(const struct findings *findings, enum finding_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < findings->count; i++)
		count += findings->item[i].kind == kind;
	return count;
}

void findings_done(struct findings *findings)
{
	free(findings->item);
	*findings = (struct findings){0};
}
