# SPDX-License-Identifier: Apache-2.0
# Completion of patchbay(1) for bash.
# shellcheck shell=bash

# The ids of recent jobs. A server that does not answer within two seconds completes nothing.
_patchbay_jobs() {
    timeout 2 patchbay "${_patchbay_server[@]}" --json jobs --limit 50 "$@" 2>/dev/null |
        grep -o '"id":[0-9]*' | cut -d: -f2
}

# Names of devices, and of those that somebody has a lease of.
_patchbay_devices() {
    timeout 2 patchbay "${_patchbay_server[@]}" --json devices 2>/dev/null | grep -o '"hostname":"[^"]*' | cut -d'"' -f4
}
_patchbay_leased() {
    timeout 2 patchbay "${_patchbay_server[@]}" --json leases 2>/dev/null | grep -o '"device":"[^"]*' | cut -d'"' -f4
}

# What the line says about the server, for the question above.
_patchbay_find_server() {
    local i
    _patchbay_server=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
            --server | --token-file) _patchbay_server+=("${COMP_WORDS[i]}" "${COMP_WORDS[i + 1]}") ;;
        esac
    done
}

# The command of the line: its first word that is neither an option nor an option's value.
_patchbay_command() {
    local i
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
            --server | --token-file | --color) ((i++)) ;;
            -*) ;;
            *)
                echo "${COMP_WORDS[i]}"
                return
                ;;
        esac
    done
}

_patchbay_words() {
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
}

_patchbay_files() {
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$1")
}

_patchbay() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local commands='submit resubmit logs results lower compare artifacts run jobs show why cancel validate check import suggest devices acquire extend release leases console power reset line storage export
        reserve reservations whoami version'
    local global='--server --token-file --json --color --help'
    local watching='--follow --wait --level'
    local command own=''
    local -a _patchbay_server
    COMPREPLY=()

    case $previous in
        --token-file | --device | --recipe)
            _patchbay_files "$current"
            return
            ;;
        --output-dir | --output | --templates)
            compopt -o filenames 2>/dev/null
            mapfile -t COMPREPLY < <(compgen -d -- "$current")
            return
            ;;
        --color)
            _patchbay_words 'auto always never' "$current"
            return
            ;;
        --level)
            _patchbay_words 'target results input feedback debug info warning error exception' "$current"
            return
            ;;
        --state)
            _patchbay_words 'submitted scheduling scheduled running canceling finished' "$current"
            return
            ;;
        --schema)
            _patchbay_words 'gate full strict' "$current"
            return
            ;;
        --server | --limit | --start | --suite | --for | --idle | --reason | --time | --note | --priority | --tag | --type | --name | --on) return ;;
    esac

    command=$(_patchbay_command)
    if [[ -z $command ]]; then
        if [[ $current == -* ]]; then _patchbay_words "$global --version" "$current"; else _patchbay_words "$commands" "$current"; fi
        return
    fi

    case $command in
        submit | resubmit) own=$watching ;;
        logs) own='--follow --level --raw --start' ;;
        results) own='--suite --failed --exit-code --csv --junit --tap --yaml' ;;
        artifacts) own='--output-dir' ;;
        lower) own='--on --recipe' ;;
        compare) own='--exit-code' ;;
        run) own='--on --recipe --device --output-dir --level --raw' ;;
        jobs) own='--state --mine --limit' ;;
        validate) own='--strict --schema' ;;
        reserve) own='--for --idle --reason' ;;
        acquire) own='--type --tag --time --idle --note --priority --personal --wait' ;;
        extend) own='--time' ;;
        console) own='--read-only' ;;
        storage) own='--name --device' ;;
        export) own='--raw --stop' ;;
        import) own='--output --templates' ;;
    esac
    if [[ $current == -* ]]; then
        _patchbay_words "$own $global" "$current"
        return
    fi
    _patchbay_find_server
    case $command in
        submit | run | lower | validate | check) _patchbay_files "$current" ;;
        import)
            if [[ $previous == import ]]; then
                _patchbay_words 'lava' "$current"
            else
                _patchbay_files "$current"
            fi
            ;;
        logs | results | compare | artifacts | show | resubmit) _patchbay_words "$(_patchbay_jobs)" "$current" ;;
        acquire | console | reserve | devices) _patchbay_words "$(_patchbay_devices)" "$current" ;;
        extend | release | reset | export) _patchbay_words "$(_patchbay_leased)" "$current" ;;
        power)
            if [[ $previous == power ]]; then
                _patchbay_words 'on off cycle status' "$current"
            else
                _patchbay_words "$(_patchbay_leased)" "$current"
            fi
            ;;
        line) _patchbay_words 'on off press status' "$current" ;;
        storage)
            if [[ $previous == write ]]; then _patchbay_files "$current"; else _patchbay_words 'host board nobody write' "$current"; fi
            ;;
        why) _patchbay_words "$(_patchbay_jobs --state submitted)" "$current" ;;
        cancel) _patchbay_words "$(_patchbay_jobs --state submitted,scheduling,scheduled,running)" "$current" ;;
    esac
}

complete -F _patchbay patchbay
