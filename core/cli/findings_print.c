// SPDX-License-Identifier: Apache-2.0
#include "core/cli/findings_print.h"

static const char *kind_name(enum finding_kind kind)
{
	switch (kind) {
	case FINDING_REFUSED:
		return "refused";
	case FINDING_UNKNOWN:
		return "unknown";
	case FINDING_NOTE:
		return "note";
	}
	return "";
}

void findings_print(const struct findings *findings, FILE *stream)
{
	char line[2048];

	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->item[i];

		fprintf(stream, "bulkhead: %s: %s\n", kind_name(finding->kind),
			diag_format(&finding->diag, line, sizeof(line)));
	}
	if (findings->lost)
		fputs("bulkhead: unknown: there is more than could be kept\n", stream);
}

static int set_text(json_t *object, const char *key, const char *text)
{
	return *text == '\0' ? 0 : json_object_set_new(object, key, json_string(text));
}

static int set_number(json_t *object, const char *key, unsigned number)
{
	return number == 0 ? 0 : json_object_set_new(object, key, json_integer(number));
}

static json_t *finding_to_json(const struct finding *finding)
{
	const struct diag *diag = &finding->diag;
	json_t *object = json_object();
	int failed = set_text(object, "kind", kind_name(finding->kind));

	failed |= set_text(object, "rule", finding->rule);
	if (finding->partition != FINDING_MACHINE)
		failed |= json_object_set_new(object, "partition", json_integer(finding->partition));
	failed |= set_text(object, "file", diag->file);
	failed |= set_number(object, "line", diag->line);
	failed |= set_number(object, "column", diag->column);
	failed |= set_text(object, "key", diag->key);
	failed |= set_text(object, "text", diag->text);
	failed |= set_text(object, "got", diag->got);
	failed |= set_text(object, "allowed", diag->allowed);
	failed |= set_text(object, "remedy", diag->remedy);
	if (failed == 0)
		return object;
	json_decref(object);
	return NULL;
}

json_t *findings_to_json(const struct findings *findings)
{
	json_t *list = json_array();

	for (size_t i = 0; i < findings->count; i++) {
		if (json_array_append_new(list, finding_to_json(&findings->item[i])) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}
