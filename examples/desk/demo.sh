#!/usr/bin/env bash
# A week of one desk at a local exchange: sandbox, canary, production, with a person's approvals.
# Usage: demo.sh SIGNALBOOK HOME; everything it writes is in HOME, which is emptied first.
set -euo pipefail
signalbook="$1" home="$2"
desk="$(dirname "$0")"
export SIGNALBOOK_HOME="$home" SIGNALBOOK_BROKER=paper
rm -rf "$home"
mkdir -p "$home"

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
field() { "$(dirname "$signalbook")/python" -c 'import json, sys
found = json.load(sys.stdin)
for key in sys.argv[1:]:
    found = found[int(key) if key.isdigit() else key] if found else ""
print(found)' "$@"; }

for port in $(seq 8790 2 8890); do
    "$signalbook" paper --port "$port" --seed 7 --calm --at 2026-12-01T15:00Z --json >"$home/exchange.json" 2>"$home/exchange.log" &
    exchange=$!
    trap 'kill "$exchange" 2>/dev/null || true' EXIT
    until [ -s "$home/exchange.json" ] || ! kill -0 "$exchange" 2>/dev/null; do sleep 0.2; done
    kill -0 "$exchange" 2>/dev/null && break
done
export SIGNALBOOK_PAPER="http://127.0.0.1:$port"

trade() { "$signalbook" trade "$desk/messages/$1" --playbooks "$desk" --skip-quiet --for 20s; }
promote() {
    local seen
    seen="$("$signalbook" stage show desk-alerts --playbooks "$desk" --json | field diff hash)"
    "$signalbook" stage promote desk-alerts --to "$1" --by carol --seen "$seen" --playbooks "$desk"
}
approve_one() {
    local id=""
    for _ in $(seq 90); do
        id="$("$signalbook" approve --list --json 2>/dev/null | field waiting 0 id 2>/dev/null || true)"
        if [ -n "$id" ]; then
            "$signalbook" approve "$id" --by carol
            return
        fi
        sleep 0.5
    done
}

say "Tuesday and Wednesday: a new playbook trades in the sandbox only"
trade 1-tuesday.json
trade 2-wednesday.json

say "It has shown enough, and a person has seen what it decides: one contract to production"
promote canary
trade 3-thursday.json

say "A person promotes it; on Friday orders go to production, one of them after an approval"
promote production
approve_one &
trade 4-friday.json
wait $!

say "What became of it: the orders in production, and the way of the one a person approved"
"$signalbook" orders --account main
"$signalbook" trace "$(field messages 6 id <"$desk/messages/4-friday.json")"
