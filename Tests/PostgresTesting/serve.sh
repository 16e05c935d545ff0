#!/bin/sh
# A PostgreSQL server for tests, in a directory of its own and on a Unix socket there, until
# standard input ends: so it goes with the process that started it, however that one ends.
# Says "ready DIRECTORY" when it takes connections. Of what stands in its input it heeds the lines
# "stop" (as a restart of the machine does it), "kill" and "start", and says "done" after each.
set -eu

programs=$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin | sort -V | tail -n 1)
[ -n "$programs" ] || { echo "PostgreSQL is missing: make install" >&2; exit 1; }
directory=$(mktemp -d /tmp/gateway-postgres-XXXXXX)

# The server refuses to run as root; anybody else runs it under their own name.
as_server() {
    if [ "$(id -u)" -eq 0 ]; then
        setpriv --reuid=postgres --regid=postgres --init-groups -- "$@"
    else
        "$@"
    fi
}

end() {
    as_server "$programs/pg_ctl" -D "$directory/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$directory"
}
trap end EXIT
trap 'exit 1' INT TERM HUP

[ "$(id -u)" -ne 0 ] || chown postgres "$directory"
cd "$directory"
as_server "$programs/initdb" -D data -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync \
    >initdb.log
# Nothing here has to survive a power cut.
cat >>data/postgresql.conf <<EOF
listen_addresses = ''
unix_socket_directories = '$directory'
fsync = off
full_page_writes = off
max_connections = 200
shared_buffers = 32MB
logging_collector = off
EOF
control() {
    as_server "$programs/pg_ctl" -D data -l "$directory/server.log" -w -t 60 "$@" >/dev/null </dev/null
}

control start
echo "ready $directory"
while read -r order; do
    case $order in
    stop) control -m fast stop ;;
    kill) control -m immediate stop ;;
    start) control start ;;
    *) echo "no such order: $order" >&2 && exit 1 ;;
    esac
    echo "done"
done
