#!/usr/bin/env bash
# Makes the archive of a release and its bill of materials, the same bytes each time: Documentation/release.sh TAG [FOLDER]
#
# The archive is what git has under the tag: names in git's order, the commit's time, no owner, no time in the compression.
# The bill (CycloneDX 1.5) lists the libraries and programs of Package.swift, every data file with its hash and the
# licences beside it, and the toolchain that the package asks for. All is made twice, and compared. The bytes of the
# compression are those of this machine's gzip; SHA256SUMS has those of the archive before it, too.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tag=${1:?usage: Documentation/release.sh TAG [FOLDER]}
out=${2:-.build/release-$(tr / - <<< "$tag")}
commit=$(git rev-parse --verify "$tag^{commit}")
version=${tag##*/}
version=${version#v}
name=tapestry-$version
# The library and its Python package say the same, unless it is no release but a commit that is looked at.
for file in Sources/Training/Tapestry.swift Python/pyproject.toml; do
  said=$(git show "$commit:$file" | sed -n 's/.*version = "\(.*\)"/\1/p')
  if [[ $tag = v* && $said != "$version" ]]; then
    echo "release: $file says $said, but the tag $tag" >&2
    exit 1
  fi
done
mkdir -p "$out"
again=$(mktemp -d)
trap 'rm -rf "$again"' EXIT

make_all() {
  local to=$1
  (
    export LC_ALL=C TZ=UTC
    git -c core.autocrlf=false -c tar.umask=0022 archive --format=tar --prefix="$name/" "$commit" > "$to/$name.tar"
    gzip -9 -n -k -f "$to/$name.tar"
    mkdir -p "$to/tree"
    tar -xf "$to/$name.tar" -C "$to/tree"
    python3 Documentation/bill_of_materials.py "$to/tree/$name" "$version" "$commit" \
      "$(git show -s --format=%cI "$commit")" > "$to/$name.cdx.json"
    rm -rf "$to/tree"
    cd "$to"
    sha256sum "$name.tar" "$name.tar.gz" "$name.cdx.json" > SHA256SUMS
    rm "$name.tar"
  )
}

make_all "$out"
make_all "$again"
if ! cmp "$out/SHA256SUMS" "$again/SHA256SUMS"; then
  echo "release: the second archive has other bytes than the first" >&2
  exit 1
fi
cat "$out/SHA256SUMS"
echo "release: twice the same bytes, in $out"
