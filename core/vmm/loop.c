// SPDX-License-Identifier: Apache-2.0
#include "core/vmm/loop.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/kvm.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <x86intrin.h>

#include "core/base/diag.h"
#include "core/vmm/console.h"
#include "core/vmm/launch.h"
#include "core/vmm/machine.h"

enum { RESET_RIP = 0xfff0 };

enum { POLL_DOORBELL, POLL_SIGNALS, POLL_SEAL, POLL_INPUT, POLL_OUTPUT, POLLS };

int loop_open(struct loop *loop, struct machine *machine, struct console *console,
	      struct diag *why)
{
	sigset_t ends;

	*loop = (struct loop){.machine = machine, .console = console, .seal_timer = -1};
	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGHUP);
	sigaddset(&ends, SIGQUIT);
	loop->signals = signalfd(-1, &ends, SFD_CLOEXEC);
	if (loop->signals < 0)
		return diag_set(why, errno, "no signalfd can be had (%s)", strerror(errno));
	/* A reader that went away is an error of write(2); a terminal in another's hands, of read(2). */
	sigaddset(&ends, SIGPIPE);
	sigaddset(&ends, SIGTTIN);
	sigaddset(&ends, SIGTTOU);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	if (machine->launch->seal != SEAL_AFTER)
		return 0;
	loop->seal_timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	return loop->seal_timer >= 0 ? 0 : diag_set(why, errno, "no timerfd can be had (%s)",
						    strerror(errno));
}

static void arm_seal(const struct loop *loop)
{
	uint64_t ns = loop->machine->launch->seal_after_ns;
	struct itimerspec once = {.it_value = {.tv_sec = (time_t)(ns / 1000000000),
					       .tv_nsec = (long)(ns % 1000000000)}};

	if (ns == 0)
		once.it_value.tv_nsec = 1;
	if (loop->seal_timer >= 0)
		timerfd_settime(loop->seal_timer, 0, &once, NULL);
}

/* The time has come; whether all guest memory is resident is another matter. */
static void seal_when_ready(struct loop *loop)
{
	struct seal *partition = &loop->machine->state->seal;

	if (!loop->seal_due || !atomic_load_explicit(&partition->ready, memory_order_acquire))
		return;
	loop->seal_due = false;
	atomic_store_explicit(&partition->tsc, __rdtsc(), memory_order_relaxed);
	atomic_store_explicit(&partition->sealed, true, memory_order_release);
}

static void describe_crash(const struct vcpu_thread *thread, enum vcpu_end end, struct outcome *ret)
{
	uint64_t value = thread->vcpu.runner.end_value;
	uint64_t rip = vcpu_rip(&thread->vcpu);
	char what[96];
	char where[40] = "";

	/* On AMD, KVM has put a vCPU that triple-faulted into its reset state by now. */
	if (rip != RESET_RIP)
		snprintf(where, sizeof(where), " at rip 0x%" PRIx64, rip);
	if (end == VCPU_END_TRIPLE_FAULT)
		snprintf(what, sizeof(what), "triple fault");
	else if (end == VCPU_END_INTERNAL_ERROR && value == KVM_INTERNAL_ERROR_EMULATION)
		snprintf(what, sizeof(what), "KVM could not emulate its instruction");
	else if (end == VCPU_END_INTERNAL_ERROR)
		snprintf(what, sizeof(what), "KVM internal error %" PRIu64, value);
	else if (end == VCPU_END_FAIL_ENTRY)
		snprintf(what, sizeof(what), "the hardware refused its state (0x%" PRIx64 ")", value);
	else if (end == VCPU_END_RUN_FAILED)
		snprintf(what, sizeof(what), "KVM_RUN failed (%s)", strerror((int)value));
	else
		snprintf(what, sizeof(what), "KVM exit %" PRIu64 ", which this VMM does not know", value);
	snprintf(ret->text, sizeof(ret->text), "the guest crashed: vCPU %u: %s%s", thread->vcpu.index,
		 what, where);
}

static void describe(const struct vcpu_thread *thread, enum vcpu_end end, struct outcome *ret)
{
	uint64_t value = thread->vcpu.runner.end_value;

	*ret = (struct outcome){.value = value};
	if (end == VCPU_END_POWER_OFF) {
		ret->end = MACHINE_POWER_OFF;
		snprintf(ret->text, sizeof(ret->text), "the guest powered off");
	} else if (end == VCPU_END_RESET) {
		ret->end = MACHINE_RESET;
		snprintf(ret->text, sizeof(ret->text), "the guest rebooted");
	} else if (end == VCPU_END_EXIT_PORT) {
		ret->end = MACHINE_EXIT_PORT;
		snprintf(ret->text, sizeof(ret->text), "the guest wrote %" PRIu64 " to the exit port",
			 value);
	} else {
		ret->end = MACHINE_CRASHED;
		describe_crash(thread, end, ret);
	}
}

