#!/usr/bin/env bash
# NOT SUBMITTED where it was written (no Slurm there): see README.md beside it. From the root of a clone:
#   sbatch docs/recipes/slurm.sh studies/acute.toml
#SBATCH --job-name=ranktrust
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=4
#SBATCH --mem=16G
#SBATCH --time=02:00:00
#SBATCH --output=ranktrust-%j.log
#SBATCH --requeue
set -euo pipefail
cd "${SLURM_SUBMIT_DIR:-.}"

# One thread a worker: as many workers as cores. A requeued job goes on from what was finished.
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 NUMBA_NUM_THREADS=1
export NUMBA_CACHE_DIR="${SLURM_TMPDIR:-/tmp}/numba-${SLURM_JOB_ID:-0}"

exec .venv/bin/ranktrust run "${1:-studies/acute.toml}" --workers "${SLURM_CPUS_PER_TASK:-4}" --json
