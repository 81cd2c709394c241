# SPDX-License-Identifier: Apache-2.0
# bash completion for bulkhead(1)

# The partitions a machine file names, by its "- name: X" lines.
_bulkhead_partitions() {
	sed -n 's/^[[:space:]]*-\{0,1\}[[:space:]]*name:[[:space:]]*\([A-Za-z][A-Za-z0-9_-]*\).*/\1/p' "$1" 2>/dev/null
}

# _bulkhead_running FILE - the partitions that have FILE in their folder: control where they run, lock also where
# they crashed.
_bulkhead_running() {
	local folder
	for folder in /run/bulkhead/*/; do
		folder=${folder%/}
		[ "${folder##*/}" = host ] || [ ! -e "$folder/$1" ] || echo "${folder##*/}"
	done
}

# Offers words, or files where the word asks for one.
_bulkhead_offer() {
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
}

_bulkhead_files() {
	compopt -o filenames
	mapfile -t COMPREPLY < <(compgen -f -- "$1")
}

_bulkhead() {
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
	local command=${COMP_WORDS[1]} word options='' takes_value=''
	local -a operands=()

	if [ "$COMP_CWORD" -eq 1 ]; then
		_bulkhead_offer "run latency doctor discover check show capture plan apply revert boot start stop list status console pause resume schema --help --version" "$current"
		return
	fi
	# Only latency names a file behind --json.
	case $command:$previous in
	latency:--json) ;;
	*:--json) previous='' ;;
	esac
	case $previous in
	--kernel | --initrd | --json | --html | --host | --output)
		_bulkhead_files "$current"
		return
		;;
	--reboot)
		_bulkhead_offer "exit restart" "$current"
		return
		;;
	--pages)
		_bulkhead_offer "4K 2M 1G" "$current"
		return
		;;
	--modes)
		_bulkhead_offer "timer spin ipi pio mmio cpuid hypercall idle" "$current"
		return
		;;
	--console)
		_bulkhead_offer "standard socket" "$current"
		return
		;;
	--policy)
		_bulkhead_offer "fifo:1 deadline: other" "$current"
		return
		;;
	--cpus)
		_bulkhead_offer "$(cat /sys/devices/system/cpu/online 2>/dev/null)" "$current"
		return
		;;
	--cmdline | --name | --memory | --vcpus | --timeout | --budget | --duration | --period) return ;;
	esac

	options="--memory --pages --cpus --vcpus --policy --best-effort --help"
	case $command in
	run) options+=" --kernel --initrd --cmdline --exit-port --reboot --timeout --name --console --log" ;;
	latency) options+=" --duration --budget --modes --period --json --html --emulated" ;;
	show) options="--json --map --launch --best-effort --host --help" ;;
	schema | capture) options="--json --help" ;;
	check) options="--json --host --file-only --help" ;;
	doctor) options="--json --host --verbose --fix --watch --help" ;;
	plan) options="--json --host --help" ;;
	apply | revert) options="--json --verbose --help" ;;
	list | status) options="--json --help" ;;
	boot) options="--print --install --uninstall --verify --json --host --help" ;;
	start) options="--all --best-effort --help" ;;
	stop) options="--all --timeout --help" ;;
	console | pause | resume) options="--help" ;;
	discover) options="--json --host --output --help" ;;
	esac
	if [[ $current == -* ]]; then
		_bulkhead_offer "$options" "$current"
		return
	fi

	# The words that are neither options nor their values: first the file, then a partition of it.
	for word in "${COMP_WORDS[@]:2:COMP_CWORD-2}"; do
		case $word in
		--exit-port | --best-effort | --emulated | --launch | --map | --file-only | --verbose | --help | \
			--log | --fix | --fix=* | --watch | --all | --print | --install | --uninstall | --verify) ;;
		--json) [ "$command" != latency ] || takes_value=yes ;;
		-*) takes_value=yes ;;
		*)
			[ -n "$takes_value" ] || operands+=("$word")
			takes_value=
			;;
		esac
	done
	case $command in
	stop | status)
		[ ${#operands[@]} -gt 0 ] || _bulkhead_offer "$(_bulkhead_running lock)" "$current"
		;;
	console | pause | resume)
		[ ${#operands[@]} -gt 0 ] || _bulkhead_offer "$(_bulkhead_running control)" "$current"
		;;
	check | doctor | capture | plan | apply | boot | start | run | show | latency)
		if [ ${#operands[@]} -eq 0 ]; then
			_bulkhead_files "$current"
		elif [ ${#operands[@]} -eq 1 ] && [[ $command == @(start|run|show|latency) ]]; then
			_bulkhead_offer "$(_bulkhead_partitions "${operands[0]}")" "$current"
		fi
		;;
	esac
}

complete -F _bulkhead bulkhead
