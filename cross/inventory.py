#!/usr/bin/env python3
"""Writes what is linked into one target's binary: sbom.cdx.json (CycloneDX 1.5) and LICENSES.txt.

inventory.py TARGET RUSTC ZIG_LIB OUT_DIR PROGRAM. Cargo says what is linked (no build scripts, no procedural macros, no
tests); the C libraries that come with the compiler are added by hand. The same commit gives the same bytes.
"""

import datetime
import json
import os
import pathlib
import re
import subprocess
import sys
import tomllib
import uuid

ROOT = pathlib.Path(__file__).resolve().parent.parent
TEXTS = re.compile(r"(?i)^(licen[cs]e|copying|copyright|notice|unlicense)")

# The C that zig links into every static binary, with the file of its licence under zig's lib folder.
C_LIBRARIES = [
    ("musl", "MIT", "libc/musl/COPYRIGHT", "https://musl.libc.org/"),
    ("libunwind", "Apache-2.0 WITH LLVM-exception", "libunwind/LICENSE.TXT", "https://github.com/llvm/llvm-project"),
]


def cargo(*arguments):
    done = subprocess.run(["cargo", *arguments], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


def linked(target, program):
    """(name, version) of every crate whose code can be in the binary."""
    tree = cargo("tree", "--locked", "--package", program, "-e", "normal,no-proc-macro", "--target", target, "--prefix", "none", "--format", "{p}")
    found = set()
    for line in tree.splitlines():
        if line and "(proc-macro)" not in line:
            name, version = line.split()[:2]
            found.add((name, version.removeprefix("v")))
    return found


def checksums():
    lock = tomllib.loads((ROOT / "Cargo.lock").read_text())
    return {(p["name"], p["version"]): p.get("checksum") for p in lock["package"]}


def expression(package):
    """Old manifests write `A/B` for `A OR B`."""
    return (package["license"] or "NOASSERTION").replace("/", " OR ")


def texts_in(folder):
    files = [f for f in sorted(folder.iterdir()) if f.is_file() and TEXTS.match(f.name)]
    return [f.read_text(errors="replace").strip() for f in files]


def crates(target, program):
    wanted = linked(target, program)
    metadata = json.loads(cargo("metadata", "--locked", "--format-version", "1", "--filter-platform", target))
    packages = {p["id"]: p for p in metadata["packages"] if (p["name"], p["version"]) in wanted}
    edges = {}
    for node in metadata["resolve"]["nodes"]:
        if node["id"] in packages:
            normal = [d["pkg"] for d in node["deps"] if any(k["kind"] is None for k in d["dep_kinds"])]
            edges[node["id"]] = [d for d in normal if d in packages]
    return packages, edges


def reference(package):
    """The package URL. Ours are not on crates.io, where those names may be somebody else's."""
    kind = "cargo" if package["source"] else "generic"
    return f"pkg:{kind}/{package['name']}@{package['version']}"


def component(package, sums):
    shape = {
        "type": "library",
        "bom-ref": reference(package),
        "name": package["name"],
        "version": package["version"],
        "purl": reference(package),
        "licenses": [{"expression": expression(package)}],
    }
    if package["description"]:
        shape["description"] = " ".join(package["description"].split())
    digest = sums.get((package["name"], package["version"]))
    if digest:
        shape["hashes"] = [{"alg": "SHA-256", "content": digest}]
    if package["repository"]:
        shape["externalReferences"] = [{"type": "vcs", "url": package["repository"]}]
    return shape


def musl_version(zig_lib):
    """As musl says it itself, in the copy that is linked."""
    text = (zig_lib / "libc/musl/src/internal/version.h").read_text()
    return re.search(r'"([0-9][^"]*)"', text).group(1)


def commit():
    """The commit that is built, where there is one; an unpacked source has its date alone."""
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return done.stdout.strip() or os.environ["SOURCE_DATE_EPOCH"]


def serial_number(own, target):
    """A name for this document that the same commit gives again (RFC 9562, version 5)."""
    name = f"{reference(own)}#{commit()}/{target}"
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, name)}"


