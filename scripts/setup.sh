# What scripts/demo and scripts/test need, made here: sourced by both, run from the project's folder.
# Says nothing where there is nothing to do.

NODE_NEEDED=20.19
KERNEL_TOOLS=(iptables-nft-restore iptables-legacy-restore nft ip conntrack nfacct unshare nsenter)
# Comes with the libraries that programs for arm64 need.
ARM64_LOADER=/usr/aarch64-linux-gnu/lib/ld-linux-aarch64.so.1
declare -A PACKAGE_OF=(
  [iptables-nft-restore]=iptables [iptables-legacy-restore]=iptables [nft]=nftables [ip]=iproute2
  [conntrack]=conntrack [nfacct]=nfacct [unshare]=util-linux [nsenter]=util-linux
  [chromium]=chromium [zsh]=zsh [fish]=fish [mandoc]=mandoc [mmdebstrap]=mmdebstrap
  [qemu-aarch64-static]=qemu-user-static ["$ARM64_LOADER"]=libstdc++6-arm64-cross
)

# A plain PATH leaves out where the tools of netfilter are.
export PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

say() { printf '%s\n' "$*" >&2; }

# Ends the script (69, EX_UNAVAILABLE) where Node.js or npm is missing or too old.
require_node() {
  local found
  command -v node >/dev/null || { say "missing: Node.js $NODE_NEEDED or newer (https://nodejs.org)"; exit 69; }
  command -v npm >/dev/null || { say "missing: npm, which comes with Node.js (Debian: apt-get install npm)"; exit 69; }
  found=$(node --version)
  if [[ $(printf '%s\n' "v$NODE_NEEDED" "$found" | sort -V | head -n 1) != "v$NODE_NEEDED" ]]; then
    say "missing: Node.js $NODE_NEEDED or newer; this is $found"
    exit 69
  fi
}

# Installs the npm packages of the lock file unless they are there.
install_npm_packages() {
  if [[ ! -e node_modules/.package-lock.json || package-lock.json -nt node_modules/.package-lock.json ]]; then
    say 'installing npm packages'
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2 || { say 'npm ci failed'; exit 69; }
  fi
}

# Installs them where there are none. For scripts that do one thing: what is installed serves, and a lock file that is
# newer changes nothing for them.
need_npm_packages() { [[ -d node_modules/tsx ]] || install_npm_packages; }

# Installs the releases of Node.js that the package is tried with, where there are any for this machine.
install_node_versions() {
  local folder=.ci/node-versions
  [[ $folder/package-lock.json -nt $folder/node_modules/.package-lock.json ]] || return 0
  say 'installing releases of Node.js'
  npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund --loglevel=error >&2 || say 'they are missing'
}

# Compiles src/ to dist/, where the command and the package are.
build() { npm run --silent build; }

# missing_packages TOOL...: the packages that those come in which are missing.
missing_packages() {
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null || echo "${PACKAGE_OF[$tool]}"
  done | sort -u
}

# install_tools PURPOSE TOOL...: installs missing tools where it may; otherwise says exactly what is missing. Never
# ends the script: what needs the tools says so itself.
install_tools() {
  local purpose=$1 packages
  shift
  mapfile -t packages < <(missing_packages "$@")
  ((${#packages[@]})) || return 0
  if [[ $EUID -eq 0 ]] && command -v apt-get >/dev/null; then
    say "installing ${packages[*]}"
    apt-get update -qq >&2 || true
    # One at a time: a release without one of them still gets the others.
    local package
    for package in "${packages[@]}"; do
      DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >/dev/null || true
    done
    mapfile -t packages < <(missing_packages "$@")
    ((${#packages[@]})) || return 0
  fi
  say "missing for $purpose: ${packages[*]} (as root: apt-get install ${packages[*]})"
}

install_kernel_tools() { install_tools 'the kernel' "${KERNEL_TOOLS[@]}"; }

# The shells whose completion is tried, beside bash, and what reads the man page.
install_shells() { install_tools 'tests of completion and the man page' zsh fish mandoc; }

# The browser in which the page of a report is tested.
install_browser() { install_tools 'tests of the page of a report' chromium; }

# What installs a minimal Debian, and runs programs for arm64.
install_other_machines() { install_tools 'packages on other machines' mmdebstrap qemu-aarch64-static "$ARM64_LOADER"; }
