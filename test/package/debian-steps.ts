/**
 * What is done with the package and the executable on a minimal Debian: a script, in which a line
 * `say` says what follows.
 */

import { SYSTEMD } from '../support/process/systemd.js';

/** Needs older and newer packages, executables, manifests and the image's steps in /packages. */
export const DEBIAN_STEPS: string = `${SYSTEMD}
install() {
  apt-get install -y -qq --no-install-recommends "$@" > /root/apt.log 2>&1 || { cat /root/apt.log >&2; return 1; }
}
# Not what dpkg, apt, man and systemd keep of all packages.
files() {
  find / -xdev \\( -path /var/lib/dpkg -o -path /var/lib/apt -o -path /var/lib/systemd -o -path /var/cache \\
    -o -path /var/log -o -path /etc/machine-id -o -name .updated -o -path /tmp -o -path /root -o -path /run/systemd \\
    -o -path /run/mount \\) -prune -o -print | sort
}
loaded() { grep -o "10.96.0.1[0-9] . tcp . 80" | sort -u; }
try() {
  "$1" compile -f /packages/web.yaml 2> /dev/null | grep -c 'default/web has no endpoints'
  unshare --net sh -euc '
    "$0" apply -f /packages/web.yaml --mode nftables > /dev/null 2>&1
    nft list table ip kube-proxy
    "$0" cleanup > /dev/null 2>&1
    nft list tables' "$1" | loaded
  unshare --net sh -euc '
    "$0" apply -f /packages/web.yaml --mode iptables > /dev/null 2>&1
    iptables-save -t filter | grep -o -- "-d 10.96.0.10/32"
    "$0" cleanup > /dev/null 2>&1
    iptables-save | grep KUBE || true' "$1"
}

. /etc/os-release
echo "$VERSION_ID"
which node nodejs vipc || echo 'no node'
apt-get update -qq

say executable
cp /packages/older /usr/local/bin/vipc
vipc --version
cp /packages/vipc /usr/local/bin/vipc.new
mv /usr/local/bin/vipc.new /usr/local/bin/vipc
vipc --version
vipc apply -f /packages/web.yaml --mode nftables 2>&1 || echo "code $?"
rm -r /usr/local/bin/vipc /run/vipc

say bare
files > /root/before
dpkg-query -W > /root/packages
install /packages/older.deb
dpkg-query -W | diff /root/packages - | sed -n 's/^> \\(\\S*\\).*/\\1/p'
vipc --version
vipc compile -f /packages/web.yaml 2> /dev/null | grep -c 'default/web has no endpoints'
vipc apply -f /packages/web.yaml --mode nftables 2>&1 || echo "code $?"
apt-get purge -y -qq vipc > /dev/null
say purged-bare
files | diff /root/before - || true

say image
sh -eu /packages/image.sh > /root/image.log 2>&1 || { cat /root/image.log >&2; exit 1; }
"$(cat /packages/entry-point)" --version
which nft iptables-nft ip6tables-nft conntrack nfacct | sed 's,.*/,,'
apt-get purge -y -qq vipc > /dev/null
apt-get update -qq

install nftables iptables conntrack systemd systemd-sysv man-db bash-completion zsh fish
say try-executable
try /packages/vipc
rm -r /run/vipc
files > /root/before
install /packages/older.deb
say try-package
try vipc
rm -r /run/vipc
say manual
man vipc 2> /dev/null | sed -n '/^NAME/,+1p'
say completion
bash -c '. /usr/share/bash-completion/bash_completion
  _load_comp vipc 2> /dev/null || _comp_load vipc 2> /dev/null || __load_completion vipc
  complete -p vipc'
zsh -c 'autoload -U compinit; compinit -u -d /root/zcompdump; echo $_comps[vipc]'
fish -c 'complete -C "vipc comp"'

cp /packages/web.yaml /etc/vipc/services/
start_systemd
say started
inside '
  systemctl enable --now vipc 2> /dev/null
  systemctl is-active vipc
  nft list table ip kube-proxy' > /root/started
sed 1q /root/started
loaded < /root/started
say confined
inside '
  main=$(systemctl show vipc --value -p MainPID)
  [ "$(stat -c %u /proc/$main)" = 0 ] && echo root || echo "another user"
  sed -n "s/^CapBnd:.//p" /proc/$main/status'
say followed
cp /packages/api.yaml /etc/vipc/services/
inside 'until nft list table ip kube-proxy | grep "10.96.0.11 . tcp . 80"; do sleep 0.1; done' | loaded
say killed
inside '
  systemctl kill --signal=KILL vipc
  until [ "$(systemctl show vipc --value -p NRestarts)" = 1 ] && systemctl is-active vipc; do sleep 0.1; done' | tail -n 1
say upgraded
inside '
  before=$(systemctl show vipc --value -p MainPID)
  vipc --version
  apt-get install -y -qq /packages/newer.deb > /dev/null 2>&1
  vipc --version
  until systemctl is-active -q vipc; do sleep 0.1; done
  [ "$before" = "$(systemctl show vipc --value -p MainPID)" ] || echo restarted'
say stopped
inside '
  systemctl stop vipc
  nft list table ip kube-proxy' | loaded
say removed
inside '
  vipc cleanup > /dev/null 2>&1
  nft list tables
  systemctl start vipc
  apt-get remove -y -qq vipc > /dev/null 2>&1
  systemctl is-active vipc || true
  systemctl is-enabled vipc 2>&1 | grep -o "^not-found\\|No such file" || true
  ls /etc/vipc'
say purged
inside '
  rm /etc/vipc/services/*
  apt-get purge -y -qq vipc > /dev/null 2>&1
  systemctl list-unit-files --no-legend "vipc*" || true
  find /run /var/lib /etc -name "*vipc*"'
stop_systemd
files | diff /root/before - || true
`;
