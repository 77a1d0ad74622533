"""Prints what a release is made of, as CycloneDX 1.5: bill_of_materials.py TREE VERSION COMMIT TIME

Package.swift is read by its own lines, so that the bill needs no toolchain; tree is the unpacked archive.
"""

import hashlib
import json
import pathlib
import re
import sys
import uuid

DATA = {".gz", ".tsv", ".csv", ".ts", ".dict", ".phones", ".symbols", ".vp", ".safetensors", ".npz", ".onnx"}


def digest(path):
    return [{"alg": "SHA-256", "content": hashlib.sha256(path.read_bytes()).hexdigest()}]


def licences_beside(path, root):
    """The licence texts of the nearest folder upwards that has any."""
    folder = path.parent
    while True:
        found = sorted(p for p in folder.glob("LICENSE*") if p.is_file())
        if found or folder == root:
            return [str(p.relative_to(root)) for p in found]
        folder = folder.parent


def main(tree, version, commit, time):
    root = pathlib.Path(tree)
    package = (root / "Package.swift").read_text()
    if re.search(r"\.package\(", package):
        sys.exit("bill_of_materials: Package.swift names packages, which this bill does not list")
    tools = re.search(r"swift-tools-version:\s*([\d.]+)", package).group(1)
    whole = f"tapestry@{version}"
    components = []
    for kind, name in sorted(set(re.findall(r'\.(library|executable)\(\s*name: "([^"]+)"', package))):
        components.append({
            "type": "library" if kind == "library" else "application", "bom-ref": f"{kind}:{name}", "name": name,
            "version": version, "licenses": [{"license": {"id": "Apache-2.0"}}]})
    for path in sorted(p for p in root.rglob("*") if p.is_file() and p.suffix in DATA):
        place = path.relative_to(root)
        if place.parts[0] not in ("Sources", "Tests", "Examples", "Benchmarks"):
            continue
        components.append({
            "type": "data", "bom-ref": f"file:{place}", "name": str(place), "hashes": digest(path),
            "licenses": [{"license": {"name": name}} for name in licences_beside(path, root)]})
    unlicensed = [c["name"] for c in components if not c["licenses"]]
    if unlicensed:
        sys.exit("bill_of_materials: no licence beside " + ", ".join(unlicensed))
    bill = {
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "serialNumber": "urn:uuid:" + str(uuid.uuid5(uuid.NAMESPACE_URL, f"tapestry/{version}/{commit}")),
        "metadata": {
            "timestamp": time,
            "component": {
                "type": "library", "bom-ref": whole, "name": "tapestry", "version": version,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
                "properties": [
                    {"name": "git:commit", "value": commit},
                    {"name": "swift:tools-version", "value": tools},
                    {"name": "swift:dependencies", "value": "none beside the toolchain's own libraries"}]}},
        "components": components,
        "dependencies": [{"ref": whole, "dependsOn": [c["bom-ref"] for c in components]}],
    }
    print(json.dumps(bill, indent=2, sort_keys=True))


main(*sys.argv[1:])
