#!/bin/sh
# Runs a command of this checkout in a virtual machine whose cgroups are all of version 2, by hand: no part of the suite.
# It sees this machine's files, read-only below a memory file system; what it writes is gone after. Needs qemu-system-x86, busybox-static
# and a Debian kernel, unpacked: apt-get download linux-image-VERSION-amd64 && dpkg -x linux-image-*.deb KERNEL
#   test/hard/cgroup-v2.sh KERNEL 'node --import tsx test/run.ts test/e2e/limits test/runtime/cgroup'
set -eu
kernel=$1
command=$2
top=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
initial=$work/initial
mkdir -p "$initial/bin" "$initial/modules" "$initial/proc" "$initial/sys" "$initial/dev" "$initial/lower" "$initial/upper" "$initial/root"
cp "$(command -v busybox)" "$initial/bin/busybox"

# What each module needs comes before it.
add_module() {
  file=$(find "$kernel/lib/modules" -name "$1.ko" | head -n 1)
  [ -n "$file" ] && [ ! -e "$initial/modules/$1.ko" ] || return 0
  cp "$file" "$initial/modules/$1.ko"
  for need in $(strings -a "$file" | sed -n 's/^depends=//p' | tr ',' ' '); do (add_module "$need"); done
  echo "$1" >> "$initial/order"
}
for module in crc32c_generic virtio_pci 9pnet_virtio 9p virtio_blk ext4 overlay erofs loop; do add_module "$module"; done

cat > "$initial/init" <<'END'
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t devtmpfs dev /dev
for module in $(cat /order); do insmod "/modules/$module.ko"; done
mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=512000,cache=loose host /lower
mount -t tmpfs -o size=1500m upper /upper; mkdir /upper/u /upper/w
mount -t overlay -o lowerdir=/lower,upperdir=/upper/u,workdir=/upper/w overlay /root
mount -t proc proc /root/proc; mount -t sysfs sysfs /root/sys; mount -t devtmpfs dev /root/dev
mkdir -p /root/dev/shm /root/dev/pts /root/vm
mount -t tmpfs shm /root/dev/shm; mount -t devpts -o ptmxmode=666 devpts /root/dev/pts; mount -t tmpfs run /root/run
mount -t ext4 /dev/vda /root/vm; mkdir -p /root/vm/tmp /root/vm/state /root/var/lib/slipway; chmod 1777 /root/vm/tmp
mount --bind /root/vm/state /root/var/lib/slipway
mount -t cgroup2 cgroup2 /root/sys/fs/cgroup; mkdir /root/sys/fs/cgroup/init; echo 1 > /root/sys/fs/cgroup/init/cgroup.procs
ip link set lo up
exec switch_root /root /bin/sh /vm/job
END
chmod +x "$initial/init"
(cd "$initial" && find . | busybox cpio -o -H newc 2> /dev/null | gzip -1) > "$work/initial.gz"

mkdir "$work/disk"
cat > "$work/disk/job" <<END
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TMPDIR=/vm/tmp
cd '$top' && $command
echo "ended with \$?"; sync; busybox poweroff -f
END
truncate -s 6G "$work/disk.img"
mkfs.ext4 -q -F -d "$work/disk" "$work/disk.img"
qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 4096 -display none -serial stdio -no-reboot \
  -kernel "$kernel"/boot/vmlinuz-* -initrd "$work/initial.gz" \
  -append 'console=ttyS0 panic=-1 quiet cgroup_no_v1=all' \
  -fsdev local,id=host,path=/,security_model=none,readonly=on,multidevs=remap -device virtio-9p-pci,fsdev=host,mount_tag=host \
  -drive "file=$work/disk.img,format=raw,if=virtio,cache=unsafe" < /dev/null
