// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/sys.h"
#include "core/cli/commands.h"
#include "core/cli/vmm_process.h"
#include "core/config/partition.h"
#include "core/vmm/launch.h"
#include "core/vmm/state.h"
#include "latency/probe_image.h"

/* What the VMM inherits, at fixed numbers. */
enum { RECORD_FD = 3, STATE_FD, PROBE_FD, RUNNING_FD, FIRST_FREE_FD = 10 };

/* struct inheritance - the parent's descriptors that become RECORD_FD and those behind it; -1: none. */
struct inheritance {
	int record;
	int state;
	int probe;
	int running;
};

static const char probe_path[] = "/proc/self/fd/5";

int vmm_process_raise(int fd)
{
	int raised = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FREE_FD);

	return raised < 0 ? -errno : raised;
}

/* An anonymous file with these bytes, above the numbers the child rearranges. */
static int make_file(const char *name, const void *bytes, size_t count)
{
	_cleanup_close_ int fd = sys_memfd(name, 0, 0);
	int error = fd < 0 ? fd : sys_write_all(fd, bytes, count);

	if (error != 0)
		return error;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	return vmm_process_raise(fd);
}

static int make_state(struct vmm_process *process, unsigned vcpus)
{
	void *address = NULL;
	_cleanup_close_ int fd = -1;
	int error;

	process->state_bytes = state_bytes(vcpus);
	fd = sys_memfd("state", process->state_bytes, 0);
	if (fd < 0)
		return fd;
	error = sys_map(fd, 0, process->state_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, &address);
	if (error != 0)
		return error;
	process->state = address;
	return vmm_process_raise(fd);
}

/* bulkhead-vmm stands beside this program in a build, and in ../libexec/bulkhead when installed. */
static int find_vmm(char path[PATH_MAX], struct diag *why)
{
	static const char *const places[] = {"bulkhead-vmm", "../libexec/bulkhead/bulkhead-vmm"};
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (length < 0)
		return diag_set(why, errno, "/proc/self/exe cannot be read (%s)", strerror(errno));
	self[length] = '\0';
	*(strrchr(self, '/') + 1) = '\0';
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (snprintf(path, PATH_MAX, "%s%s", self, places[i]) < PATH_MAX &&
		    access(path, X_OK) == 0)
			return 0;
	}
	diag_set(why, ENOENT, "bulkhead-vmm is not beside bulkhead in %s, nor in ../libexec/bulkhead",
		 self);
	diag_remedy(why, "install both programs: make install");
	return -ENOENT;
}

/* Before anything of the VMM is there: what it maps is charged to the group, and comes from its nodes. */
static void enter_group(const struct launch *launch, int group, struct machine_state *state)
{
	int error = sys_write_all(group, "0", 1);
	char text[STATE_TEXT_MAX];

	if (error == 0)
		return;
	snprintf(text, sizeof(text), "bulkhead-vmm cannot enter its control group (%s)", strerror(-error));
	if (launch->best_effort) {
		snprintf(state->downgrade[0], STATE_TEXT_MAX, "%s", text);
		atomic_store(&state->downgrades, 1);
		return;
	}
	dprintf(STDERR_FILENO, "bulkhead: %s: %s; prepare the host anew (bulkhead apply FILE), or add "
		"--best-effort\n", launch->name, text);
	_exit(COMMAND_UNKNOWN);
}

static void hand_over(const struct launch *launch, const struct inheritance *inheritance,
		      const struct vmm_places *places)
{
	const int fds[] = {inheritance->record, inheritance->state, inheritance->probe,
			   inheritance->running};

	/* Nothing else that whoever called us has open is a guest's VMM's. */
	close_range(RECORD_FD, UINT_MAX, CLOSE_RANGE_CLOEXEC);
	if (places->input != STDIN_FILENO)
		dup2(places->input, STDIN_FILENO);
	if (places->output != STDOUT_FILENO)
		dup2(places->output, STDOUT_FILENO);
	for (int i = 0; i < (int)(sizeof(fds) / sizeof(fds[0])); i++) {
		if (fds[i] >= 0)
			dup2(fds[i], RECORD_FD + i);
	}
	for (unsigned i = 0; i < launch->vcpus; i++) {
		if (launch->vcpu_group[i] >= 0)
			fcntl(launch->vcpu_group[i], F_SETFD, 0);
	}
}