static void find_ended(const struct machine *machine, struct outcome *ret)
{
	for (unsigned i = 0; i < machine->launch->vcpus && ret->end == MACHINE_NOT_ENDED; i++) {
		const struct vcpu_thread *thread = &machine->thread[i];
		enum vcpu_end end =
			(enum vcpu_end)atomic_load_explicit(&thread->end, memory_order_acquire);

		if (end != VCPU_RUNNING)
			describe(thread, end, ret);
	}
}

/* The populating thread may find, with the guest under way, that the host's memory ran out. */
static void check_memory(const struct machine *machine, struct outcome *ret)
{
	int result = atomic_load_explicit(&machine->populate.result, memory_order_acquire);

	if (ret->end != MACHINE_NOT_ENDED || result == POPULATE_PENDING || result == 0)
		return;
	struct diag why = {0};
	ret->end = MACHINE_REFUSED;
	populate_refused(-result, &why);
	diag_format(&why, ret->text, sizeof(ret->text));
}

static void take_signal(const struct loop *loop, struct outcome *ret)
{
	struct signalfd_siginfo info = {0};

	if (read(loop->signals, &info, sizeof(info)) != sizeof(info))
		return;
	ret->end = MACHINE_STOPPED;
	ret->value = info.ssi_signo;
	snprintf(ret->text, sizeof(ret->text), "stopped by signal %u", info.ssi_signo);
}

static void publish(const struct machine *machine)
{
	struct machine_state *state = machine->state;

	atomic_store(&state->doorbells, atomic_load(&machine->doorbell.rung));
	atomic_store(&state->console_dropped, atomic_load(&machine->uart.dropped));
}

/* Sleeps until something is to be done; a descriptor of -1 is passed over by poll(2). */
static void wait_for_events(const struct loop *loop, bool flushed, struct pollfd polls[POLLS])
{
	const struct console *console = loop->console;

	polls[POLL_DOORBELL] = (struct pollfd){.fd = loop->machine->doorbell.fd, .events = POLLIN};
	polls[POLL_SIGNALS] = (struct pollfd){.fd = loop->signals, .events = POLLIN};
	polls[POLL_SEAL] = (struct pollfd){.fd = loop->seal_timer, .events = POLLIN};
	polls[POLL_INPUT] = (struct pollfd){
		.fd = console_wants_input(console) ? console->input : -1, .events = POLLIN};
	polls[POLL_OUTPUT] = (struct pollfd){.fd = flushed ? -1 : console->output, .events = POLLOUT};
	for (unsigned i = 0; i < POLLS; i++)
		polls[i].revents = 0;
	poll(polls, POLLS, -1);
}

static void handle_events(struct loop *loop, const struct pollfd polls[POLLS], struct outcome *ret)
{
	if (polls[POLL_DOORBELL].revents != 0)
		doorbell_hear(&loop->machine->doorbell);
	if (polls[POLL_SEAL].revents != 0) {
		close(loop->seal_timer);
		loop->seal_timer = -1;
		loop->seal_due = true;
	}
	if (polls[POLL_INPUT].revents != 0 && console_read(loop->console) == CONSOLE_LEAVE) {
		ret->end = MACHINE_LEFT;
		snprintf(ret->text, sizeof(ret->text), "left by Ctrl-A x");
	}
	if (polls[POLL_SIGNALS].revents != 0)
		take_signal(loop, ret);
}

void loop_run(struct loop *loop, struct outcome *ret)
{
	struct machine *machine = loop->machine;
	struct pollfd polls[POLLS];

	*ret = (struct outcome){.end = MACHINE_NOT_ENDED};
	arm_seal(loop);
	for (;;) {
		/* Armed before the last look, so that what comes after the look wakes the poll. */
		doorbell_arm(&machine->doorbell);
		find_ended(machine, ret);
		check_memory(machine, ret);
		seal_when_ready(loop);
		bool flushed = console_flush(loop->console);

		console_feed(loop->console);
		console_signal(loop->console);
		publish(machine);
		if (ret->end == MACHINE_STOPPED || (ret->end != MACHINE_NOT_ENDED && flushed))
			break;
		wait_for_events(loop, flushed, polls);
		handle_events(loop, polls, ret);
	}
}
