// SPDX-License-Identifier: Apache-2.0
/* state_page PID: what the VMM of that process says in its state page, one "KEY VALUE" a line, without
 * waking it. Ends with 0; 1 where the process has no such page. */
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/vmm/state.h"

/* The descriptor whose memfd is called "state" and holds a page of our version. */
static const struct machine_state *find(const char *pid)
{
	char folder[64];
	char path[sizeof(folder) + sizeof(((struct dirent *)NULL)->d_name) + 1];
	const struct machine_state *found = NULL;
	struct dirent *entry;

	snprintf(folder, sizeof(folder), "/proc/%.20s/fd", pid);
	DIR *descriptors = opendir(folder);
	while (descriptors != NULL && found == NULL && (entry = readdir(descriptors)) != NULL) {
		char target[256] = "";
		struct stat about;

		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		if (readlink(path, target, sizeof(target) - 1) < 0 ||
		    strncmp(target, "/memfd:state", 12) != 0)
			continue;
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0 && fstat(fd, &about) == 0) {
			found = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_SHARED, fd, 0);
			if (found == MAP_FAILED || found->magic != STATE_MAGIC ||
			    found->version != STATE_VERSION ||
			    (uint64_t)about.st_size < state_bytes(found->vcpus))
				found = NULL;
		}
		if (fd >= 0)
			close(fd);
	}
	if (descriptors != NULL)
		closedir(descriptors);
	return found;
}

int main(int argc, char **argv)
{
	const struct machine_state *state = argc == 2 ? find(argv[1]) : NULL;

	if (state == NULL) {
		fprintf(stderr, "state_page: the process has no state page\n");
		return 1;
	}
	printf("sealed %d\n", atomic_load(&state->seal.sealed));
	printf("doorbells %" PRIuFAST64 "\n", atomic_load(&state->doorbells));
	for (uint32_t i = 0; i < state->vcpus; i++) {
		const struct vcpu_statistics *vcpu = &state->vcpu[i];

		printf("vcpu%" PRIu32 "_exits %" PRIuFAST64 "\n", i, atomic_load(&vcpu->exits));
		printf("vcpu%" PRIu32 "_sealed_exits %" PRIuFAST64 "\n", i,
		       atomic_load(&vcpu->sealed_exits));
	}
	return 0;
}
