// SPDX-License-Identifier: Apache-2.0
#include "core/cli/json_text.h"

#include <string.h>

#include "core/base/cleanup.h"

json_t *json_text(const char *text)
{
	_cleanup_free_ char *copy = NULL;
	json_t *value = json_string(text);

	if (value != NULL)
		return value;
	copy = strdup(text);
	for (char *at = copy; at != NULL && *at != '\0'; at++) {
		if (*at < ' ' || *at > '~')
			*at = '?';
	}
	return copy == NULL ? NULL : json_string(copy);
}
