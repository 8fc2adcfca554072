# bash completion for keepalived and kactl, from what the programs themselves say.

_keepalived() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  case $previous in
    -f | --use-file | -p | --pid | -r | --vrrp_pid | -c | --checkers_pid)
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
      return
      ;;
    -S | --log-facility)
      mapfile -t COMPREPLY < <(compgen -W "$(echo local{0..7}) user daemon" -- "$current")
      return
      ;;
  esac
  local words
  words=$("${COMP_WORDS[0]}" --help 2>&1 | grep -oE -- '--[a-z][a-z_-]*' | sort -u)
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

_kactl() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  case $previous in
    --socket | plan) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    why | failover)
      local names
      names=$("${COMP_WORDS[0]}" status 2> /dev/null | sed -n '/^INSTANCE/,/^$/{/^INSTANCE/d;s/ .*//p}')
      mapfile -t COMPREPLY < <(compgen -W "$names" -- "$current")
      ;;
    log-level) mapfile -t COMPREPLY < <(compgen -W "info detail debug" -- "$current") ;;
    maintenance) mapfile -t COMPREPLY < <(compgen -W "on off" -- "$current") ;;
    *)
      local words
      words=$("${COMP_WORDS[0]}" help | sed -nE 's/^  ([a-z][a-z-]*).*/\1/p')
      words+=" --json --socket --follow --confirm"
      mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
      ;;
  esac
}

complete -F _keepalived keepalived
complete -F _kactl kactl
