#!/usr/bin/env bash
# Builds everything and runs every test. Ends with the line "N passed, N failed, N skipped".
#   bash tests/run.sh            all projects
#   bash tests/run.sh Codecs     only test projects whose name contains the word
set -euo pipefail
cd "$(dirname "$0")/.."

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 OMP_NUM_THREADS=1

# libgomp1: OpenMP for libtorch. swift: a real object store with an S3 interface. Only root can install; others are told what a test would miss.
missing=()
ldconfig -p | grep -q 'libgomp\.so\.1' || missing+=(libgomp1)
command -v node >/dev/null || missing+=(nodejs npm)
[ -d /usr/lib/python3/dist-packages/swift ] || missing+=(python3-swift)
if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ]; then
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null; } ||
      echo "could not be installed: ${missing[*]}; tests that need them are skipped" >&2
  else
    echo "not installed: ${missing[*]}; tests that need them are skipped" >&2
  fi
fi

# Independent peers: ws for the frame tests, tardis-dev for the messages of tardis-machine; yaml and kubernetes-models for the deployment files.
# In one go: npm prunes what it was not asked for.
peers() { npm install --prefix artifacts/node --silent --no-fund --no-audit --no-save "$@" >/dev/null; }
has() { for package in "$@"; do [ -d "artifacts/node/node_modules/$package" ] || return 1; done; }
if command -v npm >/dev/null && ! has ws tardis-dev yaml kubernetes-models; then
  mkdir -p artifacts/node
  peers ws@8 yaml@2 kubernetes-models@5 tardis-dev@13.35.3 ||
    { echo "npm could not install tardis-dev; tests against it are skipped" >&2 && peers ws@8 yaml@2 kubernetes-models@5; } ||
    { echo "npm could not install kubernetes-models; tests against it are skipped" >&2 && peers ws@8; } ||
    echo "npm could not install ws; tests against it are skipped" >&2
fi

dotnet build Crpbot.sln -c Release --nologo -v quiet -clp:NoSummary

results=artifacts/test-results
rm -rf "$results"
status=0
for project in tests/*/*.csproj; do
  name=$(basename "$project" .csproj)
  grep -q '<IsTestProject>true' "$project" || continue
  [[ $name == *"${1:-}"* ]] || continue
  echo "== $name"
  dotnet test "$project" -c Release --no-build --nologo -v quiet \
    --logger "trx;LogFileName=$name.trx" --logger "console;verbosity=minimal" --results-directory "$results" || status=1
done

counters() { { grep -ho "$1=\"[0-9]*\"" "$results"/*.trx || true; } | tr -dc '0-9\n' | awk '{n+=$1} END {print n+0}'; }
total=$(counters '<Counters total'); passed=$(counters ' passed'); failed=$(counters ' failed')
skipped=$((total - passed - failed))
if [ "$passed" = 0 ]; then status=1; fi
echo "$passed passed, $failed failed, $skipped skipped"
exit $status
