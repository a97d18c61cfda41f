# enter.sh FOLDER EXPAND COMMAND…: runs a command in its own mount namespace, with FOLDER as /tmp. The login shells of
# a runner in it run /tmp/rig/hook.sh; the program EXPAND prints what was prepared.
set -e
mount --bind "$1" /tmp
mount --bind /tmp/rig/profile /etc/profile
mount --bind /tmp/rig/expand "$2"
shift 2
exec "$@"
