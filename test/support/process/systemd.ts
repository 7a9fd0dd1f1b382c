/**
 * systemd as process 1 of namespaces of its own, in the root that a script runs in: functions of
 * that script's shell. It needs cgroup v2 and a root that is a mount.
 */

/** What it finds: no device, and of the settings of the kernel those of its network alone. */
const FIRST = `
mount -t proc proc /proc
mount --bind /proc/sys /proc/sys
mount --bind /proc/sys/net /proc/sys/net
mount -o remount,bind,ro /proc/sys
mount -t sysfs -o ro sysfs /sys
mount -t tmpfs cgroup /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=755 tmpfs /dev
mkdir /dev/pts /dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts /dev/pts
ln -s pts/ptmx /dev/ptmx
mknod -m 666 /dev/null c 1 3
mknod -m 666 /dev/zero c 1 5
mknod -m 666 /dev/full c 1 7
mknod -m 666 /dev/random c 1 8
mknod -m 666 /dev/urandom c 1 9
mknod -m 666 /dev/tty c 5 0
exec env -i container=vipc PATH="$PATH" /lib/systemd/systemd --unit=multi-user.target
`;

/**
 * `start_systemd`, `inside SCRIPT` in its namespaces, and `stop_systemd`, which leaves neither
 * processes nor control groups.
 */
export const SYSTEMD: string = `
start_systemd() {
  mkdir -p /tmp/cgroup
  mount -t cgroup2 cgroup2 /tmp/cgroup
  group=/tmp/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)/vipc-test-$$
  mkdir "$group"
  trap stop_systemd EXIT
  sh -euc 'echo $$ > "$0/cgroup.procs"
    exec unshare --mount --pid --fork --kill-child --uts --ipc --net --cgroup sh -euc "$1"' \\
    "$group" '${FIRST}' > /tmp/systemd.log 2>&1 &
  unshared=$!
  until systemd=$(cat "/proc/$unshared/task/$unshared/children") && [ -n "$systemd" ] &&
    [ "$(cat "/proc/\${systemd% }/comm")" = systemd ] && inside 'systemctl list-units > /dev/null' 2> /dev/null; do
    kill -0 $unshared || { cat /tmp/systemd.log >&2; return 1; }
    sleep 0.1
  done
  systemd=\${systemd% }
  inside 'systemctl is-system-running --wait' > /dev/null || true
}
inside() { nsenter --all --root --target \${systemd% } env -C / sh -euc "$1"; }
stop_systemd() {
  trap - EXIT
  kill -9 $unshared $systemd 2> /dev/null || true
  wait $unshared 2> /dev/null || true
  while [ -e "$group" ]; do
    find "$group" -depth -type d -exec rmdir {} + 2> /dev/null || sleep 0.1
  done
  umount /tmp/cgroup
}
`;
