# bash completion for keepalived and kactl, from what the programs themselves say.

_keepalived() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} words
  # The = of --format=json is a word of its own.
  if [ "$current" = = ]; then
    current=
  elif [ "$previous" = = ]; then
    previous=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  case $previous in
    -[fprcbg] | --use-file | --pid | --*_pid | --log-file | --config-test)
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
      return
      ;;
    -S | --log-facility) words="$(echo local{0..7}) user daemon" ;;
    --signum) words="STOP RELOAD DATA STATS STATS_CLEAR JSON" ;;
    --log-journal) words="auto always never" ;;
    --dump-config) words="json keepalived" ;;
    --format) words="text json" ;;
    *)
      # Each line of the help begins with an option: "  -f, --use-file=FILE  read ...".
      words=$("${COMP_WORDS[0]}" --help 2>&1 |
        sed -nE 'h; s/^ +(-[A-Za-z]), .*/\1/p; g; s/^ +(-[A-Za-z], )?(--[A-Za-z_-]+).*/\2/p')
      ;;
  esac
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