def toolchain(rustc, zig_version, zig_lib):
    """The standard library and the C libraries: their versions are their compilers'."""
    release = re.search(r"^release: (\S+)", subprocess.run(
        [rustc, "-vV"], check=True, stdout=subprocess.PIPE, text=True).stdout, re.M).group(1)
    std = {
        "type": "framework", "bom-ref": f"pkg:generic/rust-std@{release}", "name": "rust-std", "version": release,
        "purl": f"pkg:generic/rust-std@{release}", "licenses": [{"expression": "MIT OR Apache-2.0"}],
        "externalReferences": [{"type": "vcs", "url": "https://github.com/rust-lang/rust"}],
    }
    versions = {"musl": musl_version(zig_lib)}
    c = []
    for name, licence, _, home in C_LIBRARIES:
        version = versions.get(name, f"zig-{zig_version}")
        c.append({
            "type": "library", "bom-ref": f"pkg:generic/{name}@{version}", "name": name, "version": version,
            "purl": f"pkg:generic/{name}@{version}", "licenses": [{"expression": licence}],
            "externalReferences": [{"type": "website", "url": home}],
            "properties": [{"name": "signet:from", "value": f"zig {zig_version}"}],
        })
    return [std, *c]


def sbom(target, packages, edges, extra, program):
    sums = checksums()
    own = next(p for p in packages.values() if p["name"] == program)
    when = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.timezone.utc)
    others = sorted((p for p in packages.values() if p is not own), key=reference)
    dependencies = [{
        "ref": reference(p), "dependsOn": sorted({reference(packages[d]) for d in edges[p["id"]]})
    } for p in [own, *others]]
    dependencies[0]["dependsOn"] += [c["bom-ref"] for c in extra]
    subject = component(own, sums) | {"type": "application"}
    subject["properties"] = [{"name": "signet:target", "value": target}]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": serial_number(own, target),
        "version": 1,
        "metadata": {"timestamp": when.strftime("%Y-%m-%dT%H:%M:%SZ"), "component": subject},
        "components": [component(p, sums) for p in others] + extra,
        "dependencies": dependencies,
    }


def licences(packages, extra, zig_lib, program):
    """A table, then each text once with the names of those that carry it."""
    ordered = sorted(packages.values(), key=reference)
    rows = [(f"{p['name']} {p['version']}", expression(p)) for p in ordered]
    rows += [(f"{c['name']} {c['version']}", c["licenses"][0]["expression"]) for c in extra]
    carriers = {}
    for package in ordered:
        for text in texts_in(pathlib.Path(package["manifest_path"]).parent):
            carriers.setdefault(text, []).append(f"{package['name']} {package['version']}")
    for name, _, file, _ in C_LIBRARIES:
        path = zig_lib / file
        if path.exists():
            carriers.setdefault(path.read_text(errors="replace").strip(), []).append(name)
    wide = max(len(name) for name, _ in rows)
    lines = [f"What is linked into {program}, and its licences.", ""]
    lines += [f"{name:<{wide}}  {licence}" for name, licence in rows]
    for text, names in sorted(carriers.items(), key=lambda item: item[1]):
        lines += ["", "=" * 78, ", ".join(dict.fromkeys(names)), "=" * 78, "", text]
    return "\n".join(lines) + "\n"


def main():
    target, rustc, zig, out, program = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]), pathlib.Path(sys.argv[4]), sys.argv[5]
    zig_version = subprocess.run([zig / "zig", "version"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    packages, edges = crates(target, program)
    extra = toolchain(rustc, zig_version, zig / "lib")
    (out / "sbom.cdx.json").write_text(json.dumps(sbom(target, packages, edges, extra, program), indent=1, ensure_ascii=False) + "\n")
    (out / "LICENSES.txt").write_text(licences(packages, extra, zig / "lib", program))


main()
