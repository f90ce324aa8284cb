"""The vendored files are the ones that the manifest names, each with its licence."""

import json

import pytest
import vendor


def test_files_have_the_hashes_of_the_manifest():
    assert vendor.differences() == []


@pytest.mark.parametrize("folder", ["book/assets/vendor", "book/extension/vendor"])
def test_every_vendored_file_is_in_the_manifest(root, folder):
    packages = vendor.read_manifest()["packages"]
    named = {entry["path"] for package in packages for entry in package["files"]}
    named |= {package["licence_file"] for package in packages} | {"book/assets/vendor/manifest.json"}
    assert {path.relative_to(root).as_posix() for path in (root / folder).iterdir()} <= named


def test_every_package_has_its_licence(root):
    for package in vendor.read_manifest()["packages"]:
        text = (root / package["licence_file"]).read_text(encoding="utf-8")
        assert {"BSD-3-Clause": "Redistribution and use", "MIT": "MIT", "OFL-1.1": "SIL OPEN FONT LICENSE"}[
            package["licence"]
        ] in text


@pytest.mark.parametrize("change", ["alter", "remove"])
def test_a_changed_file_is_noticed(root, tmp_path, monkeypatch, change):
    manifest = vendor.read_manifest()
    for package in manifest["packages"]:
        for entry in package["files"]:
            copy = tmp_path / entry["path"]
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes((root / entry["path"]).read_bytes())
    copied = tmp_path / "book/assets/vendor/manifest.json"
    copied.write_text(json.dumps(manifest), encoding="utf-8")
    monkeypatch.setattr(vendor, "ROOT", tmp_path)
    monkeypatch.setattr(vendor, "MANIFEST", copied)
    assert vendor.differences() == []
    script = tmp_path / "book/assets/vendor/vega.min.js"
    if change == "alter":
        script.write_bytes(script.read_bytes() + b"\n")
    else:
        script.unlink()
    assert len(vendor.differences()) == 1
    assert "vega.min.js" in vendor.differences()[0]