/* With the parent's signals still blocked: what comes before the VMM listens waits until it does. */
static _Noreturn void become_vmm(const char *path)
{
	char number[] = "3";
	char option[] = "--launch-fd";
	char name[] = "bulkhead-vmm";
	char *const arguments[] = {name, option, number, NULL};
	char *const environment[] = {NULL};

	execve(path, arguments, environment);
	_exit(127);
}

/* The VMM does not outlive its parent, not even one that ended just now. */
static void die_with(pid_t parent, bool on_terminal)
{
	prctl(PR_SET_PDEATHSIG, on_terminal ? SIGTERM : SIGKILL);
	if (getppid() != parent)
		_exit(127);
}

static int fork_vmm(const char *path, const struct launch *launch, const struct inheritance *inheritance,
		    const struct vmm_places *places, struct vmm_process *process)
{
	pid_t parent = getpid();
	pid_t pid = fork();

	if (pid == 0) {
		die_with(parent, places->on_terminal);
		if (places->group >= 0)
			enter_group(launch, places->group, process->state);
		hand_over(launch, inheritance, places);
		become_vmm(path);
	}
	if (pid < 0)
		return -errno;
	process->pid = pid;
	return 0;
}

/* The probe guest is part of this program, and comes to the VMM as a file. */
static int resolve_probe(struct launch *launch, int *ret_fd)
{
	if (strcmp(launch->kernel, PARTITION_KERNEL_PROBE) != 0 && strcmp(launch->kernel, probe_path) != 0)
		return 0;
	*ret_fd = make_file("probe", probe_elf, (uintptr_t)probe_elf_end - (uintptr_t)probe_elf);
	free(launch->kernel);
	launch->kernel = strdup(probe_path);
	return launch->kernel == NULL ? -ENOMEM : *ret_fd < 0 ? *ret_fd : 0;
}

static void inheritance_done(struct inheritance *inheritance)
{
	cleanup_close(&inheritance->record);
	cleanup_close(&inheritance->state);
	cleanup_close(&inheritance->probe);
	cleanup_close(&inheritance->running);
}

static int make_inheritance(struct launch *launch, struct vmm_process *process,
			    struct inheritance *ret)
{
	_cleanup_free_ char *record = NULL;
	int error = resolve_probe(launch, &ret->probe);

	launch->state_fd = STATE_FD;
	launch->running_fd = RUNNING_FD;
	if (error == 0)
		record = launch_encode(launch);
	if (error == 0 && record == NULL)
		error = -ENOMEM;
	if (error != 0)
		return error;
	ret->record = make_file("launch", record, strlen(record));
	ret->state = make_state(process, launch->vcpus);
	process->running_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ret->running = process->running_fd < 0 ? -errno : vmm_process_raise(process->running_fd);
	if (ret->record < 0 || ret->state < 0)
		return ret->record < 0 ? ret->record : ret->state;
	return ret->running < 0 ? ret->running : 0;
}

static int start(struct launch *launch, const struct vmm_places *places, struct vmm_process *process,
		 struct diag *why)
{
	_cleanup_(inheritance_done) struct inheritance inheritance = {-1, -1, -1, -1};
	char path[PATH_MAX];
	int error = find_vmm(path, why);

	if (error != 0)
		return error;
	error = make_inheritance(launch, process, &inheritance);
	if (error == 0)
		error = fork_vmm(path, launch, &inheritance, places, process);
	if (error != 0)
		return diag_set(why, -error, "bulkhead-vmm cannot be started (%s)", strerror(-error));
	return 0;
}

int vmm_process_start(struct launch *launch, const struct vmm_places *places,
		      struct vmm_process *ret, struct diag *why)
{
	struct vmm_process process = {.running_fd = -1};
	int error = start(launch, places, &process, why);

	if (error != 0) {
		vmm_process_done(&process);
		return error;
	}
	*ret = process;
	return 0;
}
