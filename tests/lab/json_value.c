// SPDX-License-Identifier: Apache-2.0
/* json_value FILE KEY...: print one value of a JSON file, walking objects by key. Ends with 0; 1 where
 * the value is absent; 2 where the file is no JSON. Objects and arrays print as their length. */
#include <jansson.h>
#include <stdio.h>

static void print(const json_t *value)
{
	if (json_is_string(value))
		printf("%s\n", json_string_value(value));
	else if (json_is_integer(value))
		printf("%" JSON_INTEGER_FORMAT "\n", json_integer_value(value));
	else if (json_is_real(value))
		printf("%g\n", json_real_value(value));
	else if (json_is_object(value))
		printf("%zu\n", json_object_size(value));
	else if (json_is_array(value))
		printf("%zu\n", json_array_size(value));
	else
		printf("%s\n", json_is_true(value) ? "true" : json_is_false(value) ? "false" : "null");
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: json_value FILE KEY...\n");
		return 2;
	}
	json_error_t error;
	json_t *root = json_load_file(argv[1], JSON_REJECT_DUPLICATES, &error);
	if (root == NULL) {
		fprintf(stderr, "%s:%d:%d: %s\n", argv[1], error.line, error.column, error.text);
		return 2;
	}
	const json_t *value = root;
	for (int i = 2; i < argc && value != NULL; i++)
		value = json_object_get(value, argv[i]);
	if (value != NULL)
		print(value);
	int status = value == NULL;
	json_decref(root);
	return status;
}
