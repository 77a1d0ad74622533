#!/usr/bin/env bash
# Runs the batch script of the article on several ranks under SLURM: Tests/slurm.sh
#
# Starts a SLURM of one node, with a controller and daemons of its own in a temporary folder, and submits the script as it
# stands in Documentation/Tapestry.docc/SeveralRanks.md, for one node, one thread a rank and one epoch. Needs root;
# installs Debian's packages where it may. Where SLURM cannot be started it is skipped, with a word.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

skip() {
  echo "skipped: $1"
  exit 0
}

# What srun opens, `libpmix.so` without a version, is in the package for developers.
packages=(slurm-client slurmd slurmctld munge openmpi-bin libpmix-dev)
[ "$(id -u)" = 0 ] || skip "SLURM's daemons are started by root alone"
if ! command -v slurmctld slurmd munged srun mpirun.openmpi > /dev/null || ! dpkg -s libpmix-dev > /dev/null 2>&1; then
  command -v apt-get > /dev/null || skip "no SLURM is installed, and no apt-get"
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${packages[@]}"; } > /dev/null 2>&1 \
    || skip "${packages[*]} cannot be installed"
fi
if [ -z "${TAPESTRY_BUILT:-}" ]; then
  swift build -c release --product zoo || exit 1
fi
unset TAPESTRY_BUILT
tools=$PWD/.build/release
article=$PWD/Documentation/Tapestry.docc/SeveralRanks.md

folder=$(mktemp -d)
children=()
trap '[ ${#children[@]} -eq 0 ] || kill "${children[@]}" 2> /dev/null; wait; rm -rf "$folder"' EXIT
cd "$folder" || exit 1
chmod 755 .
mkdir state spool runs
head -c 1024 /dev/urandom > key
chmod 600 key
host=$(hostname)
cat > slurm.conf << END
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/socket
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
ReturnToService=2
SlurmctldPort=$((20000 + RANDOM % 10000))
SlurmdPort=$((30000 + RANDOM % 10000))
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES State=UP
END
export SLURM_CONF=$folder/slurm.conf

# daemon NAME COMMAND ...: starts one that stays this script's child.
daemon() {
  "${@:2}" > "$1.log" 2>&1 &
  children+=($!)
}
daemon munged munged --foreground --force --key-file=key --socket="$folder/socket" --pid-file="$folder/munged.pid" \
  --log-file="$folder/munged.log" --seed-file="$folder/seed"
for _ in $(seq 50); do [ -S socket ] && break || sleep 0.1; done
daemon slurmctld slurmctld -D -f "$SLURM_CONF"
daemon slurmd slurmd -D -f "$SLURM_CONF"
for _ in $(seq 100); do
  [ "$(sinfo -h -o %T 2> /dev/null)" = idle ] && break || sleep 0.1
done
if [ "$(sinfo -h -o %T 2> /dev/null)" != idle ]; then
  tail -n 5 ./*.log
  skip "SLURM does not start here"
fi

# The article's script, with a short training of a few pairs.
awk '/^```sh/ { inside = 1; text = ""; next } /^```/ { if (text ~ /#SBATCH/) printf "%s", text; inside = 0 }
  inside { text = text $0 "\n" }' "$article" | sed 's/--minutes [0-9]*/--epochs 1 --batch-size 4/' > job
grep -q '^srun .*zoo train' job || { echo "failed: the article has no batch script"; exit 1; }
for i in $(seq 40); do printf 'the cat %s sat\tle chat %s est là\n' "$i" "$i"; done > pairs.tsv
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
HOME=$folder PATH=$tools:$PATH timeout 120 sbatch --wait --nodes=1 --ntasks-per-node=2 --cpus-per-task=1 --time=5 \
  --output=said job
status=$?
if [ $status = 0 ] && [ -s runs/first/scores.json ] && [ "$(grep -c '^finished after' said)" = 1 ]; then
  echo "SLURM $(srun --version | cut -d' ' -f2): the article's script has trained, with two ranks"
  exit 0
fi
echo "failed: the article's script under SLURM, status $status"
tail -n 30 said ./*.log
exit 1
